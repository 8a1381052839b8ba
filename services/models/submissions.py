"""A file handed in at a counter: where it is, until when it was promised, and its trail."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mpp.core.codes import CODE_CHARACTERS
from mpp.core.text import validate_plain
from services import workflow
from services.enums import NOTED_STATES, SUBMISSION_ENDED, SubmissionState, SubmissionStep
from services.models.catalogue import Service
from services.querysets import SubmissionQuerySet
from tenants.models import User

CODE_LENGTH = 8
LONGEST_NOTE = 300


class Submission(models.Model):
    """A file in process. No name stands in it: its holder has the code, the agency the papers."""

    # Empty once it is forgotten: then nobody can be led to it any more.
    code = models.CharField(
        _("kode"), max_length=CODE_LENGTH, unique=True, null=True, blank=True, editable=False
    )
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="submissions", verbose_name=_("layanan")
    )
    # Where it came from, in the words of whoever handed it down: "ticket:123". One file for each.
    origin = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    number = models.CharField(_("nomor antrean"), max_length=12, blank=True)
    received_at = models.DateTimeField(_("diterima"))
    promised_days = models.PositiveSmallIntegerField(_("janji (hari kerja)"), null=True, blank=True)
    # Moves only while the citizen completes the papers: those days are not the agency's.
    promised_on = models.DateField(_("janji siap"), null=True, blank=True)
    state = models.CharField(
        _("keadaan"), max_length=12, choices=SubmissionState, default=SubmissionState.RECEIVED
    )
    since = models.DateTimeField(_("sejak"))
    note = models.CharField(
        _("yang kurang, atau alasannya"), max_length=LONGEST_NOTE, blank=True, validators=[validate_plain]
    )
    late_told_at = models.DateTimeField(_("dikabari terlambat"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("berkas")
        verbose_name_plural = _("berkas")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="services_submission_code",
                condition=Q(code=None) | Q(code__regex=rf"^[{CODE_CHARACTERS}]{{{CODE_LENGTH}}}$"),
                violation_error_message=_("Kode berkas: delapan huruf atau angka yang mudah disebut."),
            ),
            models.CheckConstraint(
                name="services_submission_forgotten_when_ended",
                condition=Q(code__isnull=False, origin__isnull=False) | Q(state__in=sorted(SUBMISSION_ENDED)),
                violation_error_message=_("Berkas yang masih berjalan memerlukan kodenya."),
            ),
            models.CheckConstraint(
                name="services_submission_note",
                condition=Q(state__in=sorted(NOTED_STATES)) & (~Q(note="") | Q(code=None))
                | ~Q(state__in=sorted(NOTED_STATES)) & Q(note=""),
                violation_error_message=_("Tulis apa yang kurang, atau alasannya ditolak."),
            ),
            models.CheckConstraint(
                name="services_submission_order",
                condition=Q(since__gte=models.F("received_at")),
                violation_error_message=_("Keadaan berkas lebih awal dari waktu diterima."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["service", "promised_on"],
                name="services_submission_running",
                condition=~Q(state__in=sorted(SUBMISSION_ENDED)),
            ),
            models.Index(fields=["since"], name="services_submission_known", condition=Q(code__isnull=False)),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="identity_stays", fields=["service", "received_at", "promised_days"]),
            pgtrigger.Protect(
                name="code_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.code IS DISTINCT FROM NEW.code AND NEW.code IS NOT NULL"
                    " OR OLD.origin IS DISTINCT FROM NEW.origin AND NEW.origin IS NOT NULL"
                ),
            ),
            pgtrigger.FSM(name="legal_edges", field="state", transitions=workflow.edges()),
        ]

    def __str__(self) -> str:
        return self.spoken_code or f"{self._meta.verbose_name} {self.pk}"

    @property
    def spoken_code(self) -> str:
        """Return the code as people read it aloud: "K7M4-PXRT"."""
        return f"{self.code[:4]}-{self.code[4:]}" if self.code else ""


class SubmissionEvent(models.Model):
    """One step of one file. Append-only: the trail an auditor reads."""

    submission = models.ForeignKey(
        Submission, models.PROTECT, related_name="events", verbose_name=_("berkas")
    )
    step = models.CharField(_("langkah"), max_length=16, choices=SubmissionStep)
    source = models.CharField(_("dari"), max_length=12, choices=SubmissionState, blank=True)
    target = models.CharField(_("menjadi"), max_length=12, choices=SubmissionState)
    at = models.DateTimeField(_("waktu"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pelaku")
    )
    note = models.CharField(_("keterangan"), max_length=LONGEST_NOTE, blank=True, validators=[validate_plain])

    class Meta:
        verbose_name = _("kejadian berkas")
        verbose_name_plural = _("kejadian berkas")
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.submission} {self.get_step_display()}"
