"""Trouble that stops the work: of the whole mall, or of one agency."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from mpp.core.constraints import MomentSpan, in_order, no_overlap
from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from services.querysets import DisruptionQuerySet
from tenants.models import Agency, User

SCOPE = Coalesce(F("agency"), Value(0))


class Disruption(models.Model):
    """One stretch of trouble, such as "server pusat down". It lasts until somebody ends it."""

    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disruptions",
        verbose_name=_("instansi"),
        help_text=_("Kosong: seluruh mal."),
    )
    message = models.CharField(
        _("apa yang terjadi"),
        max_length=160,
        validators=[validate_plain],
        help_text=_("Satu kalimat untuk warga, misalnya “Server pusat tidak dapat diakses”."),
    )
    started_at = models.DateTimeField(_("mulai"))
    expected_until = models.DateTimeField(
        _("perkiraan pulih"),
        null=True,
        blank=True,
        help_text=_("Kosong: belum diketahui. Gangguan tidak berakhir sendiri."),
    )
    ended_at = models.DateTimeField(_("berakhir"), null=True, blank=True)
    stops_numbers = models.BooleanField(
        _("nomor berhenti keluar"),
        default=True,
        help_text=_("Hapus centang bila warga tetap boleh mengambil nomor."),
    )
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dinyatakan oleh")
    )
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("diakhiri oleh")
    )

    objects = DisruptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("gangguan")
        verbose_name_plural = _("gangguan")
        ordering = ["-started_at"]
        constraints = [
            # Also: at most one open at a time, since an open one has no end.
            no_overlap(
                "services_disruption_no_overlap",
                (SCOPE, SCOPE),
                start="started_at",
                end="ended_at",
                of=MomentSpan,
                message=_("Gangguan di sini sudah dinyatakan pada waktu itu. Ubah atau akhiri yang itu."),
            ),
            in_order(
                "services_disruption_order",
                "started_at",
                "ended_at",
                message=_("Gangguan berakhir sebelum mulai."),
            ),
            models.CheckConstraint(
                name="services_disruption_expected",
                condition=Q(expected_until__isnull=True) | Q(expected_until__gt=F("started_at")),
                violation_error_message=_("Perkiraan pulih harus sesudah gangguan mulai."),
            ),
            models.CheckConstraint(
                name="services_disruption_message",
                condition=~Q(message=""),
                violation_error_message=_("Tulis apa yang terjadi."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return f"{self.agency or _('Seluruh mal')}: {self.message}"
