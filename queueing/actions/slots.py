"""The places of booked times: taken, given back, and offered to who would rather come earlier.

A place is free, or it belongs to one booking, to one offer, or to one return that has not been handled;
`Slot.taken` is the sum of the last three. Taking is one conditional update, so it needs no other lock. A
place that comes back brings its place in the day's quota along: an offered time can always be accepted.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks
from mpp.core.errors import Refusal
from queueing import booking_notifications, rules
from queueing.actions import pool
from queueing.bookings import Bookable, BookingBook
from queueing.enums import BookingState, ShareName
from queueing.models import Booking, EarlierWish, PlaceReturn, QueueDay, Share, Slot, SlotReturn

# How long somebody has to accept an earlier time.
OFFER_MINUTES = 10


def row_of(wanted: Bookable) -> Slot:
    """Return the row of a time, made by its first booking; the line is locked, so two at once make one."""
    defaults = {"minutes": wanted.time.minutes, "capacity": wanted.time.capacity}
    slot, is_new = Slot.objects.get_or_create(
        queue=wanted.queue, starts_at=wanted.starts_at, defaults=defaults
    )
    if not is_new and slot.capacity != wanted.time.capacity:
        # Counters or the rule have changed; nobody loses a place that they have.
        rows = Slot.objects.filter(pk=slot.pk)
        rows.update(capacity=Greatest(F("taken"), wanted.time.capacity))
    return slot


def take(slot: Slot) -> None:
    """Take one place of `slot`; raise `Refusal` (409, "slot_full") when none is free."""
    free = Slot.objects.filter(pk=slot.pk, taken__lt=F("capacity"))
    if not free.update(taken=F("taken") + 1):
        raise Refusal("slot_full", _("Waktu itu baru saja penuh. Pilih waktu lain."))


def charge(day: QueueDay, at: datetime) -> Share | None:
    """Charge one place to the booked share of the locked line; None without a quota.

    Raises `Refusal` (409, "full") when the day's quota leaves none for bookings.
    """
    if day.quota is None:
        return None
    shares = pool.with_due(Share.objects.filter(line=day, name=ShareName.BOOKED), at)
    share = next(iter(shares), None)
    if share is None or pool.part_of(share).free < 1:
        raise Refusal("full", _("Tempat pesanan hari itu sudah habis. Pilih hari lain."))
    return pool.take(share, at)


def give_back(slot_id: int, share_id: int | None, at: datetime) -> None:
    """Let a place come back after one to ten random minutes: nobody can hand it over (trust.md T-01)."""
    limits = rules.hall()
    earliest, latest = limits.return_from_minutes * 60, limits.return_to_minutes * 60
    seconds = earliest + secrets.randbelow(latest - earliest + 1)
    SlotReturn.objects.create(slot_id=slot_id, share_id=share_id, due_at=at + timedelta(seconds=seconds))


def bring_back(at: datetime, slot: Slot | None = None) -> int:
    """Free or offer the places that are due, of one time or of all; return how many.

    In the caller's transaction. A row that another act is just handling is left to it.
    """
    due = SlotReturn.objects.filter(due_at__lte=at)
    if slot is not None:
        due = due.filter(slot=slot)
    rows = list(
        due.select_for_update(of=("self",), skip_locked=True)
        .select_related("slot__queue")
        .order_by("slot", "pk")
    )
    for row in rows:
        if not _offered(row.slot, row.share_id, at):
            Slot.objects.filter(pk=row.slot_id).update(taken=F("taken") - 1)
            if row.share_id is not None:
                PlaceReturn.objects.create(share_id=row.share_id, due_at=at)
        row.delete()
    return len(rows)


def end_wish(booking: Booking, at: datetime) -> None:
    """Forget that the holder of a locked booking wished to come earlier; pass on what was offered to them."""
    wish = EarlierWish.objects.select_for_update(of=("self",)).filter(booking=booking).first()
    if wish is not None:
        drop(wish, at)


def drop(wish: EarlierWish, at: datetime) -> None:
    """Delete a locked wish; the place it was offered goes to the next, else comes back later."""
    slot, share_id = wish.offered, wish.offered_share_id
    wish.delete()
    if slot is not None and not _offered(slot, share_id, at):
        give_back(slot.pk, share_id, at)


def expire_offers(at: datetime) -> int:
    """Pass on the places whose offer has run out; return how many. Who let it run out may ask again."""
    late = EarlierWish.objects.filter(offered_until__lt=at)
    rows = late.select_for_update(of=("self",), skip_locked=True).select_related("offered__queue")
    wishes = list(rows.order_by("pk"))
    for wish in wishes:
        drop(wish, at)
    return len(wishes)


def end_wishes_without_booking(at: datetime) -> None:
    """Forget the wishes of bookings that have ended by themselves; a place they were offered comes back."""
    ended = EarlierWish.objects.exclude(booking__state=BookingState.BOOKED)
    for wish in ended.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        drop(wish, at)


def _offered(slot: Slot, share_id: int | None, at: datetime) -> bool:
    """Offer a place to the first who asked and whom it suits; tell whether somebody was found."""
    until = at + timedelta(minutes=OFFER_MINUTES)
    if slot.starts_at <= until:
        return False
    waiting = EarlierWish.objects.filter(
        offered=None,
        booking__state=BookingState.BOOKED,
        booking__slot__queue=slot.queue_id,
        booking__slot__starts_at__gt=slot.starts_at,
    )
    wishes = waiting.select_related("booking__slot__queue", "booking__service__agency")
    for wish in wishes.order_by("since", "pk"):
        if _suits(wish.booking, slot, share_id, at) and _claimed(wish):
            wish.offered, wish.offered_share_id, wish.offered_until = slot, share_id, until
            wish.save(update_fields=["offered", "offered_share", "offered_until"])
            booking_notifications.earlier_offered(wish)
            return True
    return False


def _claimed(wish: EarlierWish) -> bool:
    """Lock this wish alone, so that others who bring places back still find the next; False: just taken."""
    free = EarlierWish.objects.filter(pk=wish.pk, offered=None)
    return free.select_for_update(skip_locked=True).first() is not None


def _suits(booking: Booking, slot: Slot, share_id: int | None, at: datetime) -> bool:
    """Tell whether the holder of `booking` can have a place of `slot`: open for their service, and paid for
    in the day's quota by the place itself or by their own place of the same day."""
    here = clock.local(slot.starts_at).replace(tzinfo=None)
    book = BookingBook(booking.service, booking.slot.queue, at)
    if not any(time.starts == here for time in book.day(here.date()).times):
        return False
    if share_id is not None or here.date() == clock.local(booking.slot.starts_at).date():
        return True
    return not QueueDay.objects.filter(
        Q(queue=slot.queue_id, date=here.date(), block="") & Q(quota__isnull=False)
    ).exists()


def keep_house() -> int:
    """Pass on offers that have run out and bring back places that are due; return how many.

    Safe at any time and by several at once; each place is handled in one short transaction's batch.
    """
    with locks.transaction_of_one_act():
        passed_on = expire_offers(clock.now())
    with locks.transaction_of_one_act():
        return passed_on + bring_back(clock.now())
