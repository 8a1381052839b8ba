"""The writers of agreements: one module for each kind of paper or act."""

from agreements.actions.instruments import (
    SIGNING_FIELDS,
    missing_for,
    note_imported,
    push_down,
    refresh_all,
    rules,
    set_state,
    sign_together,
)
from agreements.actions.reminders import remind_all

__all__ = [
    "SIGNING_FIELDS",
    "missing_for",
    "note_imported",
    "push_down",
    "refresh_all",
    "remind_all",
    "rules",
    "set_state",
    "sign_together",
]
