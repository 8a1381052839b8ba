"""A mall of forty agencies with one line each, always open, and officers at counters with keys to the API."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils import timezone

from mpp.core import clock
from queueing.models import QueueDay
from tenants.actions.signing_in import issue_api_token
from tenants.models import Agency, Zone
from tests import factories as make

LINES = 40
DESKS = 32
ZONE = "bench"
TIME_ZONE = "Asia/Makassar"


@dataclass(frozen=True)
class Desk:
    """An open counter and its officer's key."""

    session: int
    token: str


@dataclass(frozen=True)
class Spread:
    """What a load goes to: the first `count` lines, and the desks that serve them.

    Lines, services and sessions have consecutive keys, so that pgbench can reckon with them.
    """

    name: str
    services: list[str]
    first_line: int
    first_service: int
    desks: list[Desk]

    @property
    def count(self) -> int:
        return len(self.services)


def build(*, has_past: bool = True) -> tuple[Spread, Spread]:
    """Fill an empty database; return the loads on one line and on forty.

    `has_past`: as on any day but the first. Days that are only remembered have no trail, so not every
    invariant holds of them; without them a mall promises nothing, which costs nothing.
    """
    make.make_mall(name="MPP Bench", short_name="MPP Bench", timezone=TIME_ZONE)
    make.make_always_open()
    zone = make.make_zone(code=ZONE)
    with timezone.override(TIME_ZONE):
        agencies = [make.make_agency(zone=zone) for _ in range(LINES)]
        services = [make.make_service(agency) for agency in agencies]
        queues = [make.make_queue(service) for service in services]
        today = clock.today()
        days = [QueueDay.objects.create(queue=queue, date=today, prefix=queue.prefix) for queue in queues]
        for queue, service in zip(queues, services, strict=True) if has_past else ():
            make.remember_days(queue, service, service.minutes, before=clock.local(clock.now()))
        of_many = [_desk(agency, zone) for agency in agencies[:DESKS]]
        of_one = [_desk(agencies[0], zone) for _ in range(DESKS)]
    slugs = [service.slug for service in services]
    return (
        Spread("one line", slugs[:1], days[0].pk, services[0].pk, of_one),
        Spread("forty lines", slugs, days[0].pk, services[0].pk, of_many),
    )


def _desk(agency: Agency, zone: Zone) -> Desk:
    officer = make.make_user(agency=agency)
    session = make.open_session(agency, make.make_counter(agency, zone), officer)
    return Desk(session.pk, issue_api_token(officer))


def more_desks(count: int) -> list[Desk]:
    """Open `count` counters more, evenly on the forty agencies."""
    zone = Zone.objects.get(code=ZONE)
    agencies = list(Agency.objects.order_by("pk")[:LINES])
    with timezone.override(TIME_ZONE):
        return [_desk(agencies[index % LINES], zone) for index in range(count)]


def with_desks(spread: Spread, desks: list[Desk]) -> Spread:
    """Return the same load served by these desks."""
    return replace(spread, desks=desks)


def only(spread: Spread, slug: str) -> Spread:
    """Return a load on one service of `spread`."""
    return replace(spread, name=slug, services=[slug])


def scarce_service(places: int) -> str:
    """Make one more line with so many places a day, all of them online; return its service's slug."""
    service = make.make_service(make.make_agency(zone=Zone.objects.get(code=ZONE)))
    make.make_queue(service, daily_quota=places, online_percent=100)
    return service.slug
