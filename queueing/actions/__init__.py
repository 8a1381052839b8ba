"""The writers of the day. Nothing else changes a line, a number or a counter."""

from queueing.actions.calling import (
    call_next,
    cancel,
    finish,
    hold,
    mark_no_show,
    recall,
    requeue,
    resume,
    start,
    transfer,
)
from queueing.actions.closing import close_past_days
from queueing.actions.issuing import issue_ticket
from queueing.actions.lines import lift_quotas
from queueing.actions.sessions import close_counter, open_counter

__all__ = [
    "call_next",
    "cancel",
    "close_counter",
    "close_past_days",
    "finish",
    "hold",
    "issue_ticket",
    "lift_quotas",
    "mark_no_show",
    "open_counter",
    "recall",
    "requeue",
    "resume",
    "start",
    "transfer",
]
