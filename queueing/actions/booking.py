"""Booking a time, moving it, giving it back, and wishing to come earlier.

Each act locks the line of the day first (docs/queue-protocol.md), then the booking, and reads it again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError
from django.utils.translation import gettext as _

from mpp.core import audit, clock, locks, tokens
from mpp.core.codes import new_code
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import booking_notifications, persons, rules
from queueing.actions import lines, slots
from queueing.bookings import CODE_LENGTH, Bookable, bookable, with_everything
from queueing.enums import BookingState, Channel, Priority
from queueing.models import Booking, EarlierWish, QueueDay, Slot, Ticket
from services.models import Service
from tenants.models import User

# A code or a person's place that another request took at this moment: then the next one may be free.
MOST_COLLISIONS = 12
COLLIDED = frozenset(
    {
        "queueing_booking_code",
        "queueing_booking_person_slot",
        "queueing_slot_once",
        "queueing_ticket_person_slot",
    }
)
MOST_MOVES = 3


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to book; `person` is a digest (queueing.persons) or empty."""

    service: Service
    channel: str
    priority: str
    phone: str
    person: str
    wishes_earlier: bool
    request_key: str | None
    way: str = ""
    from_ticket: Ticket | None = None


def book(
    *,
    service: Service,
    starts_at: datetime,
    channel: Channel = Channel.ONLINE,
    by: User | None = None,
    priority: str = Priority.NONE,
    phone: str = "",
    way: str = "",
    device: str = "",
    is_helped: bool = False,
    wishes_earlier: bool = False,
    request_key: str | None = None,
) -> Booking:
    """Book the time of `service` that starts at `starts_at` (aware).

    `phone` is E.164 or empty, `way` the channel by which to be told there, `device` the browser's own key
    or empty, `is_helped` whether it is for somebody whom their holder helps; the same `request_key` returns
    the same booking. Raises `Refusal` (409) when the time is full,
    past or in a closed hour, the day's quota is used, or this person has booked already; (422) when the
    key was used for another service.
    """
    if request_key and (earlier := _booked_before(request_key, service)):
        return earlier
    person = persons.person_of(phone=phone, device=device, is_helped=is_helped)
    wanted = Wanted(service, channel, priority, phone, person, wishes_earlier, request_key, way)
    time = bookable(service, starts_at, clock.now())
    for _attempt in range(MOST_COLLISIONS):
        try:
            return _book(wanted, time, by)
        except lines.DayNotBegun:
            lines.begin(time.queue.pk, time.day)
        except (IntegrityError, Refusal) as error:
            # Two requests with one key at once: the database let one through; both get its booking.
            if request_key and (earlier := _booked_before(request_key, service)):
                return earlier
            if not collided(error):
                raise
    raise locks.Busy


def _booked_before(request_key: str, service: Service) -> Booking | None:
    earlier = with_everything().filter(request_key=request_key).first()
    if earlier and earlier.service_id != service.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai untuk layanan lain."), status=422)
    return earlier


def collided(error: Exception) -> bool:
    """Tell whether another request was faster with a code, or with one of this person's places."""
    return isinstance(error, Refusal) and error.extra.get("constraint") in COLLIDED


def _book(wanted: Wanted, time: Bookable, by: User | None) -> Booking:
    with locks.transaction_of_one_act(), refused_by(Booking, Slot):
        booking = write(wanted, time, lines.lock_line(time.queue, time.day), by)
        booking_notifications.booked(booking, wanted.way)
    return booking


def write(wanted: Wanted, time: Bookable, day: QueueDay, by: User | None) -> Booking:
    """Write a booking, its place taken and charged to the locked line of its date.

    Raises `Refusal` (409) as `book` does.
    """
    at = clock.now()
    persons.refuse_banned(wanted.person, wanted.channel, at)
    person_slot = _free_person_slot(wanted.person, wanted.service)
    slot = take(time, at)
    nonce = tokens.new_nonce()
    booking = Booking.objects.create(
        slot=slot,
        service=wanted.service,
        state=BookingState.BOOKED,
        code=new_code(CODE_LENGTH),
        channel=wanted.channel,
        priority=wanted.priority,
        phone=wanted.phone,
        person=wanted.person,
        person_slot=person_slot,
        nonce=nonce,
        token_digest=tokens.digest(tokens.derived("booking", nonce)),
        request_key=wanted.request_key,
        share=slots.charge(day, at),
        from_ticket=wanted.from_ticket,
        booked_at=at,
    )
    if wanted.wishes_earlier:
        EarlierWish.objects.create(booking=booking, since=at)
    audit.record("booking.book", by=by, target=booking.pk, starts_at=slot.starts_at.isoformat())
    return booking


