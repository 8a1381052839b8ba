"""The table of work plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field

from agreements.actions.workplan import DESCRIBED, DONE, describe_work, move_due, plan_work, report_progress
from agreements.models import WorkItem
from mpp.core import clock
from mpp.core.tables.acted import ActedResource, SaidField
from mpp.core.tables.rows import Write


class WorkItemResource(ActedResource):
    """Pieces of work. Progress and due dates go through their acts, with the reason of the file."""

    key = ("agency", "title")
    columns = (
        "agency",
        "title",
        "instrument",
        "target",
        "unit",
        "owner",
        "due_on",
        "progress",
        "done_on",
        "evidence",
        "is_sample",
        "reason",
    )
    optional = ("instrument", "done_on", "evidence", "is_sample", "reason")
    titles = {"reason": gettext_lazy("Keterangan")}
    refused_columns = {
        "no_evidence": "evidence",
        "in_the_future": "done_on",
        "nothing_open": "due_on",
    }
    when_undone = {"reason": gettext_lazy("Impor dibatalkan")}
    about = gettext_lazy(
        "Tenggat yang digeser dan kemajuan yang berubah memerlukan kolom Keterangan. Isinya masuk riwayat"
        " butir itu. Kemajuan 100 memerlukan bukti."
    )

    class Meta:
        model = WorkItem

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._done: dict[int, date | None] = {}

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "reason":
            return SaidField(name)
        return super().column(name)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._done = dict(WorkItem.objects.order_by().values_list("pk", "done_on"))

    def import_instance(self, instance: Any, row: Mapping[str, Any], **kwargs: Any) -> None:
        """What is done without a day keeps the day that it has, or is done today."""
        super().import_instance(instance, row, **kwargs)
        if instance.progress == DONE and instance.done_on is None:
            instance.done_on = self._done.get(instance.pk) or clock.today()

    def check(self, instance: Any) -> None:
        if instance.progress > DONE:
            raise ValidationError({"progress": _("ditulis 0 sampai 100.")})
        if instance.progress < DONE and instance.done_on:
            raise ValidationError({"done_on": _("hanya diisi bila kemajuannya 100.")})

    def write_row(self, write: Write) -> None:
        asked = write.instance
        if write.is_new:
            plan_work(item=asked, by=self.by)
            return
        standing = WorkItem.objects.get(pk=asked.pk)
        reason = getattr(asked, "said", "")
        is_moved = asked.due_on != standing.due_on
        is_further = (asked.progress, asked.done_on) != (standing.progress, standing.done_on)
        if is_moved or is_further:
            self.need(reason, "reason", _("tulis alasan tenggat atau kemajuan ini berubah."))
        if self.differs(asked, standing, DESCRIBED):
            describe_work(item=asked, by=self.by)
        if is_moved:
            days = (asked.due_on - standing.due_on).days
            move_due(items=[asked.pk], days=days, reason=reason, by=self.by)
        if is_further:
            report_progress(
                item=standing, progress=asked.progress, note=reason, done_on=asked.done_on, by=self.by
            )
