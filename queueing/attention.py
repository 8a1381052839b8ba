"""What of the day waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from mpp.core.attention import Attention, Reach, Urgency
from queueing.models import CounterSession, WaitingBlock


def unattended(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield agencies for which people wait while none of their counters is open."""
    manned = CounterSession.objects.open().filter(date=day)
    blocks = WaitingBlock.objects.filter(line__date=day, waiting__gt=0)
    blocks = blocks.exclude(line__queue__agency__in=manned.values("agency"))
    if reach is not None:
        blocks = blocks.filter(line__queue__agency__in=reach)
    rows = blocks.order_by().values_list("line__queue__agency__short_name").annotate(people=Sum("waiting"))
    for agency, people in rows:
        yield Attention(
            Urgency.NOW,
            _("%(agency)s: %(people)d orang menunggu, belum ada loket yang buka.")
            % {"agency": agency, "people": people},
            _("Buka lantai") if reach is None else _("Buka loket"),
            reverse("floor") if reach is None else reverse("console"),
            rank=-people,
        )
