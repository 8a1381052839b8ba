"""What the holder of a booking reads: one set of words for each stage, and the days to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.formats import hour
from mpp.core.templatetags.mpp import clock_zone
from queueing.booking_forms import TIME_FORMAT
from queueing.bookings import BookingDay
from queueing.enums import BookingState
from queueing.models import Booking


class Stage(Enum):
    """How a booking stands to the present."""

    AHEAD = "AHEAD"
    COME = "COME"
    LATE = "LATE"
    CANCELLED = "CANCELLED"
    MISSED = "MISSED"


@dataclass(frozen=True)
class Words:
    """A booking in words: the plate's label and kind ("", "gone"), and the first instruction below it.

    `opens_at` and `late_at` are when coming is in time, `can_change` whether it may still be moved.
    """

    stage: Stage
    label: str
    plate: str
    icon: str
    heading: str
    text: str
    opens_at: datetime
    late_at: datetime
    can_change: bool

    @property
    def is_running(self) -> bool:
        """Tell whether anything is still to happen."""
        return self.stage in {Stage.AHEAD, Stage.COME, Stage.LATE}

    @property
    def can_come(self) -> bool:
        """Tell whether the holder may check in now."""
        return self.stage in {Stage.COME, Stage.LATE}


def words_of(booking: Booking, at: datetime) -> Words:
    """Return the words for a booking (with slot and line joined) at the aware moment `at`."""
    queue, starts_at = booking.slot.queue, booking.slot.starts_at
    opens_at = starts_at - timedelta(minutes=queue.early_minutes)
    late_at = starts_at + timedelta(minutes=queue.late_minutes)
    stage = _stage_of(booking, at, opens_at, late_at)
    label, icon, heading, text = _said(booking, stage, opens_at)
    gone = stage in {Stage.CANCELLED, Stage.MISSED}
    can_change = not gone and at < starts_at
    return Words(stage, label, "gone" if gone else "", icon, heading, text, opens_at, late_at, can_change)


def _stage_of(booking: Booking, at: datetime, opens_at: datetime, late_at: datetime) -> Stage:
    if booking.state == BookingState.CANCELLED:
        return Stage.CANCELLED
    # Between midnight and the job that closes the day a booking may still say that it is open.
    is_past = clock.local(booking.slot.starts_at).date() < clock.local(at).date()
    if booking.state == BookingState.EXPIRED or is_past:
        return Stage.MISSED
    if at < opens_at:
        return Stage.AHEAD
    return Stage.COME if at <= late_at else Stage.LATE


def _said(booking: Booking, stage: Stage, opens_at: datetime) -> tuple[str, str, str, str]:
    times = {
        "opens": clock_zone(opens_at),
        "time": clock_zone(booking.slot.starts_at),
        "ended": clock_zone(booking.ended_at),
    }
    match stage:
        case Stage.AHEAD:
            heading = _("Datang mulai %(opens)s") % times
            return (
                _("Waktu Anda"),
                "clock",
                heading,
                _("Catat kehadiran saat tiba. Lalu Anda mendapat nomor."),
            )
        case Stage.COME:
            heading = _("Catat kehadiran Anda sekarang")
            return _("Waktu Anda"), "walk", heading, _("Sesudah itu Anda mendapat nomor antrean.")
        case Stage.LATE:
            heading = _("Anda terlambat, tetapi tetap dilayani")
            text = _("Catat kehadiran. Anda mendapat nomor biasa menurut waktu datang.")
            return _("Waktu Anda"), "clock", heading, text
        case Stage.CANCELLED:
            heading = _("Pesanan ini dibatalkan")
            return _("Pesanan dibatalkan"), "x", heading, _("Pesan waktu baru bila Anda jadi datang.")
        case _:
            heading = _("Waktu pesanan ini sudah lewat")
            text = _("Pesan waktu baru, atau ambil nomor pada jam buka.")
            return _("Pesanan lewat"), "calendar-event", heading, text


@dataclass(frozen=True)
class DayChoice:
    """A day to choose: its name ("besok", "Sel"), its date ("24 Nov"), and how many places are free."""

    date: date
    name: str
    short: str
    free: int
    is_chosen: bool


@dataclass(frozen=True)
class TimeChoice:
    """A time to choose: what the form sends, what one reads, and how many places are free."""

    value: str
    label: str
    free: int
    is_chosen: bool


def day_choices(days: Iterable[BookingDay], chosen: date | None, today: date) -> list[DayChoice]:
    """Return the days as one reads them from `today`."""
    return [
        DayChoice(
            day.date,
            _near(day.date, today) or date_format(day.date, "D"),
            date_format(day.date, "j M"),
            day.free,
            day.date == chosen,
        )
        for day in days
    ]


def _near(day: date, today: date) -> str:
    return {0: _("Hari ini"), 1: _("Besok")}.get((day - today).days, "")


def time_choices(day: BookingDay, chosen: str = "") -> list[TimeChoice]:
    """Return the times of a day; `chosen` is the value picked before a refusal."""
    choices = []
    for time in day.times:
        value = time.starts.strftime(TIME_FORMAT)
        choices.append(TimeChoice(value, hour(time.starts), time.free, value == chosen and time.free > 0))
    return choices
