"""The writers of the mall's way: moving a plan, noting what happened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.access import require_the_mall
from agreements.actions.trail import signed
from agreements.models import Milestone, PlanMove
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.documents import attach
from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from tenants.models import User


def move_plan(*, milestone: Milestone, planned_on: date, reason: str, by: User | None = None) -> Milestone:
    """Plan `milestone` for another day; the day before stays in its history of moves."""
    require_the_mall(by)
    with transaction.atomic():
        milestone = _locked(milestone)
        if milestone.actual_on:
            raise Refusal("has_happened", _("Tahapan ini sudah terlaksana. Rencananya tidak digeser lagi."))
        before = milestone.planned_on
        if before == planned_on:
            return milestone
        milestone.planned_on = planned_on
        milestone._change_reason = reason[:100]  # type: ignore[attr-defined]
        milestone.save(update_fields=["planned_on"])
        PlanMove.objects.create(
            milestone=milestone, before=before, after=planned_on, reason=reason, **signed(by)
        )
        audit.record(
            "milestone.move", by=by, target=milestone.code, before=str(before), after=str(planned_on)
        )
    return milestone


def note_actual(
    *,
    milestone: Milestone,
    actual_on: date,
    evidence: str = "",
    source: str = "",
    file: UploadedFile[Any] | None = None,
    by: User | None = None,
) -> Milestone:
    """Note the day on which `milestone` came true, and what shows it.

    Raises `Refusal` for a day to come, and without evidence or source.
    """
    require_the_mall(by)
    if actual_on > clock.today():
        raise Refusal("in_the_future", _("Tanggal itu belum tiba. Isi hari ini atau sebelumnya."))
    with refused_by(Milestone), transaction.atomic():
        milestone = _locked(milestone)
        milestone.actual_on = actual_on
        milestone.evidence = evidence or milestone.evidence
        milestone.source = source or milestone.source
        milestone.save(update_fields=["actual_on", "evidence", "source", *attach(milestone, file)])
        audit.record("milestone.actual", by=by, target=milestone.code, day=str(actual_on))
    return milestone


def withdraw_actual(*, milestone: Milestone, reason: str, by: User | None = None) -> Milestone:
    """Take back that `milestone` has come true, because it had been noted by mistake."""
    require_the_mall(by)
    with transaction.atomic():
        milestone = _locked(milestone)
        before = milestone.actual_on
        milestone.actual_on = None
        milestone._change_reason = reason[:100]  # type: ignore[attr-defined]
        milestone.save(update_fields=["actual_on"])
        audit.record("milestone.withdraw", by=by, target=milestone.code, day=str(before), reason=reason)
    return milestone


def _locked(milestone: Milestone) -> Milestone:
    return Milestone.objects.select_for_update(no_key=True).get(pk=milestone.pk)
