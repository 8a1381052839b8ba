"""The writers of the day. Nothing else changes a line, a number or a counter."""

from queueing.actions.advising import advise, ask_advice
from queueing.actions.announcing import announce, end_announcement
from queueing.actions.attending import ask_officers, close_for, go_on_for, open_for, pause_for
from queueing.actions.blocks import lease, return_block, sync
from queueing.actions.calling import call_next, call_number, recall
from queueing.actions.closed_times import note_closed, settle_closed
from queueing.actions.closing import carry_leftovers, carry_over, close_past_days
from queueing.actions.consenting import choose_way, give_up_ways
from queueing.actions.desk_screens import lock_screen, note_hand, unlock_screen
from queueing.actions.extra import add_quota
from queueing.actions.forgetting import forget, forget_booking, forget_past, forget_wish
from queueing.actions.going_first import go_first, go_in_turn, set_first_of_booking
from queueing.actions.helping import answer_help, call_help, withdraw_help
from queueing.actions.issuing import issue_ticket
from queueing.actions.lines import lift_quotas
from queueing.actions.moving import move_counter, put_back, put_back_yesterdays
from queueing.actions.paper import enter_paper
from queueing.actions.pool import apply_quota, follow_quota
from queueing.actions.postponing import postpone
from queueing.actions.serving import (
    cancel,
    expire,
    finish,
    hold,
    mark_no_show,
    prioritise,
    requeue,
    resume,
    start,
    transfer,
    undo,
    void_unprinted,
)
from queueing.actions.sessions import close_counter, go_on, open_counter, pause
from queueing.actions.standing import re_enter, step_back
from queueing.actions.telling import remind_bookings, tell_nearing, tell_trouble
from queueing.actions.visits import join, start_visit
from queueing.actions.wishing import tell_numbers_again, wish_number

__all__ = [
    "add_quota",
    "advise",
    "announce",
    "answer_help",
    "apply_quota",
    "ask_advice",
    "ask_officers",
    "call_help",
    "call_next",
    "call_number",
    "cancel",
    "carry_leftovers",
    "carry_over",
    "choose_way",
    "close_counter",
    "close_for",
    "close_past_days",
    "end_announcement",
    "enter_paper",
    "expire",
    "finish",
    "follow_quota",
    "forget",
    "forget_booking",
    "forget_past",
    "forget_wish",
    "give_up_ways",
    "go_first",
    "go_in_turn",
    "go_on",
    "go_on_for",
    "hold",
    "issue_ticket",
    "join",
    "lease",
    "lift_quotas",
    "lock_screen",
    "mark_no_show",
    "move_counter",
    "note_closed",
    "note_hand",
    "open_counter",
    "open_for",
    "pause",
    "pause_for",
    "postpone",
    "prioritise",
    "put_back",
    "put_back_yesterdays",
    "re_enter",
    "recall",
    "remind_bookings",
    "requeue",
    "resume",
    "return_block",
    "set_first_of_booking",
    "settle_closed",
    "start",
    "start_visit",
    "step_back",
    "sync",
    "tell_nearing",
    "tell_numbers_again",
    "tell_trouble",
    "transfer",
    "undo",
    "unlock_screen",
    "void_unprinted",
    "wish_number",
    "withdraw_help",
]
