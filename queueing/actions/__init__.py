"""The writers of the day. Nothing else changes a line, a number or a counter."""

from queueing.actions.blocks import lease, return_block, sync
from queueing.actions.calling import call_next, call_number, recall
from queueing.actions.closing import carry_leftovers, carry_over, close_past_days
from queueing.actions.issuing import issue_ticket
from queueing.actions.lines import lift_quotas
from queueing.actions.paper import enter_paper
from queueing.actions.pool import apply_quota
from queueing.actions.serving import (
    cancel,
    expire,
    finish,
    hold,
    mark_no_show,
    prioritise,
    re_enter,
    requeue,
    resume,
    start,
    transfer,
    undo,
)
from queueing.actions.sessions import close_counter, go_on, open_counter, pause
from queueing.actions.telling import tell_trouble
from queueing.actions.visits import join, start_visit

__all__ = [
    "apply_quota",
    "call_next",
    "call_number",
    "cancel",
    "carry_leftovers",
    "carry_over",
    "close_counter",
    "close_past_days",
    "enter_paper",
    "expire",
    "finish",
    "go_on",
    "hold",
    "issue_ticket",
    "join",
    "lease",
    "lift_quotas",
    "mark_no_show",
    "open_counter",
    "pause",
    "prioritise",
    "re_enter",
    "recall",
    "requeue",
    "resume",
    "return_block",
    "start",
    "start_visit",
    "tell_trouble",
    "sync",
    "transfer",
    "undo",
]
