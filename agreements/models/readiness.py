"""Whether an agency is ready: criteria under four headings, and what is claimed and verified of each."""

from __future__ import annotations

import uuid
from pathlib import PurePath

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import CheckState, Heading
from agreements.querysets import CriterionQuerySet
from mpp.core.text import validate_plain
from tenants.enums import AgencyKind
from tenants.models import Agency, User, code_validator


class ReadinessCriterion(models.Model):
    """What an agency must have before its trial (R002-9). Editable: the list is the mall's own."""

    code = models.CharField(_("kode"), max_length=12, unique=True, validators=[code_validator])
    heading = models.CharField(_("pokok"), max_length=6, choices=Heading)
    text = models.CharField(_("syarat"), max_length=160, validators=[validate_plain])
    proof = models.CharField(
        _("cara membuktikan"),
        max_length=200,
        validators=[validate_plain],
        help_text=_("Dibaca instansi saat mengisi bukti."),
    )
    is_required = models.BooleanField(
        _("wajib"), default=True, help_text=_("Uji coba tidak dapat dimulai tanpa yang wajib.")
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=AgencyKind),
        verbose_name=_("jenis instansi"),
        default=list,
        blank=True,
        help_text=_("Kosong: semua jenis."),
    )
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    is_active = models.BooleanField(_("dipakai"), default=True)
    is_sample = models.BooleanField(_("data contoh"), default=False)
    source = models.CharField(_("sumber"), max_length=240, blank=True, validators=[validate_plain])

    objects = CriterionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("syarat kesiapan")
        verbose_name_plural = _("syarat kesiapan")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.text


def evidence_name(check: ReadinessCheck, name: str) -> str:
    """Return where a file of evidence is kept: nothing of the sender's name is left but its kind."""
    return f"readiness/{uuid.uuid4().hex}{PurePath(name).suffix.lower()}"


class ReadinessCheck(models.Model):
    """One criterion at one agency: the agency claims it with its evidence, DPMPTSP verifies it."""

    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="readiness_checks", verbose_name=_("instansi")
    )
    criterion = models.ForeignKey(
        ReadinessCriterion, models.PROTECT, related_name="checks", verbose_name=_("syarat")
    )
    state = models.CharField(_("keadaan"), max_length=8, choices=CheckState, default=CheckState.CLAIMED)
    evidence = models.TextField(_("bukti"), validators=[validate_plain])
    file = models.FileField(_("berkas bukti"), upload_to=evidence_name, max_length=80, blank=True)
    claimed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("dinyatakan oleh"))
    claimed_at = models.DateTimeField(_("dinyatakan pada"))
    judged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("diperiksa oleh")
    )
    judged_at = models.DateTimeField(_("diperiksa pada"), null=True, blank=True)
    note = models.CharField(_("catatan pemeriksa"), max_length=240, blank=True, validators=[validate_plain])

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pemeriksaan kesiapan")
        verbose_name_plural = _("pemeriksaan kesiapan")
        ordering = ["agency", "criterion"]
        constraints = [
            models.UniqueConstraint(
                name="agreements_readiness_once",
                fields=["agency", "criterion"],
                violation_error_message=_("Syarat ini sudah dinyatakan untuk instansi itu."),
            ),
            models.CheckConstraint(
                name="agreements_readiness_four_eyes",
                condition=Q(judged_by__isnull=True) | ~Q(judged_by=F("claimed_by")),
                violation_error_message=_("Yang memeriksa harus orang lain dari yang menyatakan siap."),
            ),
            models.CheckConstraint(
                name="agreements_readiness_judged",
                condition=Q(state=CheckState.CLAIMED, judged_by__isnull=True, judged_at__isnull=True)
                | Q(
                    state__in=[CheckState.RETURNED, CheckState.VERIFIED],
                    judged_by__isnull=False,
                    judged_at__isnull=False,
                ),
                violation_error_message=_("Pemeriksaan memerlukan orang dan waktunya."),
            ),
            models.CheckConstraint(
                name="agreements_readiness_returned_says_why",
                condition=~Q(state=CheckState.RETURNED) | ~Q(note=""),
                violation_error_message=_("Tulis apa yang masih kurang."),
            ),
            models.CheckConstraint(
                name="agreements_readiness_has_evidence",
                condition=~Q(evidence=""),
                violation_error_message=_("Tulis buktinya."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} · {self.criterion}"
