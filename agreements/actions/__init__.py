"""The writers of agreements: one module for each kind of paper or act."""

from agreements.actions.findings import answer_finding, close_finding, record_finding, reopen_finding
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
    "answer_finding",
    "close_finding",
    "missing_for",
    "note_imported",
    "push_down",
    "record_finding",
    "refresh_all",
    "remind_all",
    "reopen_finding",
    "rules",
    "set_state",
    "sign_together",
]
