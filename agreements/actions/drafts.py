"""The writer of promises that are not in force yet, and the act that puts a late one in force."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.access import require_the_mall
from agreements.actions import promises
from agreements.conflicts import contradictions
from agreements.enums import InstrumentState
from agreements.models import Promise, PromisedCounter, PromisedDay, PromisedService
from mpp.core import audit
from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from agreements.promised import Promised
    from tenants.models import User


def write_draft(*, promise: Promise, promised: Promised, by: User | None = None) -> Promise:
    """Write `promise`, new or not yet in force, with all that it says.

    Nothing follows it before its instrument is in force. Raises `Refusal` (409), with the sentences by
    column, for what contradicts its instrument, the mall's hours or other agencies, and for a promise
    that is in force already.
    """
    require_the_mall(by)
    with transaction.atomic():
        if promise.pk:
            _refuse_enacted(promise)
        if troubles := contradictions(promise, promised):
            words = " ".join(each for sentences in troubles.values() for each in sentences)
            raise Refusal("contradicted", words, columns=troubles)
        promise.save()
        for part in (PromisedDay, PromisedCounter, PromisedService):
            part._default_manager.filter(promise=promise).delete()
        PromisedDay.objects.bulk_create(
            PromisedDay(promise=promise, weekday=weekday, **asdict(day))
            for weekday, day in promised.days.items()
        )
        PromisedCounter.objects.bulk_create(
            PromisedCounter(promise=promise, counter_id=key) for key in promised.counters
        )
        PromisedService.objects.bulk_create(
            PromisedService(promise=promise, service_id=key, daily_numbers=numbers)
            for key, numbers in promised.services
        )
        audit.record("promise.draft", by=by, target=promises.origin_of(promise))
    return promise


def _refuse_enacted(promise: Promise) -> None:
    standing = Promise.objects.select_for_update(no_key=True).get(pk=promise.pk)
    if standing.enacted_at:
        words = _("Janji yang sudah berlaku tidak diubah lagi. Tulis versi berikutnya dengan addendum.")
        raise Refusal("in_force", words)


def put_in_force(*, promise: Promise, by: User | None = None) -> None:
    """Let a promise hold that was written after its instrument came into force.

    Raises `Refusal` (409) before the instrument is in force, and as `promises.enact` does.
    """
    require_the_mall(by)
    if promise.instrument.state != InstrumentState.IN_FORCE:
        raise Refusal("not_in_force", _("Naskahnya belum berlaku. Janji ini ikut berlaku bersamanya."))
    promises.enact(promise=promise, by=by)
    # Quotas lock the days of lines, which is an act of its own: after the transaction, never inside.
    promises.follow_today(agency=promise.agency, by=by)
