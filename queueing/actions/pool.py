"""Charging and giving back the places of a day's quota, always under the line's lock."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from mpp.core import audit, clock, locks
from mpp.core.errors import Refusal
from queueing import availability, rules
from queueing.actions import lines, trail
from queueing.enums import BookingState, Channel, ShareName, TicketState
from queueing.holders import with_holders
from queueing.models import Booking, ExtraQuota, PlaceReturn, Queue, QueueDay, Share, Slot, Ticket
from queueing.policy import pool as policy
from tenants.models import User


def charge(day: QueueDay, channel: str, *, is_priority: bool, at: datetime) -> Share | None:
    """Take one place of the locked line's quota and return its share; None without a quota.

    Raises `Refusal` (409, "full") when nothing is left for this channel, with what is left on site.
    """
    if day.quota is None:
        return None
    shares = {share.name: share for share in with_due(Share.objects.filter(line=day), at)}
    name = _chosen(shares.values(), day.queue, channel, is_priority=is_priority, at=at)
    return take(shares[name], at)


def refuse_when_full(queue: Queue, day: date, channel: str, *, is_priority: bool, at: datetime) -> None:
    """Raise what `charge` would, without a lock, when nothing is left as far as one can see.

    Of eight thousand who come for four hundred places, most need not wait for each other to hear it.
    """
    if queue.daily_quota is None:
        return
    rows = Share.objects.filter(line__queue=queue, line__date=day, line__block="", line__quota__isnull=False)
    if shares := list(with_due(rows, at)):
        _chosen(shares, queue, channel, is_priority=is_priority, at=at)


def _chosen(shares: Iterable[Share], queue: Queue, channel: str, *, is_priority: bool, at: datetime) -> str:
    parts = [part_of(share) for share in shares]
    moment = rules.moment_of(queue, at)
    name = policy.choose(parts, channel, is_priority=is_priority, moment=moment)
    if name is None:
        raise full(parts, channel, moment)
    return name


def take(share: Share, at: datetime, places: int = 1) -> Share:
    """Charge places to `share` (from `with_due`), whose line is locked; what is due is freed first."""
    free_due(share, at)
    share.taken += places
    share.save(update_fields=["taken"])
    return share


def free_due(share: Share, at: datetime) -> None:
    """Let `share` (from `with_due`), whose line is locked, forget the places that are due; the caller saves.

    Returns come without the line's lock (slots.bring_back): as many as are deleted now are free, which may
    be more than were counted a moment ago.
    """
    if getattr(share, "due", 0):
        freed, _by_model = PlaceReturn.objects.filter(share=share, due_at__lte=at).delete()
        share.taken -= freed


def with_due(shares: Iterable[Share], at: datetime) -> Iterable[Share]:
    """Return these shares, each with `due`: how many places were given back and are free again."""
    return shares.annotate(due=Count("returns", filter=Q(returns__due_at__lte=at)))  # type: ignore[attr-defined,no-any-return]


def part_of(share: Share) -> policy.Part:
    """Return a share (from `with_due`) as the policy sees it."""
    return policy.Part(share.name, share.reserved, share.taken, getattr(share, "due", 0))


def full(parts: Iterable[policy.Part], channel: str, moment: policy.Moment) -> Refusal:
    """Return the refusal of a wish for which nothing is left; it always names a way on."""
    on_site = policy.remaining(parts, Channel.KIOSK, moment=moment)
    online = policy.remaining(parts, Channel.ONLINE, moment=moment)
    if channel == Channel.ONLINE and on_site:
        message = _("Nomor daring habis. Datang ke anjungan: masih ada %(count)d nomor di tempat.")
        message %= {"count": on_site}
    elif online:
        message = _("Nomor di tempat habis. Masih ada %(count)d nomor daring: ambil dengan ponsel.")
        message %= {"count": online}
    else:
        message = _("Nomor hari ini sudah habis. Datang pada hari buka berikutnya.")
    return Refusal("full", message, until=None, on_site=on_site)


def recharge(ticket: Ticket, day: QueueDay, at: datetime) -> Share | None:
    """Return the share of a number that no longer goes first: its channel's own, where one is left.

    The place among those kept for priority comes back. Nobody loses their number for taking it back. The
    locked line `day` gave the number out.
    """
    if ticket.share is None or ticket.share.name != ShareName.PRIORITY:
        return ticket.share
    try:
        share = charge(day, ticket.channel, is_priority=False, at=at)
    except Refusal:
        return ticket.share
    if share is not None:
        give_back(ticket, at)
    return share or ticket.share


def give_back(ticket: Ticket, at: datetime) -> None:
    """Let the ticket's place come back at a moment that nobody can foresee (trust.md T-01).

    The line that gave the number out (`lines.home_of`) is locked.
    """
    if ticket.share is None:
        return
    limits = rules.hall()
    earliest, latest = limits.return_from_minutes * 60, limits.return_to_minutes * 60
    seconds = earliest + secrets.randbelow(latest - earliest + 1)
    PlaceReturn.objects.create(share=_at_home(ticket.share), due_at=at + timedelta(seconds=seconds))


def _at_home(share: Share) -> Share:
    """Return `share`; of a leased block the line's own, with one taken place: nobody draws on the block."""
    block = share.line
    if not block.block:
        return share
    main = lines.main_rows().get(queue=block.queue_id, date=block.date)
    home, _is_new = Share.objects.get_or_create(line=main, name=share.name, defaults={"reserved": 0})
    for row, places in ((share, -1), (home, 1)):
        Share.objects.filter(pk=row.pk).update(reserved=F("reserved") + places, taken=F("taken") + places)
        QueueDay.objects.filter(pk=row.line_id).update(quota=F("quota") + places)
    return home


