"""Booked times in tests: a line that takes bookings on a Monday at ten, and what must add up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.test import Client

from mpp.core import clock
from queueing.actions import booking as acts
from queueing.enums import BookingState, ShareName, TicketState
from queueing.models import Booking, EarlierWish, PlaceReturn, Queue, Share, Slot, SlotReturn, Ticket
from tests.conftest import Place
from tests.queueing.pages import MONDAY_10, keep_office_hours

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
# Monday at ten is now; these are still to come.
AT_11 = MONDAY_10 + HOUR
AT_13 = MONDAY_10 + 3 * HOUR
TUESDAY_9 = MONDAY_10 + 23 * HOUR
TUESDAY_10 = MONDAY_10 + 24 * HOUR
FRIDAY_10 = MONDAY_10 + timedelta(days=4)


def takes_bookings(place: Place, **fields: Any) -> Queue:
    """Let the line take bookings: Monday to Thursday, 08.00 to 15.00, two people per half hour."""
    keep_office_hours()
    for name, value in ({"takes_bookings": True, "slot_capacity": 2} | fields).items():
        setattr(place.queue, name, value)
    place.queue.save()
    return place.queue


def book(place: Place, starts_at: datetime = AT_11, at: datetime = MONDAY_10, **fields: Any) -> Booking:
    """A booking made at `at`."""
    with clock.frozen(at):
        return acts.book(service=place.service, starts_at=starts_at, **fields)


def fill(place: Place, starts_at: datetime = AT_11, count: int = 2) -> list[Booking]:
    """Bookings of as many people as there are places."""
    return [book(place, starts_at) for _ in range(count)]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock."""
    with clock.frozen(moment):
        yield


def fresh(booking: Booking) -> Booking:
    """The booking as it is stored now."""
    return Booking.objects.select_related("slot__queue", "service__agency", "ticket").get(pk=booking.pk)


def get(client: Client, path: str, status: int = 200, moment: datetime = MONDAY_10) -> str:
    """The words of a page."""
    with at(moment):
        response = client.get(path)
    assert response.status_code == status, path
    return words(response)


def post(client: Client, path: str, moment: datetime = MONDAY_10, **fields: Any) -> Response:
    """The answer to a form."""
    with at(moment):
        return client.post(path, fields)


def words(response: Response) -> str:
    """An answer without its line breaks."""
    return " ".join(response.content.decode().split())


def assert_places_add_up() -> None:
    """Every taken place of a time or of the booked share belongs to exactly one person, offer or return."""
    for slot in Slot.objects.all():
        people = Booking.objects.filter(slot=slot).exclude(state=BookingState.CANCELLED).count()
        offers = EarlierWish.objects.filter(offered=slot).count()
        returns = SlotReturn.objects.filter(slot=slot).count()
        assert slot.taken == people + offers + returns, f"{slot}: {slot.taken}"
    for share in Share.objects.filter(name=ShareName.BOOKED, line__quota__isnull=False):
        open_or_missed = [BookingState.BOOKED, BookingState.EXPIRED]
        holders = [
            Booking.objects.filter(share=share, state__in=open_or_missed).count(),
            Ticket.objects.filter(share=share).exclude(state=TicketState.CANCELLED).count(),
            EarlierWish.objects.filter(offered_share=share).count(),
            SlotReturn.objects.filter(share=share).count(),
            PlaceReturn.objects.filter(share=share).count(),
        ]
        assert share.taken == sum(holders), f"{share}: {share.taken} {holders}"
