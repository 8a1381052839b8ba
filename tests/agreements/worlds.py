"""A week in March 2026 at one agency, written row by row so that every figure can be counted by hand."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from agreements.enums import InstrumentKind, InstrumentState
from agreements.models import Promise, PromisedDay
from mpp.core import clock, tokens
from queueing.enums import Channel, ShareName, TicketState
from queueing.models import CounterSession, QueueDay, Share, Ticket
from services.enums import CalendarKind
from services.models import CalendarDay, OpeningHours
from tenants.models import Agency, User
from tests import factories as make
from tests.admin.conftest import make_instrument
from tests.conftest import Place

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
SUNDAY = date(2026, 3, 8)
# Long after the week: everything in it is past.
LATER = datetime.fromisoformat("2026-03-20T09:00+08:00")


def aware(day: date, hour: str) -> datetime:
    return clock.aware(datetime.combine(day, time.fromisoformat(hour)))


def eight_to_two(place: Place) -> None:
    """Let the mall be open Monday to Friday, 08.00 to 14.00."""
    OpeningHours.objects.all().delete()
    for weekday in range(1, 6):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(8), closes_at=time(14), valid_from=make.LONG_AGO
        )


def promise(agency: Agency, *weekdays: int, officers: int = 2, version: int = 1, **fields: Any) -> Promise:
    """A promise in force from 2020 on: 08.00 to 14.00 on these weekdays."""
    instrument = make_instrument(
        agency,
        code=f"JANJI-{agency.pk}-{version}",
        kind=InstrumentKind.SURAT_PENUGASAN,
        title="Surat penugasan",
        state=InstrumentState.SIGNED,
    )
    values = {"version": version, "valid_from": make.LONG_AGO, "enacted_at": aware(make.LONG_AGO, "08:00")}
    row = Promise.objects.create(agency=agency, instrument=instrument, **values | fields)
    for weekday in weekdays:
        PromisedDay.objects.create(
            promise=row, weekday=weekday, opens_at=time(8), closes_at=time(14), officers=officers
        )
    return row


def sat(place: Place, user: User, day: date, start: str, end: str | None, **fields: Any) -> CounterSession:
    """A person at a counter of the agency, until `end`."""
    values = {"counter": place.counter, "agency": place.agency} | fields
    return CounterSession.objects.create(
        user=user,
        date=day,
        opened_at=aware(day, start),
        closed_at=aware(day, end) if end else None,
        **values,
    )


def line_on(place: Place, day: date, **fields: Any) -> QueueDay:
    """The agency's line on that day."""
    return QueueDay.objects.get_or_create(
        queue=place.queue, date=day, block="", defaults={"prefix": "A", **fields}
    )[0]


def number(
    place: Place,
    day: date,
    came: str,
    called: str | None = None,
    started: str | None = None,
    ended: str = "14:00",
    state: str = TicketState.DONE,
) -> Ticket:
    """A number with its times; without a call it was given up at its end."""
    line = line_on(place, day)
    line.last_number += 1
    QueueDay.objects.filter(pk=line.pk).update(last_number=line.last_number)
    nonce = tokens.new_nonce()
    return Ticket.objects.create(
        queue_day=line,
        line=line,
        number=line.last_number,
        service=place.service,
        channel=Channel.KIOSK,
        state=state,
        nonce=nonce,
        token_digest=tokens.digest(nonce),
        issued_at=aware(day, came),
        arrived_at=aware(day, came),
        called_at=aware(day, called) if called else None,
        started_at=aware(day, started) if started else None,
        ended_at=aware(day, ended),
        outcome="DONE" if state == TicketState.DONE else "",
    )


def the_week(place: Place) -> tuple[User, User]:
    """Four promised days of two officers, 08.00 to 14.00: 48 officer-hours. Wednesday is a holiday.

    Monday: both, Budi thirty minutes late. Tuesday: Siti alone, an hour late. Thursday: nobody.
    Friday: both, Siti leaves thirty minutes early. Five numbers, of which one was never called.
    """
    eight_to_two(place)
    promise(place.agency, 1, 2, 3, 4, 5)
    siti, budi = place.officer, make.make_user(agency=place.agency, username="budi", first_name="Budi")
    wednesday, thursday, friday = (date(2026, 3, day) for day in (4, 5, 6))
    CalendarDay.objects.create(date=wednesday, kind=CalendarKind.NATIONAL_HOLIDAY, name="Libur uji")
    sat(place, siti, MONDAY, "08:00", "14:00")
    sat(place, budi, MONDAY, "08:30", "14:00")
    sat(place, siti, TUESDAY, "09:00", "14:00")
    sat(place, siti, friday, "08:00", "13:30")
    sat(place, budi, friday, "08:00", "14:00")
    line = line_on(place, MONDAY, quota=10)
    Share.objects.create(line=line, name=ShareName.ONLINE, reserved=6, taken=2)
    Share.objects.create(line=line, name=ShareName.REST, reserved=4)
    # Waited 10, 20, 55 and 5 minutes; at the counter 10, 20 and 10 of the 15 that the standard promises.
    number(place, MONDAY, "08:00", "08:10", "08:11", "08:21")
    number(place, MONDAY, "08:00", "08:20", "08:20", "08:40")
    number(place, TUESDAY, "08:10", "09:05", "09:05", "09:15")
    number(place, friday, "10:00", "10:05", ended="10:10", state=TicketState.NO_SHOW)
    number(place, thursday, "08:00", state=TicketState.EXPIRED)
    return siti, budi
