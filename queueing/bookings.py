"""Which times of a service can be booked, as they stand now; and bookings by their code or link.

What is shown is what can be taken: a time shows the places that hours, counters, earlier bookings and the
day's quota leave. Times become rows (`Slot`) with the first booking, so looking writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Avg, Count, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock, revision, tokens
from mpp.core.codes import normal_code
from mpp.core.errors import NotFound, Refusal
from queueing.availability import has_agreement, quota_for_today
from queueing.enums import BookingState, ShareName
from queueing.models import Booking, CounterLine, EarlierWish, Queue, Share, Slot
from queueing.policy import slots as policy
from queueing.policy.slots import Misfit, Time
from queueing.roster import roster_at
from services import shelf
from services.models import Service
from services.opening import OpeningBook
from services.policy import DayPlan
from tenants.enums import SERVING
from tenants.models import CounterDuty, User
from tenants.querysets import sees_everything

# Typed at a kiosk and read out aloud: see mpp.core.codes.
CODE_LENGTH = 6


@dataclass(frozen=True)
class BookingDay:
    """A date with its times. `left` is what the day's quota leaves for bookings; None without a quota."""

    date: date
    times: tuple[Time, ...]
    left: int | None = None

    @property
    def free(self) -> int:
        """Return how many people can still book on this date."""
        free = sum(time.free for time in self.times)
        return free if self.left is None else min(free, self.left)


@dataclass(frozen=True)
class Bookable:
    """A time that may be booked: in which line, and the rule for its row."""

    queue: Queue
    time: Time
    starts_at: datetime

    @property
    def day(self) -> date:
        """Return its local date."""
        return self.time.starts.date()


def queue_of(service: Service) -> Queue | None:
    """Return the line in which `service` takes bookings, or None when it takes none."""
    roster = roster_at(revision.at_entry())
    queue = roster.queues.get(roster.queue_of.get(service.pk, 0))
    return queue if queue and queue.takes_bookings else None


def require_queue(service: Service) -> Queue:
    """Return the line in which `service` takes bookings; raise `Refusal` (409) when it takes none."""
    queue = queue_of(service)
    if queue is None:
        message = _("Layanan ini belum menerima pesanan waktu. Ambil nomor pada jam buka.")
        raise Refusal("no_booking", message)
    return queue


