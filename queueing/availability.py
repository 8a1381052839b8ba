"""One answer for page, kiosk, console, display and API: may a number be taken, and if not, why."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.models import CounterSession, Queue, QueueDay, Ticket
from queueing.policy import Estimate, estimate
from services.enums import Openness
from services.models import Service
from services.opening import OpeningBook
from services.policy import Opening
from tenants.enums import SERVING, AgencyStatus
from tenants.models import Agency


@dataclass(frozen=True)
class Line:
    """How a line stands now. `remaining` is None without a quota."""

    queue_id: int
    prefix: str
    waiting: int
    counters: int
    remaining: int | None
    estimate: Estimate | None


@dataclass(frozen=True)
class Availability:
    """Whether a number can be taken now, in words and in figures.

    `until` is aware: when this state ends, or the next opening; None when nobody can say.
    """

    state: Openness
    code: str
    message: str
    until: datetime | None
    can_take: bool
    special: str
    line: Line | None

    def refusal(self) -> Refusal:
        """Return the error that a refused request gets."""
        until = self.until.isoformat() if self.until else None
        return Refusal(self.code, self.message, until=until)


def lines_on(day: date, queue_ids: Iterable[int] | None = None) -> dict[int, Line]:
    """Return how each active line stands on `day`, by the key of its queue: four queries in all."""
    queues = Queue.objects.active()
    if queue_ids is not None:
        queues = queues.filter(pk__in=list(queue_ids))
    days = {row.queue_id: row for row in QueueDay.objects.filter(queue__in=queues, date=day)}
    waiting = (
        Ticket.objects.waiting()
        .filter(line__in=[row.pk for row in days.values()])
        .values_list("line__queue")
        .annotate(people=Count("pk"), minutes=Sum("service__minutes"))
    )
    standing = {queue_id: (people, minutes) for queue_id, people, minutes in waiting}
    staffed = Tally(CounterSession.objects.open().values_list("agency", flat=True))
    return {
        queue.pk: _line(queue, days.get(queue.pk), standing.get(queue.pk, (0, 0)), staffed[queue.agency_id])
        for queue in queues
    }


def _line(queue: Queue, day: QueueDay | None, standing: tuple[int, int], counters: int) -> Line:
    people, minutes = standing
    quota = day.quota if day else quota_for_today(queue)
    remaining = None if quota is None else max(0, quota - (day.last_number if day else 0))
    return Line(queue.pk, queue.prefix, people, counters, remaining, estimate(minutes, counters))


def quota_for_today(queue: Queue) -> int | None:
    """Return the quota a new day starts with; a load test of the demo has none."""
    return None if settings.LOAD_TEST else queue.daily_quota


def of_agency(agency: Agency, book: OpeningBook, line: Line | None) -> Availability:
    """Return the availability of an agency as a whole, with its first line's figures."""
    return _answer(agency, book.opening(agency.pk), line, clock.local(clock.now()).date())


def of_services(services: Sequence[Service], at: datetime | None = None) -> dict[int, Availability]:
    """Return the availability of each service (with `agency` joined), by key, in six queries."""
    at = at or clock.now()
    today = clock.local(at).date()
    book = OpeningBook(at, {service.agency_id for service in services})
    links: dict[int, int] = dict(
        Queue.objects.active()
        .filter(services__in=[service.pk for service in services])
        .values_list("services", "pk")
    )
    lines = lines_on(today, set(links.values()))
    return {
        service.pk: _answer(
            service.agency,
            book.opening(service.agency_id, service.pk),
            lines.get(links.get(service.pk, 0)),
            today,
        )
        for service in services
    }


def line_to_join(service: Service) -> int:
    """Return the key of the queue in which `service` (with `agency` joined) may issue a number now.

    Raises the same `Refusal` as `of_service` would; what is left of the quota, only the locked line
    knows. Without the figures of the wait: this stands before every number.
    """
    at = clock.now()
    queue = Queue.objects.active().filter(services=service).first()
    line = Line(queue.pk, queue.prefix, 0, 0, None, None) if queue else None
    opening = OpeningBook(at, [service.agency_id]).opening(service.agency_id, service.pk)
    answer = _answer(service.agency, opening, line, clock.local(at).date())
    if not answer.can_take or queue is None:
        raise answer.refusal()
    return queue.pk


def of_service(service: Service, at: datetime | None = None) -> Availability:
    """Return the availability of one service."""
    return of_services([service], at)[service.pk]


def _answer(agency: Agency, opening: Opening, line: Line | None, today: date) -> Availability:
    until = clock.aware(opening.until) if opening.until else None
    common: dict[str, Any] = {"special": opening.special, "line": line}
    if agency.status not in SERVING:
        message = _not_serving(agency)
        if not has_agreement(agency, today):
            message += " " + _("Naskah kerja samanya belum berlaku.")
        return Availability(Openness.NOT_OPERATING, "agency_not_open", message, None, False, **common)
    if not has_agreement(agency, today):
        message = _("%(agency)s belum punya naskah kerja sama yang berlaku. Nomor belum dapat diambil.")
        message %= {"agency": agency.short_name}
        return Availability(Openness.NO_AGREEMENT, "agreement_not_in_force", message, None, False, **common)
    if line is None:
        message = _("Layanan ini belum memakai nomor antrean. Tanya petugas di pintu masuk.")
        return Availability(Openness.CLOSED, "no_queue", message, None, False, **common)
    if line.remaining == 0 and opening.takes_numbers:
        message = _("Nomor hari ini sudah habis. Datang pada hari buka berikutnya.")
        return Availability(Openness.FULL, "full", message, None, False, **common)
    message = why(opening)
    return Availability(opening.state, opening.code, message, until, opening.takes_numbers, **common)


def _not_serving(agency: Agency) -> str:
    match agency.status:
        case AgencyStatus.PAUSED:
            words = _("%(agency)s sedang tidak melayani di mal ini.")
        case AgencyStatus.ENDED:
            words = _("%(agency)s sudah tidak melayani di mal ini.")
        case _:
            words = _("%(agency)s belum melayani di mal ini.")
    return words % {"agency": agency.short_name}


def has_agreement(agency: Agency, day: date) -> bool:
    """Tell whether the agency may serve on `day` by its agreement (R000-15); an OPD needs none."""
    if not agency.needs_agreement:
        return True
    start, end = agency.agreement_from, agency.agreement_to
    return start is not None and end is not None and start <= day <= end


def why(opening: Opening) -> str:
    """Return the state of an opening in one or two sentences that end in a time."""
    if opening.state == Openness.OPEN:
        return ""
    back = _("Buka lagi %(when)s.") % {"when": when_words(opening.until)} if opening.until else ""
    match opening.code:
        case "break":
            return _("Sedang istirahat. Lanjut %(when)s.") % {"when": when_words(opening.until)}
        case "last_number":
            return _("Waktu ambil nomor hari ini sudah lewat.") + f" {back}"
        case "before_hours":
            return _("Belum buka.") + " " + _("Buka %(when)s.") % {"when": when_words(opening.until)}
        case "holiday":
            return _("Tutup: %(name)s.") % {"name": opening.reason} + f" {back}"
        case _:
            return _("Sedang tutup.") + f" {back}"


def when_words(moment: datetime | None) -> str:
    """Return a naive local moment in words: "pukul 08.00" today, else "Senin, 23 November pukul 08.00"."""
    if moment is None:
        return ""
    hour = _("pukul %(time)s") % {"time": f"{moment:%H.%M}"}
    if moment.date() == clock.today():
        return hour
    return f"{date_format(moment, 'l, j F')} {hour}"
