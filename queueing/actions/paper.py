"""Numbers that were handed out on paper while the portal was away, entered afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from mpp.core import audit, clock, locks, tokens
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.formats import hour
from queueing.actions import lines, pool, trail
from queueing.enums import Channel, Outcome, ShareName, Step, TicketState
from queueing.models import Queue, QueueDay, Share, Ticket, TicketEvent
from queueing.policy import pool as pool_policy
from services.models import Service
from services.opening import OpeningBook
from tenants.models import User

PAPER = "M"
# More than anybody writes by hand in one stretch of trouble.
MOST_AT_ONCE = 300


@dataclass(frozen=True)
class Served:
    """From when to when a paper number was served (aware); both None when nobody noted it."""

    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Entered:
    """What was written: the block, how many wait, how many were served, how many are beyond the quota."""

    block: QueueDay
    waiting: int
    served: int
    beyond_quota: int


def enter_paper(
    *,
    service: Service,
    first: int,
    last: int,
    since: datetime,
    until: datetime | None = None,
    served: Mapping[int, Served],
    by: User,
) -> Entered:
    """Write the paper numbers `first` to `last` of the service's line, handed out evenly from `since` on.

    `until` (else now) is when the last was handed out; `served` are those that are over, by number. The
    rest waits at the place of its paper. All or nothing. Raises `Refusal` (400) for figures that cannot
    be true, (409) when these numbers do not follow those entered before.
    """
    queue = Queue.objects.active().filter(services=service).select_related("agency").first()
    if queue is None:
        raise Refusal("no_queue", _("Layanan ini belum memakai nomor antrean."))
    at = clock.now()
    today = clock.local(at).date()
    span = _Span(first, last, since, until or at)
    span.check(at, _opening(service, today, at))
    _check_served(span, served, at)
    line = lines.day_of(queue.pk, today)
    with locks.transaction_of_one_act(), refused_by(Ticket):
        day = locks.hold(lines.main_rows().filter(pk=line.pk))[0]
        block = block_of(day, PAPER)
        _check_follows(block, span)
        tickets = _written(block, day, service, span, served, at)
        beyond = _charge(tickets, day, at)
        Ticket.objects.bulk_create(tickets)
        _record(tickets, at, by)
        block.last_number = last
        block.save(update_fields=["last_number"])
        audit.record(
            "paper.enter", by=by, target=block, first=first, last=last, served=len(served), beyond=beyond
        )
        trail.publish([day])
    return Entered(block, len(tickets) - len(served), len(served), beyond)


def block_of(day: QueueDay, name: str, quota: int | None = None) -> QueueDay:
    """Return the numbering row `name` of a locked line, made when there is none; under a free prefix."""
    block, _is_new = QueueDay.objects.get_or_create(
        queue=day.queue,
        date=day.date,
        block=name,
        defaults={"prefix": _free_prefix(day.queue, name), "quota": quota},
    )
    return block


def _free_prefix(queue: Queue, name: str) -> str:
    """Return the line's prefix with `name`; no other line's prefix, or two numbers would read the same."""
    taken = set(Queue.objects.active().values_list("prefix", flat=True))
    candidates = (f"{queue.prefix}{name[0] * times}{name[1:]}" for times in range(1, 6))
    return next(prefix for prefix in candidates if prefix not in taken)


@dataclass(frozen=True)
class _Span:
    """So many papers between two moments."""

    first: int
    last: int
    since: datetime
    until: datetime

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    def handed_out_at(self, number: int) -> datetime:
        """Return when this paper was handed out, if they went evenly."""
        steps = max(1, len(self.numbers) - 1)
        return self.since + (self.until - self.since) * ((number - self.first) / steps)

    def check(self, at: datetime, opens: datetime) -> None:
        """Raise `Refusal` (400) for figures that cannot be true."""
        if self.first < 1 or self.last < self.first:
            raise _wrong("sampai", _("Nomor terakhir harus sama dengan atau sesudah nomor pertama."))
        if len(self.numbers) > MOST_AT_ONCE:
            most = {"most": MOST_AT_ONCE}
            raise _wrong("sampai", _("Masukkan paling banyak %(most)d nomor sekali simpan.") % most)
        if self.since > at:
            raise _wrong("sejak", _("Jam mulai tidak boleh di masa depan."))
        if self.since < opens:
            opening = {"time": hour(opens)}
            raise _wrong(
                "sejak", _("Hari ini buka pukul %(time)s. Jam mulai tidak boleh lebih awal.") % opening
            )
        if not self.since <= self.until <= at:
            raise _wrong("hingga", _("Jam selesai harus sesudah jam mulai, dan tidak di masa depan."))


def _wrong(field: str, message: str) -> Refusal:
    return Refusal("bad_paper", message, status=400, field=field)


def _opening(service: Service, today: date, at: datetime) -> datetime:
    plan = OpeningBook(at).plan(today, service.agency_id, service.pk)
    if plan.opens is None:
        raise _wrong("sejak", _("Hari ini layanan itu tutup. Nomor kertas hanya untuk hari buka."))
    return clock.aware(plan.opens)


def _check_served(span: _Span, served: Mapping[int, Served], at: datetime) -> None:
    for number, times in served.items():
        if number not in span.numbers:
            message = _("Nomor %(number)d tidak ada di antara %(first)d dan %(last)d.")
            raise _wrong("dilayani", message % {"number": number, "first": span.first, "last": span.last})
        if times.started_at is None or times.ended_at is None:
            continue
        if not span.handed_out_at(number) <= times.started_at <= times.ended_at <= at:
            message = _(
                "Nomor %(number)d: jam mulai harus sesudah nomor dibagikan (%(time)s), dan jam selesai "
                "sesudahnya, tidak di masa depan."
            )
            handed_out = clock.local(span.handed_out_at(number))
            raise _wrong("dilayani", message % {"number": number, "time": hour(handed_out)})


def _check_follows(block: QueueDay, span: _Span) -> None:
    """Refuse a gap, a number entered before, and papers handed out before earlier ones."""
    if span.first != block.last_number + 1:
        message = _("Nomor kertas yang sudah dimasukkan: %(count)d. Lanjutkan mulai nomor %(next)d.")
        figures = {"count": block.last_number, "next": block.last_number + 1}
        raise Refusal("paper_gap", message % figures, field="dari", next=block.last_number + 1)
    last = Ticket.objects.filter(queue_day=block).order_by("-number").first()
    if last and span.since < last.issued_at:
        time = {"time": hour(last.issued_at)}
        raise _wrong("sejak", _("Nomor sebelumnya dibagikan sampai pukul %(time)s.") % time)


def _written(
    block: QueueDay,
    day: QueueDay,
    service: Service,
    span: _Span,
    served: Mapping[int, Served],
    at: datetime,
) -> list[Ticket]:
    tickets = []
    for number in span.numbers:
        nonce = tokens.new_nonce()
        handed_out = span.handed_out_at(number)
        ticket = Ticket(
            queue_day=block,
            line=day,
            number=number,
            service=service,
            channel=Channel.PAPER,
            nonce=nonce,
            token_digest=tokens.digest(tokens.derived("ticket", nonce)),
            issued_at=handed_out,
            # Two papers of one moment still stand one behind the other.
            arrived_at=handed_out + timedelta(microseconds=number),
        )
        if number in served:
            _end(ticket, served[number], at)
        tickets.append(ticket)
    return tickets


def _end(ticket: Ticket, times: Served, at: datetime) -> None:
    """Mark a paper number as served; without noted times it counts in no measure of time."""
    ticket.state, ticket.outcome = TicketState.DONE, Outcome.DONE
    ticket.called_at = times.started_at
    ticket.started_at, ticket.ended_at = times.started_at or at, times.ended_at or at


def _charge(tickets: Sequence[Ticket], day: QueueDay, at: datetime) -> int:
    """Charge the numbers to the day's shares as far as these reach; return how many are beyond.

    A paper in somebody's hand is a fact: it is not refused, and places kept for bookings stay kept.
    """
    if day.quota is None:
        return 0
    shares = {share.name: share for share in pool.with_due(Share.objects.filter(line=day), at)}
    moment = pool_policy.Moment(released=True)
    names = pool_policy.drawable(Channel.PAPER, is_priority=False, moment=moment)
    left = list(tickets)
    for share in (shares[name] for name in names if name in shares and name != ShareName.BOOKED):
        count = min(len(left), pool.part_of(share).free)
        if count > 0:
            _take(share, left[:count], at)
            left = left[count:]
    return len(left)


def _take(share: Share, tickets: Iterable[Ticket], at: datetime) -> None:
    tickets = list(tickets)
    pool.take(share, at, len(tickets))
    for ticket in tickets:
        ticket.share = share


def _record(tickets: Iterable[Ticket], at: datetime, by: User | None) -> None:
    TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket=ticket,
            step=Step.ISSUE,
            target=ticket.state,
            at=at,
            actor=by,
            line_id=ticket.line_id,
            detail={"paper": True},
        )
        for ticket in tickets
    )