class BookingBook:
    """The times of one service from today on: nine queries, however many days are looked at."""

    def __init__(self, service: Service, queue: Queue, at: datetime) -> None:
        """Open the book at the aware moment `at`."""
        self.service, self.queue = service, queue
        self.at = clock.local(at).replace(tzinfo=None)
        self.first = self.at.date()
        self.last = self.first + timedelta(days=queue.booking_days)
        self._hours = OpeningBook(at)
        self._known = self._read_slots(at)
        self._left = self._read_shares(at)
        self._counters = _Counters(queue)
        minutes = queue.services.filter(is_published=True).aggregate(mean=Avg("minutes"))
        self._mean_minutes = minutes["mean"] or service.minutes

    def days(self) -> list[BookingDay]:
        """Return the dates that have times, in order; those of the past are not among them."""
        every = (self.day(self.first + timedelta(days=count)) for count in range(self.queue.booking_days + 1))
        return [day for day in every if day.times]

    def day(self, day: date) -> BookingDay:
        """Return a date with its times, empty when nothing can be booked then."""
        if not self.serves_on(day):
            return BookingDay(day, ())
        left = self._left.get(day, self._left_of_new_day())
        times = [time for time in self._times(day) if time.starts > self.at]
        if left is not None:
            # No time shows more places than the day's quota leaves.
            times = [replace(time, taken=max(time.taken, time.capacity - left)) for time in times]
        return BookingDay(day, tuple(times), left)

    def plan(self, day: date) -> DayPlan:
        """Return the opening hours of the service on `day`."""
        return self._hours.plan(day, self.service.agency_id, self.service.pk)

    def serves_on(self, day: date) -> bool:
        """Tell whether the agency may serve on `day`, as far as is known today."""
        agency = self.service.agency
        return agency.status in SERVING and has_agreement(agency, day)

    def capacity_on(self, day: date) -> int:
        """Return how many people one time of `day` holds by the rule of the line."""
        counters = self._counters.on(day)
        if self.queue.slot_capacity is not None:
            return self.queue.slot_capacity if counters else 0
        return policy.capacity_of(
            counters=counters, slot_minutes=self.queue.slot_minutes, mean_minutes=self._mean_minutes
        )

    def _times(self, day: date) -> list[Time]:
        plan = self.plan(day)
        return policy.times_of(
            plan.spans,
            plan.last_number,
            minutes=self.queue.slot_minutes,
            capacity=self.capacity_on(day),
            known=self._known.get(day, ()),
        )

    def _read_slots(self, at: datetime) -> dict[date, list[Time]]:
        slots = Slot.objects.filter(queue=self.queue, starts_at__range=_bounds(self.first, self.last))
        # A place that came back is free once it is due, unless somebody else is to be asked first.
        due = 0 if EarlierWish.objects.filter(booking__slot__queue=self.queue, offered=None).exists() else 1
        found: dict[date, list[Time]] = defaultdict(list)
        for slot in slots.annotate(due=Count("returns", filter=Q(returns__due_at__lte=at))):
            here = clock.local(slot.starts_at).replace(tzinfo=None)
            time = Time(here, slot.minutes, slot.capacity, slot.taken - due * slot.due)
            found[here.date()].append(time)
        return found

    def _read_shares(self, at: datetime) -> dict[date, int | None]:
        """Return what the days that have begun leave for bookings; a day without a row has not begun."""
        rows = self.queue.days.filter(date__range=(self.first, self.last), block="")
        quotas = dict(rows.values_list("date", "quota"))
        booked = Share.objects.filter(line__in=rows, name=ShareName.BOOKED)
        due = Count("returns", filter=Q(returns__due_at__lte=at))
        left = {share.line.date: share for share in booked.select_related("line").annotate(due=due)}
        return {
            day: None if quota is None else _free_in(left[day]) if day in left else 0
            for day, quota in quotas.items()
        }

    def _left_of_new_day(self) -> int | None:
        quota = quota_for_today(self.queue)
        return None if quota is None else quota * self.queue.booked_percent // 100


