"""Files in process of the demo: a handful in different states, so that their pages are alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from mpp.core import clock, revision
from mpp.demo import people
from services import shelf
from services.actions import receive, take_step
from services.enums import SubmissionStep as Step
from services.models import Service, Submission
from tenants.models import User


@dataclass(frozen=True)
class Sample:
    """One file: how many days ago it came in, and the steps taken since, one a day."""

    days_ago: int
    steps: Sequence[Step] = ()
    note: str = ""
    number: str = "A-012"


SAMPLES = (
    Sample(0),
    Sample(1, [Step.PROCESS], number="A-031"),
    Sample(4, [Step.PROCESS, Step.LACK], "Fotokopi Kartu Keluarga yang terbaru", "A-007"),
    Sample(5, [Step.PROCESS, Step.READY], number="A-044"),
    Sample(9, [Step.PROCESS, Step.READY, Step.HAND_OVER], number="A-019"),
    Sample(20, [Step.PROCESS], number="A-003"),
    Sample(6, [Step.REJECT], "Permohonan ini diurus di kantor pusat, bukan di mal", "A-025"),
)


def prepare() -> int:
    """See to it that the first agency with officers has some files; return how many are new."""
    if Submission.objects.exists():
        return 0
    first = next(iter(people.wanted()), None)
    officer = User.objects.filter(username=first.username).first() if first else None
    placement = officer.placements.select_related("agency").first() if officer else None
    services = _with_promise(placement.agency_id) if placement else []
    if officer is None or not services:
        return 0
    for place, sample in enumerate(SAMPLES):
        _file(sample, place, services[place % len(services)], officer)
    return len(SAMPLES)


def _with_promise(agency_id: int) -> list[Service]:
    """Return the agency's services that take some days, else all of them."""
    instant = revision.read()
    own = [one for one in shelf.public_services(instant) if one.agency_id == agency_id]
    promised = [one for one in own if getattr(shelf.standard_of(one, instant), "time_days", None)]
    return promised or own


def _file(sample: Sample, place: int, service: Service, officer: User) -> None:
    start = clock.now() - timedelta(days=sample.days_ago, hours=1)
    with clock.frozen(start), transaction.atomic():
        submission = receive(service=service, origin=f"demo:{place}", number=sample.number, by=officer)
    for day, step in enumerate(sample.steps):
        with clock.frozen(start + timedelta(days=day, minutes=30)):
            submission = take_step(
                submission=submission,
                step=step,
                by=officer,
                note=sample.note if step in {Step.LACK, Step.REJECT} else "",
            )
