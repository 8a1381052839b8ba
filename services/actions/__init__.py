"""The writers of dated openings, of the calendar, of trouble and of files in process."""

from services.actions.days import Filled, fill_calendar, open_specially, withdraw_special_openings
from services.actions.seasons import set_season, withdraw_season
from services.actions.submissions import forget_ended, receive, take_step, tell_late, withdraw
from services.actions.troubles import end_disruption, extend_disruption, start_disruption
from services.actions.weeks import Hours, follow_week

__all__ = [
    "Filled",
    "Hours",
    "end_disruption",
    "extend_disruption",
    "fill_calendar",
    "follow_week",
    "forget_ended",
    "open_specially",
    "receive",
    "set_season",
    "start_disruption",
    "take_step",
    "tell_late",
    "withdraw",
    "withdraw_season",
    "withdraw_special_openings",
]
