"""The coming days in words: what the rules make of the hours, for whoever edits them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from mpp.core import revision
from services.opening import schedule_at
from services.policy import DayPlan
from tenants.enums import Weekday

DAYS = 15


@dataclass(frozen=True)
class PreviewDay:
    """One date: its hours, its break and last number, whose row decided, and why it differs."""

    day: date
    weekday: str
    is_open: bool
    hours: str
    pause: str
    last_number: str
    whose: str
    note: str


def coming_days(agency_id: int | None = None, service_id: int | None = None) -> list[PreviewDay]:
    """Return today and the fourteen days to come for the mall, an agency or a service of it."""
    instant = revision.read()
    schedule = schedule_at(instant)
    days = (instant.day + timedelta(days=ahead) for ahead in range(DAYS))
    return [_preview(day, schedule.plan(day, agency_id, service_id)) for day in days]


def _preview(day: date, plan: DayPlan) -> PreviewDay:
    return PreviewDay(
        day=day,
        weekday=str(Weekday(day.isoweekday()).label),
        is_open=bool(plan.spans),
        hours=_hours(day, plan),
        pause=f"{plan.spans[0][1]:%H.%M}–{plan.spans[1][0]:%H.%M}" if len(plan.spans) > 1 else "",
        last_number=f"{plan.last_number:%H.%M}" if plan.last_number else "",
        whose=str(plan.scope.label) if plan.scope else "",
        note=plan.reason or plan.special or plan.season,
    )


def _hours(day: date, plan: DayPlan) -> str:
    if plan.opens is None or plan.closes is None:
        return _("tutup")
    end = f"{plan.closes:%H.%M}" if plan.closes.date() == day else "24.00"
    return f"{plan.opens:%H.%M}–{end}"
