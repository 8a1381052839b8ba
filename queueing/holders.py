"""Whose the places are: every taken place of a share or a time belongs to one person, offer or return.

Each is counted in one statement, that is at one moment: a place may change hands meanwhile, but it is
counted once.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from queueing.enums import BookingState, TicketState
from queueing.models import Booking, EarlierWish, PlaceReturn, Share, Slot, SlotReturn, Ticket


def with_holders(shares: QuerySet[Share]) -> QuerySet[Any]:
    """Return these shares, each with `held`: how many of its places are held or still to come back."""
    return shares.annotate(
        held=_count(Ticket.objects.exclude(state=TicketState.CANCELLED), "share")
        + _count(Booking.objects.filter(state__in=[BookingState.BOOKED, BookingState.EXPIRED]), "share")
        + _count(EarlierWish.objects.all(), "offered_share")
        + _count(SlotReturn.objects.all(), "share")
        + _count(PlaceReturn.objects.all(), "share")
    )


def slots_with_holders(slots: QuerySet[Slot]) -> QuerySet[Any]:
    """Return these times, each with `held`: how many of its places are held or still to come back."""
    return slots.annotate(
        held=_count(Booking.objects.exclude(state=BookingState.CANCELLED), "slot")
        + _count(EarlierWish.objects.all(), "offered")
        + _count(SlotReturn.objects.all(), "slot")
    )


def _count(rows: QuerySet[Any], column: str) -> Coalesce:
    of_one = rows.filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(of_one.annotate(places=Count("pk")).values("places")), 0)
