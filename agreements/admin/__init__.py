"""The tables of agreements in the admin: one module for each kind of paper or act."""

from agreements.admin import instruments, promises, rules

__all__ = ["instruments", "promises", "rules"]