def _free_in(share: Share) -> int:
    return max(0, share.reserved - share.taken + getattr(share, "due", 0))


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the aware moments from which and to which these local dates last."""
    start = clock.aware(datetime.combine(first, time.min))
    return start, clock.aware(datetime.combine(last + timedelta(days=1), time.min))


class _Counters:
    """How many counters serve a line by weekday: one that serves several lines counts in parts."""

    def __init__(self, queue: Queue) -> None:
        lines = set(Queue.objects.active().filter(agency=queue.agency_id).values_list("pk", flat=True))
        chosen: dict[int, set[int]] = defaultdict(set)
        for counter, line in CounterLine.objects.filter(queue__in=lines).values_list("counter", "queue"):
            chosen[counter].add(line)
        duties = CounterDuty.objects.filter(agency=queue.agency_id, counter__is_active=True)
        self._duties = [
            (duty, 1 / len(served))
            for duty in duties
            if queue.pk in (served := chosen.get(duty.counter_id, lines))
        ]

    def on(self, day: date) -> float:
        """Return how many counters serve the line on `day`."""
        return sum(
            part
            for duty, part in self._duties
            if duty.weekday in {None, day.isoweekday()}
            and duty.valid_from <= day
            and (duty.valid_to is None or day <= duty.valid_to)
        )


def next_free(service: Service, at: datetime | None = None) -> datetime | None:
    """Return the first time (aware) that somebody can book for `service`; None: no booking, or all full."""
    queue = queue_of(service)
    if queue is None:
        return None
    book = BookingBook(service, queue, at or clock.now())
    for count in range(queue.booking_days + 1):
        if (day := book.day(book.first + timedelta(days=count))).free:
            return clock.aware(next(time.starts for time in day.times if time.free))
    return None


def _free_in_minute(key: tuple[int, int]) -> datetime | None:
    service_id, minute = key
    service = shelf.services_at(revision.at_entry())[service_id]
    return next_free(service, datetime.fromtimestamp(minute * 60, UTC))


_free: revision.Memory[tuple[int, int], datetime | None] = revision.Memory(_free_in_minute, most=200)


def free_from(service: Service) -> datetime | None:
    """Return about when somebody could come: worked out once a minute for all who only look.

    Whoever books is shown the times as they are then.
    """
    instant = revision.read()
    return _free.get(instant.revision, (service.pk, int(instant.at.timestamp() // 60)))


def bookable(service: Service, starts_at: datetime, at: datetime) -> Bookable:
    """Return the time of `service` that starts at `starts_at` (aware), full or not.

    Raises `Refusal` (409) with the reason when it cannot be booked: past, too far, a closed hour.
    """
    queue = require_queue(service)
    book = BookingBook(service, queue, at)
    starts = clock.local(starts_at).replace(tzinfo=None)
    if reason := _why_not(book, starts):
        raise reason
    time = next((time for time in book.day(starts.date()).times if time.starts == starts), None)
    if time is None:
        raise Refusal("slot_unknown", _("Waktu itu tidak ada. Pilih waktu dari daftar."))
    return Bookable(queue, time, clock.aware(starts))


def _why_not(book: BookingBook, starts: datetime) -> Refusal | None:
    day = starts.date()
    if starts <= book.at:
        return Refusal("slot_past", _("Waktu itu sudah lewat. Pilih waktu lain."))
    if day > book.last:
        message = _("Waktu dapat dipesan sampai %(date)s.") % {"date": date_format(book.last, "j F Y")}
        return Refusal("slot_too_far", message, until=book.last.isoformat())
    if not book.serves_on(day):
        agency = book.service.agency.short_name
        message = _("%(agency)s tidak melayani pada hari itu. Pilih hari lain.") % {"agency": agency}
        return Refusal("agency_not_open", message)
    plan = book.plan(day)
    match policy.misfit(plan.spans, plan.last_number, starts, 1):
        case Misfit.CLOSED_DAY if plan.reason:
            message = _("Hari itu tutup: %(name)s. Pilih hari lain.") % {"name": plan.reason}
        case Misfit.CLOSED_DAY:
            message = _("Hari itu tutup. Pilih hari lain.")
        case Misfit.BREAK:
            message = _("Waktu itu jam istirahat. Pilih waktu lain.")
        case Misfit.OUTSIDE:
            message = _("Waktu itu di luar jam buka. Pilih waktu lain.")
        case Misfit.PAST_LAST_NUMBER:
            message = _("Waktu itu sesudah nomor terakhir. Pilih waktu lain.")
        case _:
            return None
    return Refusal("slot_closed", message)


def with_everything() -> QuerySet[Booking]:
    """Return bookings with what pages and acts say of them joined."""
    return Booking.objects.select_related(
        "slot__queue__agency", "service__agency__zone", "ticket__queue_day", "wish__offered"
    ).defer("service__search")


def access_booking(token: str) -> Booking:
    """Return the booking that this secret link holds; a wrong token is 404, whatever it is."""
    booking = with_everything().filter(token_digest=tokens.digest(token)).first()
    if booking is None:
        raise NotFound(_("Tautan pesanan ini tidak dikenal. Salin seluruhnya, atau tanya petugas."))
    return booking


def booking_of_code(text: str) -> Booking:
    """Return the booking with this code, however it is typed; of used codes the latest one.

    Raises `Refusal` (404) for a code that nobody has.
    """
    code = normal_code(text)
    bookings = with_everything().filter(code=code)
    # An open booking before an ended one: codes are given again after a while.
    found = bookings.filter(state=BookingState.BOOKED).first() or bookings.order_by("-pk").first()
    if found is None:
        raise Refusal("unknown_code", _("Kode itu tidak dikenal. Periksa lagi hurufnya."), status=404)
    return found


def require_own_agency(booking: Booking, user: User) -> None:
    """Raise `NotFound` for a booking of an agency at which `user` does not work today."""
    if sees_everything(user):
        return
    own = user.placements.on(clock.today()).values_list("agency", flat=True)
    if booking.service.agency_id not in own:
        raise NotFound(_("Kode itu bukan untuk instansi Anda. Antar ke petugas pintu masuk."))


def spoken_code(code: str) -> str:
    """Return a code as people read it: "K7M-4PX"."""
    return f"{code[:3]}-{code[3:]}"