def apply_quota(*, queue: Queue, by: User | None = None) -> int:
    """Bring today's and later rows of the line to its quota and shares; return how many changed.

    Raises `Refusal` (409) when the new quota is below what has been issued or booked already; then
    nothing changes on any day.
    """
    with locks.transaction_of_one_act():
        return apply_within(queue=queue, by=by)


def apply_within(*, queue: Queue, by: User | None) -> int:
    """Do as `apply_quota`, inside an act that has begun: the new rule and the days follow it or neither."""
    return bring_to_quota(locks.hold(coming_days([queue])), queue, by=by)


def follow_quota(*, queue: Queue, quota: int | None, origin: str, by: User | None = None) -> bool:
    """Give the line, its today and its later days the quota that was promised; tell whether it changed.

    `origin` says which promise it follows, "" that it follows none any more. Raises `Refusal` (409) when
    the quota is below what has been issued or booked already; then nothing changes.
    """
    if (queue.daily_quota, queue.quota_origin) == (quota, origin):
        return False
    with locks.transaction_of_one_act():
        days = locks.hold(coming_days([queue]))
        queue.daily_quota, queue.quota_origin = quota, origin
        queue.save(update_fields=["daily_quota", "quota_origin"])
        bring_to_quota(days, queue, by=by)
    return True


def coming_days(queues: Iterable[Queue]) -> QuerySet[QueueDay]:
    """Return the rows of these lines from today on."""
    return lines.main_rows().filter(queue__in=queues, date__gte=clock.today())


def bring_to_quota(days: Sequence[QueueDay], queue: Queue, *, by: User | None) -> int:
    """Divide these locked rows of a line anew by its quota and shares; return how many changed."""
    changed = sum(_divide_again(day, queue) for day in days)
    if changed:
        audit.record("queue.quota", by=by, target=queue.code, quota=queue.daily_quota, days=changed)
        trail.publish(days)
    return changed


def _divide_again(day: QueueDay, queue: Queue) -> bool:
    quota = queue.daily_quota
    if quota is None:
        changed = day.quota is not None
        QueueDay.objects.filter(pk=day.pk).update(quota=None)
        return changed
    if day.quota is None:
        _charge_all(day)
    wanted = policy.divided(quota, availability.percents_of(queue))
    for name, places in _extras_of(day).items():
        wanted[name] = wanted.get(name, 0) + places
        quota += places
    shares = {share.name: share for share in with_holders(Share.objects.filter(line=day))}
    taken = {name: share.held for name, share in shares.items()}
    leased = _leased_of(day)
    held = {name: taken.get(name, 0) + leased.get(name, 0) for name in {*taken, *leased}}
    if sum(held.values()) > quota:
        raise Refusal(
            "quota_below_issued",
            _("Kuota %(quota)d lebih kecil dari %(taken)d nomor yang sudah keluar pada %(date)s.")
            % {"quota": quota, "taken": sum(held.values()), "date": f"{day.date:%d-%m-%Y}"},
        )
    final = {
        name: (places - leased.get(name, 0), taken.get(name, 0))
        for name, places in policy.at_least(wanted, held).items()
    }
    quota -= sum(leased.values())
    if day.quota == quota and final == {name: (row.reserved, row.taken) for name, row in shares.items()}:
        return False
    QueueDay.objects.filter(pk=day.pk).update(quota=quota)
    for name, (reserved, used) in final.items():
        defaults = {"reserved": reserved, "taken": used}
        Share.objects.update_or_create(line=day, name=name, defaults=defaults)
    return True


def _extras_of(day: QueueDay) -> dict[str, int]:
    """Return the numbers that the floor has added to each share of this day (actions.extra)."""
    extras = ExtraQuota.objects.filter(line=day).order_by()
    return dict(extras.values_list("share").annotate(places=Sum("places")))


def _leased_of(day: QueueDay) -> dict[str, int]:
    """Return the places of each share that stand in blocks leased out of the line's date."""
    shares = Share.objects.filter(line__queue=day.queue_id, line__date=day.date).exclude(line__block="")
    return dict(shares.order_by().values_list("name").annotate(places=Sum("reserved")))


def _numbers_of(day: QueueDay) -> QuerySet[Ticket]:
    """Return the numbers of the line's date that were not given back."""
    issued = Ticket.objects.filter(queue_day__queue=day.queue_id, queue_day__date=day.date)
    return issued.exclude(state=TicketState.CANCELLED)


def _charge_all(day: QueueDay) -> None:
    """Charge the numbers and open bookings that were made without a quota; older returns are over."""
    for rows, name in ((_numbers_of(day), ShareName.REST), (open_bookings(day), ShareName.BOOKED)):
        uncharged = rows.filter(share=None)
        if uncharged.exists():
            share, _is_new = Share.objects.get_or_create(line=day, name=name, defaults={"reserved": 0})
            uncharged.update(share=share)
    PlaceReturn.objects.filter(share__line=day, due_at__lte=clock.now()).delete()


def open_bookings(day: QueueDay) -> QuerySet[Booking]:
    """Return the bookings of the line's date that can still become numbers."""
    start = clock.aware(datetime.combine(day.date, time.min))
    slots = Slot.objects.filter(queue=day.queue_id, starts_at__gte=start)
    on_the_day = slots.filter(starts_at__lt=start + timedelta(days=1))
    return Booking.objects.filter(slot__in=on_the_day, state=BookingState.BOOKED)
