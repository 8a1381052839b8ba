"""Blocks of numbers leased to a kiosk that may lose the network, and what it handed out meanwhile."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Max
from django.utils.translation import gettext as _

from mpp.core import audit, clock, locks, tokens
from mpp.core.constraints import refused_by
from mpp.core.errors import NotFound, Refusal
from mpp.core.text import clean_text
from queueing import rules
from queueing.actions import lines, pool, trail
from queueing.actions.paper import block_of
from queueing.enums import Channel, Lane, Priority, Step
from queueing.models import NumberBlock, Queue, QueueDay, Share, Ticket, TicketEvent
from queueing.policy import pool as pool_policy
from services.models import Service
from tenants.models import User

MOST_LEASED = 200
MOST_BLOCKS = 99
# A kiosk's clock may run a little ahead of the database's.
MOST_AHEAD = timedelta(minutes=2)


@dataclass(frozen=True)
class Printed:
    """One number that the kiosk handed out by itself; `at` is aware, by the kiosk's clock."""

    number: int
    service: Service
    at: datetime
    priority: str = Priority.NONE


def lease(*, queue: Queue, holder: str, size: int, by: User | None = None) -> NumberBlock:
    """Lease the next block of a line's numbers for today, under a prefix of its own.

    Its places leave the quota of the line until they are handed out or returned: nobody else can take
    them meanwhile. Raises `Refusal` (400) for a wrong size or holder, (409) when fewer places are left.
    """
    holder = clean_text(holder, limit=80, field="holder")
    if not holder or not 1 <= size <= MOST_LEASED:
        message = _("Tulis pemegang blok, dan 1 sampai %(most)d nomor.")
        raise Refusal("bad_block", message % {"most": MOST_LEASED}, status=400)
    at = clock.now()
    line = lines.day_of(queue.pk, clock.local(at).date())
    with locks.transaction_of_one_act(), refused_by(NumberBlock, Share):
        day = locks.hold(lines.main_rows().filter(pk=line.pk))[0]
        block = block_of(day, _next_name(day), quota=None if day.quota is None else size)
        if day.quota is not None:
            _reserve(day, block, size, at)
        leased = NumberBlock.objects.create(day=block, holder=holder, size=size, leased_at=at)
        audit.record("block.lease", by=by, target=block, holder=holder, size=size)
        trail.publish([day], "quota")
    return leased


def _next_name(day: QueueDay) -> str:
    leased = QueueDay.objects.filter(queue=day.queue_id, date=day.date, block__startswith="K").count()
    if leased >= MOST_BLOCKS:
        raise Refusal("too_many_blocks", _("Blok nomor hari ini sudah habis. Kembalikan yang tidak dipakai."))
    return f"K{leased + 1}"


def _reserve(day: QueueDay, block: QueueDay, size: int, at: datetime) -> None:
    """Move `size` places of the kiosk from the locked line to the block."""
    shares = {share.name: share for share in pool.with_due(Share.objects.filter(line=day), at)}
    moment = rules.moment_of(day.queue, at)
    left = pool_policy.remaining(
        [pool.part_of(share) for share in shares.values()], Channel.KIOSK, moment=moment
    )
    if left < size:
        message = _("Di tempat hanya tersisa %(left)d nomor. Ambil blok yang lebih kecil.")
        raise Refusal("block_too_large", message % {"left": left}, left=left)
    wanted = size
    for name in pool_policy.drawable(Channel.KIOSK, is_priority=False, moment=moment):
        share = shares.get(name)
        count = min(wanted, pool_policy.free_in(pool.part_of(share), moment)) if share else 0
        if share and count:
            _move(share, Share(line=block, name=name, reserved=0), count, at)
            wanted -= count
    day.quota = (day.quota or 0) - size


def _move(source: Share, target: Share, count: int, at: datetime) -> None:
    pool.free_due(source, at)
    source.reserved -= count
    source.save(update_fields=["taken", "reserved"])
    target.reserved = count
    target.save(force_insert=True)


