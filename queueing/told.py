"""How the holder of a number, a booking or a file is told, as their pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpp.notifications import channels, ways
from mpp.notifications.enums import Kind
from mpp.notifications.models import Stop, Way
from queueing import booking_notifications, notifications
from queueing.models import Booking, Ticket
from services import notifications as file_notifications
from services.models import Submission


@dataclass(frozen=True)
class Told:
    """The ways that are chosen; without any, whether there are some to choose from."""

    ways: Sequence[Way]
    can_choose: bool

    @property
    def by_message(self) -> Way | None:
        """Return the way that sends to a number or an address."""
        return next((way for way in self.ways if way.channel != Kind.PUSH), None)

    @property
    def by_browser(self) -> bool:
        """Tell whether a browser is told."""
        return any(way.channel == Kind.PUSH for way in self.ways)


def of_ticket(ticket: Ticket) -> Told:
    """Return how the holder of this number is told: no query for the many who chose nothing."""
    chosen = ways.current(notifications.holder_of(ticket)) if ticket.is_told else []
    return Told(chosen, bool(channels.offered()))


def of_booking(booking: Booking) -> Told:
    """Return how the holder of this booking is told: one query."""
    return Told(ways.current(booking_notifications.holder_of(booking)), bool(channels.offered()))


def of_file(file: Submission) -> Told:
    """Return how whoever handed in this file is told: one query."""
    return Told(ways.current(file_notifications.holder_of(file)), bool(channels.offered()))


def is_stopped(told: Told) -> bool:
    """Tell whether the holder has answered with a stop word since they chose: one query."""
    way = told.by_message
    return way is not None and Stop.objects.filter(recipient=way.recipient, at__gte=way.consented_at).exists()
