"""The writers of work plans: how far a piece of work is, and by when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.access import require_own, require_the_mall
from agreements.actions.trail import signed
from agreements.models import WorkItem, WorkStep
from mpp.core import audit, clock
from mpp.core.documents import attach
from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from tenants.models import User

DONE = 100
MOST_AT_ONCE = 500
# What is written without a reason; progress and due date have acts of their own.
DESCRIBED = ("instrument", "target", "unit", "owner", "evidence", "is_sample")


def plan_work(*, item: WorkItem, by: User | None = None) -> WorkItem:
    """Write a new piece of work as it stands now, with how far it is already.

    Raises `Refusal`: an instrument of another agency, an end without evidence or in the future.
    """
    require_the_mall(by)
    _refuse_foreign_paper(item)
    if item.progress == DONE:
        item.done_on = _end(item.done_on)
        _refuse_unproven(item)
    with transaction.atomic():
        item.save(force_insert=True)
        audit.record("workitem.plan", by=by, target=item.title, progress=item.progress)
    return item


def describe_work(*, item: WorkItem, by: User | None = None) -> WorkItem:
    """Write what `item` says of itself (`DESCRIBED`), with its history."""
    require_the_mall(by)
    _refuse_foreign_paper(item)
    item.save(update_fields=DESCRIBED)
    return item


def _refuse_foreign_paper(item: WorkItem) -> None:
    if item.instrument and item.instrument.agency_id != item.agency_id:
        raise Refusal("other_agency", _("Naskah itu milik instansi lain."), field="instrument")


def _refuse_unproven(item: WorkItem) -> None:
    if not (item.evidence or item.file):
        raise Refusal("no_evidence", _("Tulis buktinya atau lampirkan berkas sebelum menandai selesai."))


def report_progress(
    *,
    item: WorkItem,
    progress: int,
    note: str,
    done_on: date | None = None,
    evidence: str = "",
    file: UploadedFile[Any] | None = None,
    by: User | None = None,
) -> WorkItem:
    """Note how far `item` is and why; 100 ends it, less opens it again.

    The agency's own manager may do this, too. `evidence` and `file` replace what was there when they
    are given. Raises `Refusal`: an end without evidence, or in the future.
    """
    require_own(by, item.agency_id)
    with transaction.atomic():
        item = WorkItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        before = item.progress
        item.progress = progress
        item.done_on = _end(done_on) if progress == DONE else None
        item.evidence = evidence or item.evidence
        changed = ["progress", "done_on", "evidence", *attach(item, file)]
        if progress == DONE:
            _refuse_unproven(item)
        item._change_reason = note[:100]  # type: ignore[attr-defined]
        item.save(update_fields=changed)
        WorkStep.objects.create(item=item, before=before, after=progress, note=note, **signed(by))
        audit.record("workitem.progress", by=by, target=item.title, before=before, after=progress)
    return item


def _end(done_on: date | None) -> date:
    today = clock.today()
    if done_on and done_on > today:
        raise Refusal("in_the_future", _("Tanggal selesai belum tiba. Isi hari ini atau sebelumnya."))
    return done_on or today


def move_due(*, items: Iterable[int], days: int, reason: str, by: User | None = None) -> int:
    """Move the due dates of the open ones of `items` by `days`, earlier when negative; return how many.

    All of them or none. The reason stands in the history of each.
    """
    require_the_mall(by)
    keys = set(items)
    if len(keys) > MOST_AT_ONCE:
        words = _("Paling banyak %(most)d butir sekaligus. Pilih lebih sedikit.")
        raise Refusal("too_many", words % {"most": MOST_AT_ONCE})
    with transaction.atomic():
        found = WorkItem.objects.open().filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
        for item in found:
            item.due_on += timedelta(days=days)
            item._change_reason = reason[:100]  # type: ignore[attr-defined]
            item.save(update_fields=["due_on"])
        if not found:
            raise Refusal("nothing_open", _("Tidak ada butir yang masih berjalan di antara pilihan Anda."))
        audit.record("workitem.due", by=by, items=[item.pk for item in found], days=days, reason=reason)
    return len(found)
