"""The table of the mall's own way."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field

from agreements.actions.milestones import move_plan, note_actual, withdraw_actual
from agreements.models import Milestone
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.tables.acted import ActedResource, SaidField
from mpp.core.tables.rows import Write

DESCRIBED = ("position", "stage", "title", "evidence", "source", "is_sample")


class MilestoneResource(ActedResource):
    """Milestones. A plan is moved and a day noted by their actions, with the reason of the file."""

    columns = (
        "code",
        "position",
        "stage",
        "title",
        "planned_on",
        "actual_on",
        "evidence",
        "source",
        "is_sample",
        "reason",
    )
    optional = ("reason",)
    titles = {"reason": gettext_lazy("Alasan")}
    refused_columns = {"has_happened": "planned_on", "in_the_future": "actual_on"}
    when_undone = {"reason": gettext_lazy("Impor dibatalkan")}
    about = gettext_lazy(
        "Rencana yang digeser dan tanggal terlaksana yang dihapus memerlukan kolom Alasan."
        " Alasannya masuk riwayat tahapan itu."
    )

    class Meta:
        model = Milestone

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "reason":
            return SaidField(name)
        return super().column(name)

    def check(self, instance: Any) -> None:
        """Refuse what has not happened yet."""
        if instance.actual_on and instance.actual_on > clock.today():
            raise ValidationError({"actual_on": _("tanggal itu belum tiba.")})

    def write_row(self, write: Write) -> None:
        asked = write.instance
        if write.is_new:
            asked.save(force_insert=True)
            return
        standing = Milestone.objects.get(pk=asked.pk)
        reason, came_true = getattr(asked, "said", ""), standing.actual_on != asked.actual_on
        if came_true and not asked.actual_on:
            self.need(reason, "reason", _("tulis alasan tanggal terlaksana ini dihapus."))
            withdraw_actual(milestone=standing, reason=reason, by=self.by)
        if standing.planned_on != asked.planned_on:
            self._move(standing, asked.planned_on, reason)
        if self.differs(asked, standing, DESCRIBED):
            asked.save(update_fields=DESCRIBED)
        if came_true and asked.actual_on:
            note_actual(milestone=standing, actual_on=asked.actual_on, by=self.by)

    def _move(self, standing: Milestone, day: date | None, reason: str) -> None:
        if day is None:
            raise Refusal("needed", _("rencana yang sudah ada tidak dikosongkan."), field="planned_on")
        if standing.planned_on:
            self.need(reason, "reason", _("tulis alasan rencana ini digeser."))
        move_plan(milestone=standing, planned_on=day, reason=reason or _("Rencana pertama"), by=self.by)
