"""A founding mall in the middle of a morning: real services, counters that call, people who wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from django.utils import timezone

from mpp.core import clock
from mpp.core.models import Mall
from mpp.packs import loader
from queueing import actions
from queueing.actions import booking as booking_acts
from queueing.bookings import BookingBook, queue_of
from queueing.enums import Outcome, TicketState
from queueing.filed import file_of
from queueing.models import Booking, CounterSession, Queue, Ticket, Visit
from services.models import OpeningHours, Service, Submission
from tenants.enums import Role
from tenants.models import CounterDuty, User
from tests import factories as make

PACK = "balangan"
# The lines in which something happens, people waiting in the first of them, and how many fewer in each next.
BUSY, WAITING, FEWER = 10, 9, 1
# One person comes so long after the other.
EVERY = timedelta(minutes=2)
HOURS_LEFT = 7
PHONE = "+6281234567890"


@dataclass
class Scene:
    """What the pictures are of."""

    service: Service
    zone: str
    waiting: Ticket
    called: Ticket
    done: Ticket
    missed: Ticket
    held: Ticket
    file: Submission
    visit: Visit
    booking: Booking
    cancelled: Booking
    officer: User
    manager: User
    admin: User


def make_scene(*, with_pictures: bool = True) -> Scene:
    """Load the mall, with an emblem and a photo as stand-ins for its own, and let a morning have happened."""
    loader.load(PACK)
    make.make_rules()
    if with_pictures:
        make.show_pictures()
        Mall.objects.update(photo_words="Pintu masuk dari jalan raya")
    with timezone.override(Mall.objects.get().timezone):
        _open_now()
        return _play()


def _open_now() -> None:
    """Office hours, when it is a time of office hours; else open all day."""
    here = clock.local(clock.now())
    OpeningHours.objects.all().delete()
    if not time(8) <= here.time() < time(14):
        make.make_always_open()
        return
    # Whoever waits is served today: numbers stop when the rest of the day is too short for them.
    closes = max(15, here.hour + HOURS_LEFT)
    for weekday in range(1, 8):
        OpeningHours.objects.create(
            weekday=weekday,
            # So that who waits since half an hour came after the opening.
            opens_at=time(8 if here.time() >= time(8, 40) else 7),
            closes_at=time(closes),
            last_number_at=time(closes - 1, 30),
            valid_from=make.LONG_AGO,
        )


def _play() -> Scene:
    duties = CounterDuty.objects.on(clock.today()).select_related("agency", "counter")
    by_agency = {duty.agency_id: duty for duty in duties.order_by("-counter__position")}
    queues = Queue.objects.active().filter(agency__in=by_agency).select_related("agency").order_by("prefix")
    Queue.objects.update(takes_bookings=True)
    tickets: list[tuple[Ticket, User]] = []
    for place, queue in enumerate(islice(queues, BUSY)):
        duty, service = by_agency[queue.agency_id], queue.services.filter(is_published=True)[0]
        make.remember_days(queue, service, service.minutes, before=clock.local(clock.now()))
        officer = make.make_user(agency=queue.agency, first_name="Siti", last_name="Rahmah")
        people = max(2, WAITING - FEWER * place)
        with clock.frozen(clock.now() - EVERY * (people + 1)):
            session = make.open_session(queue.agency, duty.counter, officer)
        for left in range(people, 0, -1):
            with clock.frozen(clock.now() - EVERY * left):
                tickets.append((make.issue(service), officer))
        if called := actions.call_next(session=session, by=officer):
            actions.start(ticket=called, by=officer)
    return _scene(tickets)


def _scene(tickets: list[tuple[Ticket, User]]) -> Scene:
    first, officer = tickets[0]
    session = officer.sessions.get()
    done = Ticket.objects.get(pk=first.pk)
    filed, held, missed = _elsewhere(session)
    actions.finish(ticket=done, by=officer)
    called = actions.call_next(session=session, by=officer)
    service = first.service
    waiting = make.issue(service, phone=PHONE)
    booking, other = _book(service, PHONE), _book(service, "")
    booking_acts.cancel(booking=other)
    assert called is not None
    counter = session.counter
    return Scene(
        service=service,
        zone=counter.zone.code,
        waiting=waiting,
        called=called,
        done=done,
        missed=missed,
        held=held,
        file=filed,
        visit=_visit(waiting, tickets),
        booking=booking,
        cancelled=other,
        officer=officer,
        manager=make.make_user(Role.FLOOR_MANAGER, first_name="Rina"),
        admin=make.make_user(Role.ADMIN),
    )


def _elsewhere(session: CounterSession) -> tuple[Submission, Ticket, Ticket]:
    """At other counters a file is handed in, a number is put aside, and one is called in vain."""
    served = Ticket.objects.filter(state=TicketState.SERVING).exclude(session=session).order_by("pk")
    others = CounterSession.objects.open().filter(tickets__in=served).select_related("user")
    first, second, third = others.order_by("tickets__pk")[:3]
    ended = actions.finish(ticket=served[0], by=first.user, outcome=Outcome.FILE_RECEIVED)
    held = actions.hold(ticket=served[0], by=second.user)
    actions.finish(ticket=served[0], by=third.user)
    missed = actions.call_next(session=third, by=third.user)
    file = file_of(ended)
    assert missed is not None
    assert file is not None
    return file, held, make.miss(missed, third.user)


def _visit(waiting: Ticket, tickets: list[tuple[Ticket, User]]) -> Visit:
    """The person who waits holds a number at another agency too."""
    visit = actions.join(ticket=waiting)
    other = next(ticket for ticket, _officer in reversed(tickets) if ticket.service != waiting.service)
    return actions.join(ticket=other, visit=visit)


def _book(service: Service, phone: str) -> Booking:
    queue = queue_of(service)
    assert queue is not None
    book = BookingBook(service, queue, clock.now())
    day = next(day for day in book.days() if day.date > book.first and day.free)
    starts: datetime = clock.aware(next(free.starts for free in day.times if free.free) + timedelta())
    return booking_acts.book(service=service, starts_at=starts, phone=phone)
