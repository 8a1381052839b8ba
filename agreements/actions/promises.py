"""The writers of promises: what an agency promised becomes its hours, its counters, its quota."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from agreements.models import Instrument, Promise
from agreements.policy import together
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from queueing.actions import follow_quota
from queueing.models import Queue
from services.actions import Hours, follow_week
from tenants.actions import follow_duties, set_promised_officers
from tenants.models import Agency

if TYPE_CHECKING:
    from tenants.models import User

DAY = timedelta(days=1)


def enact(*, promise: Promise, by: User | None = None) -> None:
    """Let `promise` hold from its date on; the version before it ends on the eve.

    The agency's ordinary week and the duties of its counters follow, from that date or from today,
    whichever is later: the past stays as it was. Raises `Refusal` (409) when another agency uses one
    of the counters, or when a later version is in force already.
    """
    with refused_by(Promise), transaction.atomic():
        promise = Promise.objects.with_parts().select_for_update(of=("self",), no_key=True).get(pk=promise.pk)
        if promise.enacted_at:
            return
        before = Promise.objects.filter(agency=promise.agency, enacted_at__isnull=False)
        running = before.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=promise.valid_from))
        for older in running.filter(valid_from__lt=promise.valid_from):
            older.valid_to = promise.valid_from - DAY
            older.save(update_fields=["valid_to"])
        promise.enacted_at = clock.now()
        promise.save(update_fields=["enacted_at"])
        since = max(promise.valid_from, clock.today())
        _push_week(promise, since, by)
        _push_duties(promise, since, by)
        audit.record("promise.enact", by=by, target=origin_of(promise), since=str(promise.valid_from))


def end(*, instrument: Instrument, last_day: date) -> None:
    """End after `last_day` the promises made by `instrument` and by what stands under it."""
    mine = Q(instrument=instrument) | Q(instrument__parent=instrument)
    running = Promise.objects.filter(
        mine | Q(instrument__parent__parent=instrument), enacted_at__isnull=False
    )
    later = Q(valid_to__isnull=True) | Q(valid_to__gt=last_day)
    for promise in running.filter(later):
        promise.valid_to = max(last_day, promise.valid_from)
        promise.save(update_fields=["valid_to"])


def follow_today(*, agency: Agency, by: User | None = None) -> None:
    """Bring what holds for one day to the version in force today: expected officers and quotas.

    Hours and counters have dates of their own; these have not, so the hourly job comes here too.
    A quota below what has been issued already stays as it is, and the trail says so once.
    """
    today = clock.today()
    agency = Agency.objects.get(pk=agency.pk)
    promise = Promise.objects.in_force_on(today).with_parts().filter(agency=agency).first()
    set_promised_officers(agency=agency, officers=officers_on(promise, today))
    for queue, quota, origin in _quotas(agency, promise):
        try:
            follow_quota(queue=queue, quota=quota, origin=origin, by=by)
        except Refusal as refusal:
            _note_kept(queue, {"promised": quota, "origin": origin}, why=str(refusal.message), by=by)


def _note_kept(queue: Queue, wish: dict[str, Any], *, why: str, by: User | None) -> None:
    """Say that this promised quota waits, unless that is the last thing that was said of the line's quota."""
    acts = ["promise.quota_kept", "queue.quota"]
    last = AuditEntry.objects.filter(action__in=acts, target=queue.code).first()
    if last is None or not wish.items() <= last.detail.items():
        audit.record(acts[0], by=by, target=queue.code, **wish, why=why)


def officers_on(promise: Promise | None, day: date) -> int | None:
    """Return how many officers the promise names for `day`, 0 on another day; None without a promise."""
    if promise is None:
        return None
    return next((each.officers for each in promise.days.all() if each.weekday == day.isoweekday()), 0)


def origin_of(promise: Promise) -> str:
    """Return what rows that follow the promise say of where they come from."""
    return f"{promise.instrument.code} v{promise.version}"


def _push_week(promise: Promise, since: date, by: User | None) -> None:
    days = [
        Hours(each.weekday, each.opens_at, each.closes_at, each.break_from, each.break_to)
        for each in promise.days.all()
    ]
    follow_week(agency=promise.agency, days=days, since=since, origin=origin_of(promise), by=by)


def _push_duties(promise: Promise, since: date, by: User | None) -> None:
    counters = [each.counter for each in promise.counters.all()]
    if counters:
        places = [(counter, day.weekday) for counter in counters for day in promise.days.all()]
        follow_duties(agency=promise.agency, places=places, since=since, origin=origin_of(promise), by=by)


def _quotas(agency: Agency, promise: Promise | None) -> list[tuple[Queue, int | None, str]]:
    """Return the lines whose quota the promise names, or has named: each with its quota and origin.

    A line that is not promised any more keeps its quota, and people may set it again.
    """
    services = promise.services.all() if promise else []
    numbers = {each.service_id: each.daily_numbers for each in services}
    found = []
    for queue in Queue.objects.active().filter(agency=agency).prefetch_related("services"):
        promised = [numbers[service.pk] for service in queue.services.all() if service.pk in numbers]
        if promise and promised:
            found.append((queue, together(promised), origin_of(promise)))
        elif queue.quota_origin:
            found.append((queue, queue.daily_quota, ""))
    return found
