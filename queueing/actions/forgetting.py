"""What is known of people goes when it has served its purpose (UU 27/2022 articles 16 and 43)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from mpp.core import clock, locks
from mpp.core.models import Mall
from mpp.notifications import keeping
from queueing import booking_notifications, notifications, rules
from queueing.enums import ENDED, BookingState, Priority
from queueing.filed import files_of
from queueing.models import Booking, NumberWish, Ticket
from queueing.models.tickets import CLASS_KNOWN
from services import notifications as file_notifications

# So many at a time: no statement may take long, and the job comes again.
AT_ONE_TIME = 5000
NOBODY: dict[str, Any] = {"person": "", "person_slot": None}


def forget_past() -> int:
    """Let go of telephones after the mall's days, of classes of priority after the day; return how many.

    What is left of a class is that somebody went first. Who a number belonged to, as a digest, is kept
    as long as the rule against missed calls asks for it. Safe to run twice.
    """
    mall = Mall.objects.filter(pk=1).first()
    if mall is None:
        return 0
    today, limits = clock.today(), rules.hall()
    long_ago = today - timedelta(days=mall.kept_days)
    counted = today - timedelta(days=max(limits.no_show_days + limits.ban_days, 1))
    of_bookings = ~Q(state=BookingState.BOOKED)
    return sum(
        (
            _let_go_of_wishes(today),
            _let_go(Ticket, CLASS_KNOWN & Q(line__date__lt=today), priority=Priority.GENERAL),
            _let_go(Ticket, ~Q(phone="") & Q(line__date__lt=long_ago), phone=""),
            _let_go(Ticket, ~Q(person="") & Q(line__date__lt=counted), **NOBODY),
            _let_go(
                Booking,
                CLASS_KNOWN & of_bookings & Q(slot__starts_at__date__lt=today),
                priority=Priority.GENERAL,
            ),
            _let_go(Booking, ~Q(phone="") & of_bookings & Q(slot__starts_at__date__lt=long_ago), phone=""),
            _let_go(Booking, ~Q(person="") & of_bookings & Q(slot__starts_at__date__lt=counted), **NOBODY),
        )
    )


def _let_go(model: type[Ticket] | type[Booking], known: Q, **nothing: Any) -> int:
    keys = list(model.objects.filter(known).order_by("pk").values_list("pk", flat=True)[:AT_ONE_TIME])
    return model.objects.filter(pk__in=keys).update(**nothing) if keys else 0


def _let_go_of_wishes(today: date) -> int:
    """Delete who waited for numbers of earlier days, with their addresses: they serve nothing any more."""
    wishes = list(NumberWish.objects.filter(date__lt=today).order_by("pk")[:AT_ONE_TIME])
    for wish in wishes:
        forget_wish(wish=wish)
    return len(wishes)


def forget_wish(*, wish: NumberWish) -> None:
    """Delete a wish for numbers with its address and its message; twice is once."""
    with transaction.atomic():
        keeping.forget_holder(notifications.holder_of_wish(wish))
        NumberWish.objects.filter(pk=wish.pk).delete()


def forget(*, ticket: Ticket) -> None:
    """Let the holder of a number have their telephone deleted at once, with that of its booking, and
    every way by which they were told.

    A number that is over loses its class of priority too; one that runs keeps it, since it decides the turn.
    """
    with locks.transaction_of_one_act():
        changes: dict[str, Any] = {"phone": ""}
        if ticket.state in ENDED and ticket.priority:
            changes["priority"] = Priority.GENERAL
        Ticket.objects.filter(pk=ticket.pk).update(**changes, is_told=False)
        Booking.objects.filter(ticket=ticket.pk).update(**changes)
        bookings = Booking.objects.filter(ticket=ticket.pk)
        keeping.forget_holder(
            notifications.holder_of(ticket),
            *map(booking_notifications.holder_of, bookings),
            *map(file_notifications.holder_of, files_of(ticket)),
        )


def forget_booking(*, booking: Booking) -> None:
    """Let the holder of a booking have their telephone and their ways deleted at once; the time stays theirs.

    A booking that is over loses its class of priority too.
    """
    with locks.transaction_of_one_act():
        changes: dict[str, Any] = {"phone": ""}
        if booking.state != BookingState.BOOKED and booking.priority:
            changes["priority"] = Priority.GENERAL
        Booking.objects.filter(pk=booking.pk).update(**changes)
        keeping.forget_holder(booking_notifications.holder_of(booking))