def take(time: Bookable, at: datetime) -> Slot:
    """Take one place of a time; those that came back meanwhile go to who asked before."""
    slot = slots.row_of(time)
    slots.bring_back(at, slot)
    slots.take(slot)
    return slot


def _free_person_slot(person: str, service: Service) -> int | None:
    """Return which of a person's bookings this is, from 1; None for nobody known."""
    if not person:
        return None
    held = Booking.objects.filter(person=person, state=BookingState.BOOKED)
    taken = dict(held.values_list("person_slot", "service"))
    if service.pk in taken.values():
        raise Refusal(
            "already_booked", _("Anda sudah memesan waktu untuk layanan ini. Pindahkan pesanan itu.")
        )
    most = rules.hall().numbers_per_person
    if len(taken) >= most:
        message = _("Anda sudah memesan %(count)d waktu. Batalkan dulu satu.") % {"count": len(taken)}
        raise Refusal("too_many_bookings", message, most=most)
    return next(place for place in range(1, most + 1) if place not in taken)


@contextlib.contextmanager
def held(booking: Booking, *days: date) -> Iterator[tuple[Booking, dict[date, QueueDay]]]:
    """Lock the lines of the booking's date and of `days`, then the booking, and yield both as they are now.

    Raises `Refusal` (409, "moved") when it has been moved meanwhile.
    """
    dates = {clock.local(booking.slot.starts_at).date(), *days}
    for day in dates:
        lines.day_of(booking.slot.queue_id, day)
    with locks.transaction_of_one_act(), refused_by(Booking, Slot):
        rows = locks.hold(lines.main_rows().filter(queue=booking.slot.queue_id, date__in=dates))
        lock_row(booking)
        fresh = with_everything().get(pk=booking.pk)
        if fresh.slot_id != booking.slot_id:
            raise Refusal("moved", _("Pesanan ini baru saja dipindah. Muat ulang halaman."))
        yield fresh, {row.date: row for row in rows}


def lock_row(booking: Booking) -> None:
    """Lock the booking's row, always after its lines. The job that closes missed ones takes only this."""
    # The row alone: what is joined must be read after the wait for the lock.
    Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)


def require_open(booking: Booking) -> None:
    """Raise `Refusal` (409) unless the booking can still be checked in."""
    match booking.state:
        case BookingState.BOOKED:
            return
        case BookingState.CHECKED_IN:
            message = _("Pesanan ini sudah menjadi nomor antrean.")
        case BookingState.CANCELLED:
            message = _("Pesanan ini sudah dibatalkan. Pesan waktu baru.")
        case _:
            message = _("Waktu pesanan ini sudah lewat. Pesan waktu baru.")
    raise Refusal("booking_ended", message, state=booking.state)


def _require_ahead(booking: Booking, at: datetime) -> None:
    """Raise `Refusal` (409) once the booked time has come: then one comes, or has not come."""
    require_open(booking)
    if at >= booking.slot.starts_at:
        message = _("Waktu pesanan sudah tiba. Datang hari ini selama masih buka.")
        raise Refusal("time_has_come", message)


def move(*, booking: Booking, starts_at: datetime, by: User | None = None) -> Booking:
    """Move a booking to another time of its service; code and link stay. To its own time is no move.

    `by` None is the holder. Raises `Refusal` (409) as `book` does, and after three moves; then the old
    time is still theirs.
    """
    time = bookable(booking.service, starts_at, clock.now())
    with held(booking, time.day) as (fresh, days):
        at = clock.now()
        _require_ahead(fresh, at)
        if fresh.slot.starts_at == time.starts_at:
            return fresh
        if fresh.moves >= MOST_MOVES:
            message = _("Pesanan hanya bisa dipindah %(count)d kali. Batalkan, lalu pesan lagi.")
            raise Refusal("too_many_moves", message % {"count": MOST_MOVES}, most=MOST_MOVES)
        # The wish before the time, as whoever brings places back: they would wait for each other.
        slots.end_wish(fresh, at)
        slot = take(time, at)
        # On the same day the place in the quota moves along.
        stays = clock.local(fresh.slot.starts_at).date() == time.day
        share = fresh.share if stays else slots.charge(days[time.day], at)
        left = None if stays else fresh.share_id
        fresh.moves += 1
        settle(fresh, slot, share.pk if share else None, left, at)
        audit.record("booking.move", by=by, target=fresh.pk, starts_at=slot.starts_at.isoformat())
        booking_notifications.moved(fresh)
    return fresh


