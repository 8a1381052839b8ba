"""What counts as late, and what agencies were told about officers who did not come."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tenants.models import Agency


class AttendanceRules(models.Model):
    """How strictly the mall looks at attendance. There is exactly one row, with key 1."""

    late_minutes = models.PositiveSmallIntegerField(
        _("terlambat sesudah (menit)"),
        default=15,
        validators=[MaxValueValidator(240)],
        help_text=_("Sesudah jam buka. Sampai menit ini petugas tercatat tepat waktu."),
    )
    early_minutes = models.PositiveSmallIntegerField(
        _("pulang awal sebelum (menit)"),
        default=15,
        validators=[MaxValueValidator(240)],
        help_text=_("Sebelum jam tutup."),
    )
    tells_agency = models.BooleanField(
        _("kabari instansi"),
        default=True,
        help_text=_("E-mail ke pengelola instansi bila petugas yang dijanjikan tidak datang."),
    )
    tell_after_minutes = models.PositiveSmallIntegerField(
        _("dikabari sesudah (menit)"),
        default=60,
        validators=[MaxValueValidator(480)],
        help_text=_("Sesudah jam buka. Satu kali sehari untuk tiap instansi."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("aturan kehadiran")
        verbose_name_plural = _("aturan kehadiran")
        constraints = [
            models.CheckConstraint(
                name="agreements_attendancerules_one_row",
                condition=Q(pk=1),
                violation_error_message=_("Aturan kehadiran hanya satu baris."),
            ),
            models.CheckConstraint(
                name="agreements_attendancerules_minutes",
                condition=Q(late_minutes__lte=240, early_minutes__lte=240, tell_after_minutes__lte=480),
                violation_error_message=_("Menit terlambat paling banyak 240, mengabari paling banyak 480."),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class AbsenceReport(models.Model):
    """That an agency was told, once for a day, how many of its promised officers had come."""

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="absence_reports", verbose_name=_("instansi")
    )
    date = models.DateField(_("tanggal"))
    promised = models.PositiveSmallIntegerField(_("dijanjikan"))
    came = models.PositiveSmallIntegerField(_("datang"))
    messages = models.PositiveSmallIntegerField(_("e-mail"))
    at = models.DateTimeField(_("pukul"))

    class Meta:
        verbose_name = _("laporan ketidakhadiran")
        verbose_name_plural = _("laporan ketidakhadiran")
        ordering = ["-date", "agency"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_absencereport_once",
                fields=["agency", "date"],
                violation_error_message=_("Instansi ini sudah dikabari untuk hari itu."),
            ),
            models.CheckConstraint(
                name="agreements_absencereport_somebody_missing",
                condition=Q(came__lt=F("promised")),
                violation_error_message=_("Semua petugas yang dijanjikan datang."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.date:%d-%m-%Y}"
