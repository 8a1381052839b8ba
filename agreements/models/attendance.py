"""What counts as late, and what agencies were told about officers who did not come."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import LeaveKind
from mpp.core.constraints import in_order, no_overlap
from mpp.core.text import validate_plain
from tenants.models import Agency, User


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


class LeaveQuerySet(models.QuerySet["Leave"]):
    def during(self, first: date, last: date) -> LeaveQuerySet:
        """Leaves that touch the days from `first` to `last`."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


class Leave(models.Model):
    """Days on which an officer is excused. The promise of the agency stays: somebody else should come."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="leaves", verbose_name=_("instansi"))
    user = models.ForeignKey(User, models.PROTECT, related_name="leaves", verbose_name=_("petugas"))
    kind = models.CharField(_("jenis"), max_length=9, choices=LeaveKind)
    starts_on = models.DateField(_("dari"))
    ends_on = models.DateField(_("sampai"))
    letter_number = models.CharField(
        _("nomor surat"), max_length=100, blank=True, validators=[validate_plain]
    )
    note = models.CharField(
        _("keterangan"),
        max_length=200,
        blank=True,
        validators=[validate_plain],
        help_text=_("Jangan tulis penyakitnya. Surat dokter disimpan instansinya."),
    )
    # Who wrote it down, and when: an excuse that comes after the day can be told from one before it.
    recorded_at = models.DateTimeField(_("dicatat"), editable=False)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("dicatat oleh"), editable=False
    )

    objects = LeaveQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("izin petugas")
        verbose_name_plural = _("izin petugas")
        ordering = ["-starts_on", "agency"]
        constraints = [
            in_order(
                "agreements_leave_order",
                "starts_on",
                "ends_on",
                message=_("“Sampai” lebih awal dari “dari”."),
            ),
            no_overlap(
                "agreements_leave_once",
                "user",
                start="starts_on",
                end="ends_on",
                message=_("Petugas ini sudah punya izin pada tanggal itu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_kind_display()}"


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
