"""The fairness report, open to everyone (trust.md U-30)."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from mpp.core import clock
from mpp.core.errors import NotFound
from queueing import rules
from queueing.fairness import MOST_LISTED, report_of
from queueing.models import QueueDay
from queueing.views.public import public_page


@public_page
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show how the lines are called, and how today goes so far."""
    return _page(request, clock.today())


@public_page
@require_safe
def on_day(request: HttpRequest, day: str) -> HttpResponse:
    """Show the report of an earlier date, written 2026-11-23; what is no past date is 404."""
    wanted = _date(day)
    if wanted is None or wanted > clock.today():
        raise NotFound
    return _page(request, wanted)


def _date(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    # Nothing but the one way to write it: each report has one address.
    return found if found and found.isoformat() == text else None


def _page(request: HttpRequest, day: date) -> HttpResponse:
    at = clock.now()
    context = {
        "report": report_of(day),
        "at": at,
        "is_today": day == clock.local(at).date(),
        "hall": rules.hall(),
        "most": MOST_LISTED,
        "before": _last_day_before(day),
        "after": day + timedelta(days=1) if day < clock.local(at).date() else None,
    }
    return render(request, "queueing/fairness.html", context)


def _last_day_before(day: date) -> date | None:
    """Return the last earlier date on which any line was open."""
    return QueueDay.objects.filter(date__lt=day).order_by("-date").values_list("date", flat=True).first()
