"""Agreeing to be told, and no longer: for a number, a booking or a file, by its holder."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from mpp.core.errors import Refusal
from mpp.notifications import ways
from mpp.notifications.enums import BY_PHONE
from queueing import booking_notifications, notifications
from queueing.models import Booking, Ticket, ToldLine
from services import notifications as file_notifications
from services.models import Submission

# Whoever writes down one address after another means other people's.
MOST_WAYS = 6


def choose_way(
    *, ticket: Ticket, channel: str, recipient: str, words: str, keys: Mapping[str, str] | None = None
) -> None:
    """Let the holder of a number be told this way, which they agreed to in these `words`; twice is once.

    A telephone takes the place of the one that was known, which may have been wrong. Their number comes at
    once, so that they see that it works. Raises `Refusal` (409) for the seventh way.
    """
    with transaction.atomic():
        _choose(notifications.holder_of(ticket), channel, recipient, words, keys)
        known = _known(channel, recipient)
        Ticket.objects.filter(pk=ticket.pk).update(is_told=True, **known)
        ticket.is_told = True
        notifications.number_given(ticket)
        # Somebody near the front is told without waiting for the line to move.
        ToldLine.objects.filter(line=ticket.line_id).delete()


def choose_way_of_booking(
    *, booking: Booking, channel: str, recipient: str, words: str, keys: Mapping[str, str] | None = None
) -> None:
    """Let the holder of a booking be told this way; as `choose_way`."""
    with transaction.atomic():
        _choose(booking_notifications.holder_of(booking), channel, recipient, words, keys)
        if known := _known(channel, recipient):
            Booking.objects.filter(pk=booking.pk).update(**known)
        booking_notifications.moved(booking)


def _choose(holder: str, channel: str, recipient: str, words: str, keys: Mapping[str, str] | None) -> None:
    if ways.chosen_so_far(holder) >= MOST_WAYS:
        raise Refusal(
            "too_many_ways", _("Cara dikabari terlalu sering diganti. Lihat giliran di halaman Anda.")
        )
    ways.choose(
        holder=holder,
        channel=channel,
        recipient=recipient,
        words=words,
        language=notifications.language(),
        keys=keys,
    )


def _known(channel: str, recipient: str) -> dict[str, str]:
    """Return the telephone by which a lost link is found from now on; nothing for an e-mail or a browser."""
    return {"phone": recipient} if channel in BY_PHONE else {}


def give_up_ways(*, ticket: Ticket) -> None:
    """Tell the holder of a number nothing more."""
    with transaction.atomic():
        ways.give_up(holder=notifications.holder_of(ticket))
        Ticket.objects.filter(pk=ticket.pk).update(is_told=False)


def give_up_ways_of_booking(*, booking: Booking) -> None:
    """Tell the holder of a booking nothing more."""
    ways.give_up(holder=booking_notifications.holder_of(booking))


def choose_way_of_file(
    *, file: Submission, channel: str, recipient: str, words: str, keys: Mapping[str, str] | None = None
) -> None:
    """Let whoever handed in a file be told of it this way; as `choose_way`."""
    with transaction.atomic():
        _choose(file_notifications.holder_of(file), channel, recipient, words, keys)
        file_notifications.keep_ways(file)


def give_up_ways_of_file(*, file: Submission) -> None:
    """Tell whoever handed in a file nothing more."""
    ways.give_up(holder=file_notifications.holder_of(file))
