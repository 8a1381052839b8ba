"""The writers of readiness: an agency claims what it has, another person verifies it."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agreements import proofs
from agreements.enums import CheckState
from agreements.models import ReadinessCheck, ReadinessCriterion
from mpp.core import audit, clock, pdf
from mpp.core.constraints import refused_by
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.text import clean_text
from tenants.enums import Role

if TYPE_CHECKING:
    from django.core.files import File

    from tenants.models import Agency, User

EVIDENCE_LENGTH = 1000
NOTE_LENGTH = 240


def claim(
    *,
    agency: Agency,
    criterion: ReadinessCriterion,
    evidence: str,
    by: User,
    file: File[Any] | None = None,
) -> ReadinessCheck:
    """State that `agency` meets `criterion`, by this evidence; other evidence has to be verified anew.

    The same evidence again changes nothing. Raises `Refusal` (400) without evidence in words or for a
    file that is no proof, (409) for a criterion that is not asked of this agency.
    """
    evidence = clean_text(evidence, limit=EVIDENCE_LENGTH, field="evidence")
    if not evidence:
        raise Refusal("no_evidence", _("Tulis buktinya."), status=400, field="evidence")
    if criterion.kinds and agency.kind not in criterion.kinds:
        raise Refusal("not_asked", _("Syarat ini tidak diminta dari instansi ini."))
    with transaction.atomic():
        check = _locked(agency, criterion) or ReadinessCheck(agency=agency, criterion=criterion)
        if check.evidence == evidence and file is None and check.state != CheckState.RETURNED:
            return check
        check.state, check.evidence, check.note = CheckState.CLAIMED, evidence, ""
        check.claimed_by, check.claimed_at = by, clock.now()
        check.judged_by = check.judged_at = None
        _take_file(check, file)
        with refused_by(ReadinessCheck):
            check.save()
        audit.record("readiness.claim", by=by, target=f"{agency.code} {criterion.code}")
    return check


def _take_file(check: ReadinessCheck, file: File[Any] | None) -> None:
    if file is None:
        return
    try:
        suffix = proofs.kind_of(file.file, file.size)  # type: ignore[arg-type]
    except pdf.Unusable as error:
        raise Refusal("bad_proof", str(error), status=400, field="file") from error
    # An earlier file stays where it is: the history points at it.
    check.file.save(str(PurePath("bukti").with_suffix(suffix)), file, save=False)


def verify(*, agency: Agency, criterion: ReadinessCriterion, by: User) -> ReadinessCheck:
    """State that DPMPTSP has seen the evidence and that it holds.

    Raises `Forbidden` unless `by` is of DPMPTSP, and `Refusal` (409) when they have claimed it themselves.
    """
    return _judge(agency, criterion, CheckState.VERIFIED, note="", by=by)


def send_back(*, agency: Agency, criterion: ReadinessCriterion, note: str, by: User) -> ReadinessCheck:
    """Give a claim back to the agency with what still lacks; also one that was verified before."""
    note = clean_text(note, limit=NOTE_LENGTH, field="note")
    if not note:
        raise Refusal("reason_needed", _("Tulis apa yang masih kurang."), status=400, field="note")
    return _judge(agency, criterion, CheckState.RETURNED, note=note, by=by)


def _judge(
    agency: Agency, criterion: ReadinessCriterion, state: CheckState, *, note: str, by: User
) -> ReadinessCheck:
    if by.role != Role.ADMIN:
        raise Forbidden(_("Yang memeriksa kesiapan adalah admin DPMPTSP."))
    with transaction.atomic():
        check = _locked(agency, criterion)
        if check is None:
            raise NotFound(_("Syarat ini belum dinyatakan siap."))
        if check.claimed_by_id == by.pk:
            words = _("Yang memeriksa harus orang lain dari yang menyatakan siap.")
            raise Refusal("four_eyes", words)
        if check.state == state and check.note == note:
            return check
        check.state, check.note = state, note
        check.judged_by, check.judged_at = by, clock.now()
        check.save(update_fields=["state", "note", "judged_by", "judged_at"])
        audit.record(f"readiness.{state.lower()}", by=by, target=f"{agency.code} {criterion.code}", note=note)
    return check


def _locked(agency: Agency, criterion: ReadinessCriterion) -> ReadinessCheck | None:
    rows = ReadinessCheck.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(agency=agency, criterion=criterion).first()
