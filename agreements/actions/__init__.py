"""The writers of agreements: one module for each kind of paper or act."""

from agreements.actions.instruments import SIGNING_FIELDS, missing_for, push_down, refresh_all, set_state

__all__ = ["SIGNING_FIELDS", "missing_for", "push_down", "refresh_all", "set_state"]
