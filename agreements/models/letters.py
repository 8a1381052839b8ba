"""Letters in and out: which number, of what day, to or from whom, about what (R003-11)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import ExtractYear, Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import Direction
from agreements.models.instruments import Instrument
from agreements.models.milestones import Milestone
from mpp.core.documents import Document
from mpp.core.text import validate_plain
from tenants.models import Agency


class Letter(Document):
    """One letter of the register. A number is used once a year by each counterpart in each direction."""

    direction = models.CharField(_("arah"), max_length=3, choices=Direction)
    number = models.CharField(_("nomor surat"), max_length=100, validators=[validate_plain])
    date = models.DateField(_("tanggal surat"))
    counterpart = models.CharField(_("dari atau kepada"), max_length=160, validators=[validate_plain])
    subject = models.CharField(_("perihal"), max_length=240, validators=[validate_plain])
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name=_("instansi")
    )
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name=_("naskah")
    )
    milestone = models.ForeignKey(
        Milestone, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name=_("tahapan")
    )
    is_sample = models.BooleanField(_("data contoh"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("surat")
        verbose_name_plural = _("surat")
        ordering = ["-date", "-pk"]
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint(
                ExtractYear("date"),
                "direction",
                Lower("counterpart"),
                Lower("number"),
                name="agreements_letter_number_once_a_year",
                violation_error_message=_(
                    "Nomor surat ini sudah tercatat untuk pihak itu di tahun yang sama."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.subject}"