def settle(booking: Booking, slot: Slot, share_id: int | None, left: int | None, at: datetime) -> None:
    """Put a locked booking into a place that is already taken; what it leaves comes back later."""
    old = booking.slot_id
    booking.slot, booking.share_id = slot, share_id
    booking.save(update_fields=["slot", "share", "moves"])
    slots.give_back(old, left, at)


def cancel(*, booking: Booking, by: User | None = None) -> Booking:
    """Give a booked time back; `by` None is its holder. Twice is once."""
    with held(booking) as (fresh, _days):
        at = clock.now()
        if fresh.state == BookingState.CANCELLED:
            return fresh
        _require_ahead(fresh, at)
        slots.end_wish(fresh, at)
        fresh.state, fresh.ended_at = BookingState.CANCELLED, at
        fresh.save(update_fields=["state", "ended_at"])
        slots.give_back(fresh.slot_id, fresh.share_id, at)
        booking_notifications.cancelled(fresh, by)
        audit.record("booking.cancel", by=by, target=fresh.pk)
    return fresh


def wish_earlier(*, booking: Booking, phone: str = "", by: User | None = None) -> Booking:
    """Put the holder on the waiting list for an earlier time; twice is once, at the first place.

    `phone` (E.164) is where to tell them, when the booking has none yet.
    """
    with held(booking) as (fresh, _days):
        at = clock.now()
        _require_ahead(fresh, at)
        if phone and not fresh.phone:
            fresh.phone = phone
            fresh.save(update_fields=["phone"])
            booking_notifications.agree(fresh)
        _wish, is_new = EarlierWish.objects.get_or_create(booking=fresh, defaults={"since": at})
        if is_new:
            audit.record("booking.wish", by=by, target=fresh.pk)
    return fresh


def withdraw_wish(*, booking: Booking, by: User | None = None) -> Booking:
    """Take the holder off the waiting list; an earlier time that was offered goes to the next."""
    with held(booking) as (fresh, _days):
        slots.end_wish(fresh, clock.now())
        audit.record("booking.withdraw", by=by, target=fresh.pk)
    return fresh


def accept_offer(*, booking: Booking, by: User | None = None) -> Booking:
    """Move the booking to the earlier time it was offered; it does not count as a move of the holder's.

    Raises `Refusal` (409, "offer_gone") when there is no offer, or its ten minutes are over; (409, "full")
    when its day was given a quota meanwhile that leaves no place.
    """
    seen = EarlierWish.objects.filter(booking=booking).select_related("offered").first()
    if seen is None or seen.offered is None:
        raise _offer_gone()
    there = clock.local(seen.offered.starts_at).date()
    with held(booking, there) as (fresh, days):
        at = clock.now()
        # Only what was seen: the day of another offer is not locked.
        wishes = EarlierWish.objects.filter(pk=seen.pk, offered=seen.offered_id, offered_until__gte=at)
        wish = wishes.select_for_update(of=("self",)).first()
        if wish is None or wish.offered is None:
            raise _offer_gone()
        _require_ahead(fresh, at)
        slot, paid = wish.offered, wish.offered_share_id
        wish.delete()
        share_id, left = paid, fresh.share_id
        if paid is None and clock.local(fresh.slot.starts_at).date() == there:
            # Within the day the own place in the quota moves along with who was offered none.
            share_id, left = fresh.share_id, None
        elif paid is None and (share := slots.charge(days[there], at)):
            share_id = share.pk
        settle(fresh, slot, share_id, left, at)
        booking_notifications.moved(fresh)
        audit.record("booking.accept", by=by, target=fresh.pk, starts_at=slot.starts_at.isoformat())
    return fresh


def _offer_gone() -> Refusal:
    return Refusal("offer_gone", _("Tawaran itu sudah lewat. Waktu Anda tetap seperti semula."))


def expire_missed() -> int:
    """Close the bookings of earlier days that nobody came for; return how many. Safe to run twice.

    It counts as not having come (persons.banned_until): the place was kept free for them.
    """
    at = clock.now()
    midnight = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    past = Slot.objects.filter(starts_at__lt=midnight)
    with locks.transaction_of_one_act():
        # One statement: a check-in that holds the row is waited for, and its result is kept.
        missed = Booking.objects.filter(state=BookingState.BOOKED, slot__in=past)
        expired = missed.update(state=BookingState.EXPIRED, ended_at=at)
        slots.end_wishes_without_booking(at)
        if expired:
            audit.record("booking.expire", target=str(midnight.date() - timedelta(days=1)), expired=expired)
    return expired
