"""Declaring trouble, changing what is expected, ending it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from services.access import refuse_others
from services.models import Disruption

if TYPE_CHECKING:
    from tenants.models import Agency, User


def start_disruption(
    *,
    message: str,
    agency: Agency | None = None,
    expected_until: datetime | None = None,
    stops_numbers: bool = True,
    since: datetime | None = None,
    by: User | None = None,
) -> Disruption:
    """Declare trouble for `agency`, or for the whole mall; it lasts until `end_disruption`.

    Aware moments; `since` may lie back until this morning. Raises `Forbidden` (403) for other roles,
    `Refusal` (400) for an empty message or a wrong time, (409) when trouble is already declared there.
    """
    refuse_others(by)
    now = clock.now()
    started_at = since or now
    if started_at > now or clock.local(started_at).date() != clock.local(now).date():
        raise Refusal("bad_start", _("Gangguan mulai hari ini, dan tidak di masa depan."), status=400)
    with refused_by(Disruption), transaction.atomic():
        disruption = Disruption.objects.create(
            agency=agency,
            message=_message(message),
            started_at=started_at,
            expected_until=_expected(expected_until, now),
            stops_numbers=stops_numbers,
            started_by=by,
        )
        audit.record("disruption.start", by=by, target=disruption, **_detail(disruption))
    return disruption


def extend_disruption(
    *,
    disruption: Disruption,
    expected_until: datetime | None,
    message: str | None = None,
    stops_numbers: bool | None = None,
    by: User | None = None,
) -> Disruption:
    """Say anew until when trouble lasts (None: unknown); also its words and whether numbers stop.

    Raises `Forbidden` (403), `Refusal` (400) for a wrong time, (409) when it is over.
    """
    refuse_others(by)
    with transaction.atomic():
        disruption = _locked(disruption)
        if disruption.ended_at is not None:
            raise Refusal("disruption_over", _("Gangguan ini sudah berakhir. Nyatakan yang baru."))
        if expected_until != disruption.expected_until:
            disruption.expected_until = _expected(expected_until, clock.now())
        if message is not None:
            disruption.message = _message(message)
        if stops_numbers is not None:
            disruption.stops_numbers = stops_numbers
        disruption.save(update_fields=["expected_until", "message", "stops_numbers"])
        audit.record("disruption.extend", by=by, target=disruption, **_detail(disruption))
    return disruption


def end_disruption(*, disruption: Disruption, by: User | None = None) -> Disruption:
    """End the trouble now; ending it once more changes nothing. Raises `Forbidden` (403)."""
    refuse_others(by)
    with transaction.atomic():
        disruption = _locked(disruption)
        if disruption.ended_at is None:
            # A clock that was set back must not leave trouble that ends before it begins.
            disruption.ended_at = max(clock.now(), disruption.started_at)
            disruption.ended_by = by
            disruption.save(update_fields=["ended_at", "ended_by"])
            audit.record("disruption.end", by=by, target=disruption)
    return disruption


def _locked(disruption: Disruption) -> Disruption:
    rows = Disruption.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("agency").get(pk=disruption.pk)


def _message(text: str) -> str:
    message = clean_text(text, limit=160, field="message")
    if not message:
        raise Refusal("no_message", _("Tulis apa yang terjadi."), status=400, field="message")
    return message


def _expected(until: datetime | None, now: datetime) -> datetime | None:
    if until is not None and until <= now:
        raise Refusal("bad_end", _("Perkiraan pulih harus sesudah sekarang."), status=400)
    return until


def _detail(disruption: Disruption) -> dict[str, Any]:
    until = disruption.expected_until
    return {"until": until.isoformat() if until else "", "stops_numbers": disruption.stops_numbers}