def sync(*, block: NumberBlock, entries: Sequence[Printed], by: User | None = None) -> list[Ticket]:
    """Write what the kiosk handed out; each number stands at the place of its printing. Twice is once.

    The numbers follow those written before without a gap. Returns the numbers of `entries`. Raises
    `Refusal` (409) for a gap, a number outside the block or told differently before, times out of
    order, and new numbers of a block that was returned; then nothing is written.
    """
    with locks.transaction_of_one_act(), refused_by(Ticket):
        at = clock.now()
        main, numbering = _locked(block)
        fresh = NumberBlock.objects.get(pk=block.pk)
        known = {ticket.number: ticket for ticket in _tickets(numbering)}
        told = _told(entries)
        _check_known(known, told)
        new = [told[number] for number in sorted(told) if number not in known]
        _check_new(new, fresh, numbering, main.queue, at)
        shares = list(Share.objects.filter(line=numbering).order_by("pk"))
        tickets = [_ticket(entry, fresh, numbering, main, _take(shares), at) for entry in new]
        if tickets:
            _write(tickets, shares, numbering, at, by)
            audit.record("block.sync", by=by, target=numbering, numbers=len(tickets))
            trail.publish([main])
    return [ticket for ticket in _tickets(numbering) if ticket.number in told]


def _locked(block: NumberBlock) -> tuple[QueueDay, QueueDay]:
    """Lock the line of a block, which stands for the block too; return both."""
    numbering = QueueDay.objects.get(pk=block.day_id)
    main = lines.main_rows().filter(queue=numbering.queue_id, date=numbering.date)
    day = locks.hold(main)[0]
    numbering.refresh_from_db()
    return day, numbering


def _tickets(numbering: QueueDay) -> Iterable[Ticket]:
    return Ticket.objects.with_labels().filter(queue_day=numbering).order_by("number")


def _told(entries: Iterable[Printed]) -> dict[int, Printed]:
    told: dict[int, Printed] = {}
    for entry in entries:
        if told.setdefault(entry.number, entry) != entry:
            raise _differs(entry.number)
    return told


def _differs(number: int) -> Refusal:
    message = _("Nomor %(number)d pernah dikirim dengan isi lain.")
    return Refusal("told_differently", message % {"number": number}, number=number)


def _check_known(known: Mapping[int, Ticket], told: Mapping[int, Printed]) -> None:
    for number in known.keys() & told.keys():
        ticket, entry = known[number], told[number]
        if (ticket.service_id, ticket.priority) != (entry.service.pk, entry.priority):
            raise _differs(number)


def _check_new(
    new: Sequence[Printed], block: NumberBlock, numbering: QueueDay, queue: Queue, at: datetime
) -> None:
    if not new:
        return
    if block.returned_at is not None:
        raise Refusal("block_returned", _("Blok ini sudah dikembalikan. Minta blok baru."))
    if [entry.number for entry in new] != list(
        range(numbering.last_number + 1, numbering.last_number + 1 + len(new))
    ):
        message = _("Nomor harus berlanjut tanpa lompatan mulai %(next)d.")
        following = numbering.last_number + 1
        raise Refusal("block_gap", message % {"next": following}, next=following)
    if new[-1].number > block.size:
        raise Refusal("outside_block", _("Nomor itu di luar blok yang dipinjamkan."), size=block.size)
    served = set(queue.services.values_list("pk", flat=True))
    if any(entry.service.pk not in served for entry in new):
        raise Refusal("foreign_service", _("Layanan itu tidak ada di antrean blok ini."))
    last = Ticket.objects.filter(queue_day=numbering).aggregate(at=Max("issued_at"))["at"]
    moments = [last or block.leased_at, *(entry.at for entry in new), at + MOST_AHEAD]
    of_day = all(clock.local(entry.at).date() == numbering.date for entry in new)
    if moments != sorted(moments) or not of_day:
        raise Refusal("block_times", _("Jam cetak tidak urut, atau di luar masa blok ini."))


