"""The writers of agreements: one module for each kind of paper or act."""

from agreements.actions.files import keep_file
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
from agreements.actions.meetings import make_work_item
from agreements.actions.milestones import move_plan, note_actual
from agreements.actions.readiness import claim, send_back, verify
from agreements.actions.reminders import remind_all
from agreements.actions.trial import begin_planned, cancel_plan, end_trial, extend_trial, start_trial
from agreements.actions.workplan import move_due, report_progress

__all__ = [
    "SIGNING_FIELDS",
    "answer_finding",
    "begin_planned",
    "cancel_plan",
    "claim",
    "close_finding",
    "end_trial",
    "extend_trial",
    "keep_file",
    "make_work_item",
    "missing_for",
    "move_due",
    "move_plan",
    "note_actual",
    "note_imported",
    "push_down",
    "record_finding",
    "refresh_all",
    "remind_all",
    "reopen_finding",
    "report_progress",
    "rules",
    "send_back",
    "set_state",
    "sign_together",
    "start_trial",
    "verify",
]
