"""The writers of findings: recorded, answered, closed by a look at the proof, opened again with a reason."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import proofs
from agreements.enums import FindingState
from agreements.models import Finding
from mpp.core import audit, clock, pdf
from mpp.core.constraints import refused_by
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.text import clean_text
from tenants.enums import Role

if TYPE_CHECKING:
    from tenants.models import User

LONGEST = 4000
ANSWER_FIELDS = ["done", "proof", "proof_file", "answered_at", "answered_by"]
CLOSING_FIELDS = ["closed_at", "closed_by"]


def record_finding(*, finding: Finding, by: User) -> Finding:
    """Write a new finding; who found it is `by` unless it names another.

    Raises `Refusal` (400) for a date to come, (409) when the database refuses it.
    """
    if finding.found_on > clock.today():
        raise Refusal("future", _("Tanggal ditemukan belum tiba."), status=400)
    finding.recorded_by = by
    finding.found_by = finding.found_by or str(by)
    finding._history_user = by  # type: ignore[attr-defined]
    with refused_by(Finding), transaction.atomic():
        finding.save()
        audit.record("finding.record", by=by, target=finding, agency=finding.agency.code)
    return finding


def answer_finding(
    *, finding: Finding, done: str, by: User, proof: str = "", proof_file: File[Any] | None = None
) -> Finding:
    """Say what was done about an open finding; the mall looks at it next. A later answer replaces an earlier.

    For the DPMPTSP admin, and for the manager of the finding's own agency. Raises `NotFound` for a
    stranger, `Forbidden` for another role, `Refusal` (409) when it is closed.
    """
    _refuse_strangers(finding, by)
    with refused_by(Finding), transaction.atomic():
        finding = _locked(finding)
        if finding.state == FindingState.CLOSED:
            raise Refusal("closed", _("Temuan ini sudah selesai. Buka lagi dulu bila perlu."))
        _take_answer(finding, by, done, proof, proof_file)
        _write(finding, FindingState.ANSWERED, ANSWER_FIELDS, by)
    return finding


def close_finding(
    *, finding: Finding, by: User, done: str = "", proof: str = "", proof_file: File[Any] | None = None
) -> Finding:
    """Settle a finding after a look at its proof. What nobody has answered yet is answered along the way.

    For the DPMPTSP admin. Raises `Refusal` (409) without any proof, and when a serious one would be
    closed by the person who answered it.
    """
    if by.role != Role.ADMIN:
        raise Forbidden
    with refused_by(Finding), transaction.atomic():
        finding = _locked(finding)
        if finding.state == FindingState.CLOSED:
            return finding
        _refuse_lone_closing(finding, by)
        if finding.state == FindingState.OPEN:
            _take_answer(finding, by, done, proof, proof_file)
        else:
            _add_to_answer(finding, done, proof, proof_file)
        finding.closed_at, finding.closed_by = clock.now(), by
        _write(finding, FindingState.CLOSED, [*ANSWER_FIELDS, *CLOSING_FIELDS], by)
    return finding


def reopen_finding(*, finding: Finding, reason: str, due_on: date, by: User) -> Finding:
    """Open an answered or closed finding again, with the reason and a new due date.

    What was done so far stays to be read; a proof that did not hold does not count again (the history
    keeps it). For the DPMPTSP admin. Raises `Refusal` (400) without a
    reason or with a date that has passed, (409) when it is open.
    """
    if by.role != Role.ADMIN:
        raise Forbidden
    why = clean_text(reason, limit=200, field="reason")
    if not why:
        raise Refusal("reason_needed", _("Tulis alasannya."), status=400, field="reason")
    if due_on < clock.today():
        raise Refusal("past", _("Batas waktu yang baru sudah lewat."), status=400, field="due_on")
    with refused_by(Finding), transaction.atomic():
        finding = _locked(finding)
        if finding.state == FindingState.OPEN:
            raise Refusal("open", _("Temuan ini masih terbuka."))
        finding.reopened_at, finding.reopen_reason, finding.due_on = clock.now(), why, due_on
        finding.answered_at = finding.answered_by = finding.closed_at = finding.closed_by = None
        finding.proof = finding.proof_file = ""
        reopened = ["reopened_at", "reopen_reason", "due_on"]
        _write(finding, FindingState.OPEN, [*reopened, *ANSWER_FIELDS, *CLOSING_FIELDS], by, reason=why)
    return finding


def _refuse_strangers(finding: Finding, by: User) -> None:
    if by.role == Role.ADMIN:
        return
    if not by.placements.on(clock.today()).filter(agency=finding.agency_id).exists():
        raise NotFound
    if by.role != Role.AGENCY_MANAGER:
        raise Forbidden


def _refuse_lone_closing(finding: Finding, by: User) -> None:
    if not finding.is_serious or finding.answered_by_id not in {None, by.pk}:
        return
    if finding.state == FindingState.OPEN:
        raise Refusal("answer_first", _("Temuan berat dijawab dulu, lalu ditutup orang lain."))
    raise Refusal("second_person", _("Temuan berat diperiksa orang lain. Minta rekan Anda menutupnya."))


def _locked(finding: Finding) -> Finding:
    rows = Finding.objects.select_for_update(of=("self",), no_key=True).select_related("agency")
    return rows.get(pk=finding.pk)


def _take_answer(finding: Finding, by: User, done: str, proof: str, file: File[Any] | None) -> None:
    said = clean_text(done, limit=LONGEST, field="done")
    if not said:
        raise Refusal("done_needed", _("Tulis yang sudah dilakukan."), status=400, field="done")
    finding.done = said
    finding.proof = clean_text(proof, limit=LONGEST, field="proof")
    finding.answered_at, finding.answered_by = clock.now(), by
    _take_file(finding, file)


def _add_to_answer(finding: Finding, done: str, proof: str, file: File[Any] | None) -> None:
    """Let whoever closes it put the answer more precisely; who gave it stays."""
    finding.done = clean_text(done, limit=LONGEST, field="done") or finding.done
    finding.proof = clean_text(proof, limit=LONGEST, field="proof") or finding.proof
    _take_file(finding, file)


def _take_file(finding: Finding, file: File[Any] | None) -> None:
    if file is None:
        return
    try:
        suffix = proofs.kind_of(file.file, file.size)  # type: ignore[arg-type]
    except pdf.Unusable as error:
        raise Refusal("bad_proof", str(error), status=400, field="proof_file") from error
    # An earlier file stays where it is: the history points at it.
    finding.proof_file.save(str(PurePath("bukti").with_suffix(suffix)), file, save=False)


def _write(finding: Finding, state: FindingState, fields: list[str], by: User, *, reason: str = "") -> None:
    before, finding.state = finding.state, state
    finding._history_user = by  # type: ignore[attr-defined]
    finding._change_reason = reason[:100] or None  # type: ignore[attr-defined]
    finding.save(update_fields=["state", *fields])
    audit.record(
        "finding.state",
        by=by,
        target=finding,
        agency=finding.agency.code,
        before=before,
        after=state,
        reason=reason,
    )
