"""Meetings: who came, what was said, what was decided, and what became of it (R004-4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import MeetingKind
from agreements.models.instruments import Instrument
from agreements.models.workplan import WorkItem
from mpp.core.documents import Document
from mpp.core.text import validate_plain
from tenants.models import Agency


class Meeting(Document):
    """One meeting with its minutes."""

    kind = models.CharField(_("jenis"), max_length=16, choices=MeetingKind, default=MeetingKind.MEETING)
    title = models.CharField(_("acara"), max_length=200, validators=[validate_plain])
    date = models.DateField(_("tanggal"))
    place = models.CharField(_("tempat"), max_length=160, validators=[validate_plain])
    minutes = models.TextField(_("risalah"), blank=True, validators=[validate_plain])
    agencies = models.ManyToManyField(
        Agency, blank=True, related_name="meetings", verbose_name=_("instansi terkait")
    )
    instruments = models.ManyToManyField(
        Instrument, blank=True, related_name="meetings", verbose_name=_("naskah yang dibahas")
    )
    is_sample = models.BooleanField(_("data contoh"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pertemuan")
        verbose_name_plural = _("pertemuan")
        ordering = ["-date", "-pk"]
        constraints = [*Document.Meta.constraints]

    def __str__(self) -> str:
        return self.title


class Attendee(models.Model):
    """Somebody who came, in the office they held that day."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="attendees", verbose_name=_("pertemuan")
    )
    name = models.CharField(_("nama"), max_length=120, validators=[validate_plain])
    office = models.CharField(
        _("jabatan"),
        max_length=160,
        validators=[validate_plain],
        help_text=_("Termasuk sebutan seperti Plt. atau Plh."),
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("instansi")
    )

    class Meta:
        verbose_name = _("peserta")
        verbose_name_plural = _("peserta")
        ordering = ["meeting", "pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.office}"


class Decision(models.Model):
    """What was decided. It becomes a piece of work once, or stays a word in the minutes."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="decisions", verbose_name=_("pertemuan")
    )
    text = models.CharField(_("keputusan"), max_length=240, validators=[validate_plain])
    owner = models.CharField(_("penanggung jawab"), max_length=160, blank=True, validators=[validate_plain])
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("instansi")
    )
    due_on = models.DateField(_("tenggat"), null=True, blank=True)
    work_item = models.OneToOneField(
        WorkItem,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="decision",
        verbose_name=_("butir rencana kerja"),
    )

    class Meta:
        verbose_name = _("keputusan")
        verbose_name_plural = _("keputusan")
        ordering = ["meeting", "pk"]

    def __str__(self) -> str:
        return self.text
