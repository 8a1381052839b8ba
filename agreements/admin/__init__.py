"""The tables of agreements in the admin: one module for each kind of paper or act."""

from agreements.admin import instruments

__all__ = ["instruments"]