def _take(shares: Iterable[Share]) -> Share | None:
    for share in shares:
        if share.taken < share.reserved:
            share.taken += 1
            return share
    return None


def _ticket(
    entry: Printed,
    block: NumberBlock,
    numbering: QueueDay,
    main: QueueDay,
    share: Share | None,
    at: datetime,
) -> Ticket:
    nonce = _nonce(block, entry.number)
    printed_at = min(entry.at, at)
    return Ticket(
        queue_day=numbering,
        line=main,
        number=entry.number,
        service=entry.service,
        channel=Channel.KIOSK,
        priority=entry.priority,
        lane=Lane.EXPRESS if entry.priority else Lane.REGULAR,
        share=share,
        nonce=nonce,
        token_digest=tokens.digest(tokens.derived("ticket", nonce)),
        issued_at=printed_at,
        arrived_at=printed_at,
    )


def _write(
    tickets: Sequence[Ticket], shares: Iterable[Share], numbering: QueueDay, at: datetime, by: User | None
) -> None:
    Ticket.objects.bulk_create(tickets)
    TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket=ticket,
            step=Step.ISSUE,
            target=ticket.state,
            at=at,
            actor=by,
            line_id=ticket.line_id,
            detail={"offline": True},
        )
        for ticket in tickets
    )
    for share in shares:
        share.save(update_fields=["taken"])
    numbering.last_number = tickets[-1].number
    numbering.save(update_fields=["last_number"])


def return_block(*, block: NumberBlock, by: User | None = None) -> NumberBlock:
    """Give the unused places of a block back to its line; twice is once. Its numbers stay valid."""
    with locks.transaction_of_one_act(), refused_by(Share):
        main, numbering = _locked(block)
        fresh = NumberBlock.objects.get(pk=block.pk)
        if fresh.returned_at is None:
            unused = _give_back(main, numbering)
            fresh.returned_at = clock.now()
            fresh.save(update_fields=["returned_at"])
            audit.record("block.return", by=by, target=numbering, unused=unused)
            trail.publish([main], "quota")
    return fresh


def _give_back(main: QueueDay, numbering: QueueDay) -> int:
    """Move the places that were not handed out back to the shares they came from."""
    total = 0
    for share in Share.objects.filter(line=numbering):
        unused = share.reserved - share.taken
        share.reserved -= unused
        share.save(update_fields=["reserved"])
        if main.quota is None or not unused:
            continue
        home, _is_new = Share.objects.get_or_create(line=main, name=share.name, defaults={"reserved": 0})
        Share.objects.filter(pk=home.pk).update(reserved=F("reserved") + unused)
        main.quota += unused
        total += unused
    if numbering.quota is not None:
        numbering.quota = sum(Share.objects.filter(line=numbering).values_list("reserved", flat=True))
        numbering.save(update_fields=["quota"])
    return total


def secret_of(block: NumberBlock) -> str:
    """Return the secret by which its holder is known: derived, never stored."""
    return tokens.derived("number-block", str(block.pk))


def access_block(key: int, secret: str) -> NumberBlock:
    """Return the block of this key; a wrong secret is 404, whatever it is."""
    block = NumberBlock.objects.select_related("day__queue").filter(pk=key).first()
    if block is None or not hmac.compare_digest(secret_of(block).encode(), secret.encode()):
        raise NotFound
    return block


def token_of(block: NumberBlock, number: int) -> str:
    """Return the secret link of a number of the block, so that the kiosk can print it before it is known."""
    return tokens.derived("ticket", _nonce(block, number))


def _nonce(block: NumberBlock, number: int) -> str:
    # From the server's key, not by chance: kiosk and server print the same link.
    secret = tokens.derived("block-number", f"{block.pk}:{number}")
    return hashlib.sha256(secret.encode()).hexdigest()[:32]
