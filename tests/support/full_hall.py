"""A full mall on a Tuesday morning: nine busy queues, twenty-four counters, and days to learn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mpp.core import clock, tokens
from queueing import actions
from queueing.actions import lines
from queueing.enums import Channel, ShareName, Step
from queueing.models import CounterSession, Queue, QueueDay, Share, Ticket, TicketEvent
from services.models import OpeningHours, Service
from tenants.enums import Role
from tenants.models import Agency, Counter, User
from tests import factories as make

TUESDAY = datetime(2026, 11, 24, 9, 44, tzinfo=ZoneInfo("Asia/Makassar"))
Line = tuple[str, str, int, int, int, int | None]
# Prefix, name, counters, people waiting, minutes of a service, quota.
LINES: list[Line] = [
    ("A", "Dukcapil", 3, 6, 12, 150),
    ("D", "Samsat", 3, 23, 8, 60),
    ("B", "DPMPTSP", 2, 1, 15, None),
    ("E", "Polres", 2, 4, 10, 60),
    ("G", "BPJS Kesehatan", 2, 3, 12, None),
    ("C", "Bapenda", 2, 2, 10, 80),
    ("U", "Bank Kalsel", 2, 1, 6, None),
    ("J", "Pertanahan (BPN)", 2, 5, 20, 40),
    ("L", "Kementerian Agama", 2, 9, 15, 15),
    ("H", "Disnaker", 1, 0, 15, None),
    ("S", "PLN", 1, 0, 8, None),
    ("T", "Pos Indonesia", 1, 0, 6, None),
    ("V", "Imigrasi", 1, 0, 20, None),
]


@dataclass
class Hall:
    """The mall by prefix of its queues."""

    manager: User
    agencies: dict[str, Agency] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    counters: dict[str, list[Counter]] = field(default_factory=dict)
    officers: dict[str, list[User]] = field(default_factory=dict)

    def sessions(self, prefix: str) -> list[CounterSession]:
        agency = self.agencies.get(prefix)
        return list(CounterSession.objects.open().filter(agency=agency).order_by("pk"))


def make_hall(prefixes: str = "ADBEGCUJLHSTV") -> Hall:
    """Build it, or these queues of it, as of 09.44; the clock should stand there."""
    make.make_mall(name="MPP Balangan", short_name="MPP Balangan")
    make.make_rules()
    _open_from_eight()
    zones = [make.make_zone(code="timur", name="Zona timur"), make.make_zone(code="barat", name="Zona barat")]
    hall = Hall(make.make_user(Role.FLOOR_MANAGER, username="rina", first_name="Rina"))
    number = 0
    plan = [line for line in LINES if line[0] in prefixes]
    for position, (prefix, name, counters, _waiting, minutes, quota) in enumerate(plan):
        agency = make.make_agency(short_name=name, position=position, phone="0526 21 000")
        service = make.make_service(agency, name=f"Layanan {name}", minutes=minutes)
        queue = make.make_queue(service, prefix=prefix, name=name, daily_quota=quota, online_percent=0)
        hall.agencies[prefix], hall.services[prefix], hall.queues[prefix] = agency, service, queue
        hall.counters[prefix], hall.officers[prefix] = [], []
        for _each in range(counters):
            number += 1
            zone = zones[number > 12]
            counter = make.make_counter(agency, zone, number=str(number), position=number)
            person = make.make_user(
                agency=agency, first_name=_NAMES[number % len(_NAMES)], phone="+628115000"
            )
            hall.counters[prefix].append(counter)
            hall.officers[prefix].append(person)
        make.remember_days(queue, service, minutes, before=TUESDAY)
    _play_the_morning(hall, plan)
    return hall


_NAMES = ["Siti", "Ahmad", "Rahmah", "Budi", "Dewi", "Hendra", "Lestari", "Yusuf", "Nurul", "Agus"]


def _open_from_eight() -> None:
    OpeningHours.objects.bulk_create(
        OpeningHours(
            weekday=weekday,
            opens_at=time(8),
            closes_at=time(15),
            break_from=time(12),
            break_to=time(13),
            last_number_at=time(14),
            valid_from=make.LONG_AGO,
        )
        for weekday in range(1, 6)
    )


def at(hour: int, minute: int, second: int = 0) -> Any:
    """Hold the clock at this time of the day."""
    return clock.frozen(TUESDAY.replace(hour=hour, minute=minute, second=second))


def _play_the_morning(hall: Hall, plan: list[Line]) -> None:
    """Officers come (two of three at Samsat), people take numbers, some are at a counter now."""
    for prefix, _name, counters, waiting, _minutes, _quota in plan:
        there = counters - 1 if prefix in {"D", "J"} else counters
        with at(8, 3 if prefix != "E" else 21):
            sessions = [
                actions.open_counter(counter=hall.counters[prefix][index], by=hall.officers[prefix][index])
                for index in range(there)
            ]
        busy = sessions if waiting else sessions[:0]
        # The first of the line has waited longest: 41 minutes at Samsat.
        ago = [50 - index for index in range(len(busy))]
        ago += [round((waiting - index) * 41 / 23) for index in range(waiting)]
        _take_numbers(hall.queues[prefix], hall.services[prefix], ago)
        for index, session in enumerate(busy):
            with clock.frozen(TUESDAY - timedelta(minutes=11 - 2 * index, seconds=57 - 20 * index)):
                called = actions.call_next(session=session, by=session.user)
                if called is not None and prefix != "G":
                    actions.start(ticket=called, by=session.user)
    for resting in hall.sessions("H"):
        with at(9, 25):
            actions.pause(session=resting, by=resting.user, reason="Istirahat")


def _take_numbers(queue: Queue, service: Service, ago: list[int]) -> None:
    """Let people have taken numbers so many minutes ago, all at once: one by one would take seconds."""
    day = lines.begin(queue.pk, TUESDAY.date())
    rest = Share.objects.filter(line=day, name=ShareName.REST).first()
    tickets = []
    for number, minutes in enumerate(ago, start=1):
        nonce, came = tokens.new_nonce(), TUESDAY - timedelta(minutes=minutes)
        tickets.append(
            Ticket(
                queue_day=day,
                line=day,
                number=number,
                service=service,
                channel=Channel.KIOSK,
                share=rest,
                nonce=nonce,
                token_digest=tokens.digest(tokens.derived("ticket", nonce)),
                issued_at=came,
                arrived_at=came,
            )
        )
    Ticket.objects.bulk_create(tickets)
    TicketEvent.objects.bulk_create(
        TicketEvent(ticket=one, step=Step.ISSUE, target=one.state, at=one.issued_at, line=day)
        for one in tickets
    )
    QueueDay.objects.filter(pk=day.pk).update(last_number=len(ago))
    if rest is not None:
        Share.objects.filter(pk=rest.pk).update(taken=len(ago))
