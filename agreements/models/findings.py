"""What does not go well at an agency, and what is done about it."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import PurePath

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agreements.enums import FindingKind, FindingSource, FindingState
from mpp.core.constraints import in_order
from mpp.core.text import validate_plain
from tenants.models import Agency, User


def proof_name(finding: Finding, name: str) -> str:
    """Return where a proof is kept: nothing of the sender's name is left but its kind."""
    return f"proofs/{uuid.uuid4().hex}{PurePath(name).suffix.lower()}"


# What waits for the agency, then what waits for the mall, then what is settled.
STANDING = Case(
    When(state=FindingState.OPEN, then=Value(0)),
    When(state=FindingState.ANSWERED, then=Value(1)),
    default=Value(2),
    output_field=models.SmallIntegerField(),
)


class FindingQuerySet(models.QuerySet["Finding"]):
    def unsettled(self) -> FindingQuerySet:
        """Findings about which something is still to be done."""
        return self.exclude(state=FindingState.CLOSED)

    def late(self, day: date) -> FindingQuerySet:
        """Findings that nobody has answered, though it was due before `day`."""
        return self.filter(state=FindingState.OPEN, due_on__lt=day)


class Finding(models.Model):
    """A shortcoming, an obstacle or a problem, with the step that mends it (R000-13).

    Open until somebody answers what was done; settled when the mall has looked at the proof. A serious
    one needs a second person for that. The list begins with what has been due longest.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="findings", verbose_name=_("instansi"))
    kind = models.CharField(_("jenis"), max_length=11, choices=FindingKind)
    source = models.CharField(_("asal"), max_length=11, choices=FindingSource)
    is_serious = models.BooleanField(
        _("berat"),
        default=False,
        help_text=_("Temuan berat ditutup oleh orang lain daripada yang menjawabnya."),
    )
    found_on = models.DateField(_("ditemukan tanggal"))
    found_by = models.CharField(
        _("ditemukan oleh"),
        max_length=120,
        blank=True,
        validators=[validate_plain],
        help_text=_("Kosong: Anda sendiri."),
    )
    what = models.TextField(
        _("yang ditemukan"),
        validators=[validate_plain],
        help_text=_("Misalnya: loket 4 kosong sampai pukul 10.00, tiga orang menunggu."),
    )
    cause = models.TextField(_("sebab"), blank=True, validators=[validate_plain])
    step = models.TextField(_("langkah perbaikan"), validators=[validate_plain])
    owner = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        verbose_name=_("penanggung jawab"),
        help_text=_("Pilih orangnya, atau tulis nama atau jabatannya di sebelah."),
    )
    owner_words = models.CharField(
        _("nama atau jabatan"), max_length=120, blank=True, validators=[validate_plain]
    )
    due_on = models.DateField(_("batas waktu"))

    # Written by agreements.actions.findings alone.
    state = models.CharField(
        _("keadaan"), max_length=8, choices=FindingState, default=FindingState.OPEN, editable=False
    )
    recorded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("dicatat oleh"), editable=False
    )
    done = models.TextField(_("yang sudah dilakukan"), blank=True, validators=[validate_plain])
    proof = models.TextField(_("bukti"), blank=True, validators=[validate_plain])
    proof_file = models.FileField(_("berkas bukti"), upload_to=proof_name, max_length=80, blank=True)
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dijawab oleh"),
        editable=False,
    )
    closed_at = models.DateTimeField(_("ditutup"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ditutup oleh"),
        editable=False,
    )
    reopened_at = models.DateTimeField(_("dibuka lagi"), null=True, blank=True, editable=False)
    reopen_reason = models.CharField(
        _("alasan dibuka lagi"), max_length=200, blank=True, validators=[validate_plain], editable=False
    )

    objects = FindingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("temuan")
        verbose_name_plural = _("temuan")
        ordering = [STANDING.asc(), "due_on", "pk"]
        indexes = [
            models.Index(STANDING.asc(), F("due_on"), F("id"), name="agreements_finding_standing"),
        ]
        constraints = [
            models.CheckConstraint(
                name="agreements_finding_state_times",
                condition=Q(
                    state=FindingState.OPEN,
                    answered_at=None,
                    answered_by=None,
                    closed_at=None,
                    closed_by=None,
                )
                | Q(
                    state=FindingState.ANSWERED,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    closed_at=None,
                    closed_by=None,
                )
                | Q(
                    state=FindingState.CLOSED,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                ),
                violation_error_message=_("Tanggal dan nama tidak cocok dengan keadaan temuan."),
            ),
            models.CheckConstraint(
                name="agreements_finding_answer_says_what",
                condition=Q(state=FindingState.OPEN) | ~Q(done=""),
                violation_error_message=_("Tulis yang sudah dilakukan."),
            ),
            models.CheckConstraint(
                name="agreements_finding_closed_with_proof",
                condition=~Q(state=FindingState.CLOSED) | ~Q(proof="") | ~Q(proof_file=""),
                violation_error_message=_("Temuan ditutup dengan bukti: kata-kata atau berkas."),
            ),
            models.CheckConstraint(
                name="agreements_finding_second_person",
                condition=~Q(state=FindingState.CLOSED, is_serious=True) | ~Q(closed_by=F("answered_by")),
                violation_error_message=_("Temuan berat ditutup oleh orang lain daripada yang menjawabnya."),
            ),
            models.CheckConstraint(
                name="agreements_finding_has_owner",
                condition=Q(owner__isnull=False) | ~Q(owner_words=""),
                violation_error_message=_("Pilih penanggung jawab, atau tulis nama atau jabatannya."),
            ),
            models.CheckConstraint(
                name="agreements_finding_reopened_with_reason",
                condition=Q(reopened_at=None, reopen_reason="")
                | Q(reopened_at__isnull=False) & ~Q(reopen_reason=""),
                violation_error_message=_("Temuan dibuka lagi dengan alasannya."),
            ),
            in_order(
                "agreements_finding_due_after_found",
                "found_on",
                "due_on",
                message=_("Batas waktu lebih awal dari tanggal ditemukan."),
            ),
            in_order(
                "agreements_finding_closed_after_answered",
                "answered_at",
                "closed_at",
                message=_("Ditutup sebelum dijawab."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}: {Truncator(self.what).chars(60)}"

    @property
    def answerable_to(self) -> str:
        """Return who sees to it, as people read it."""
        return str(self.owner) if self.owner else self.owner_words

    def days_late(self, today: date) -> int:
        """Return by how many days an answer is overdue; 0 when it is not, or was given."""
        return max(0, (today - self.due_on).days) if self.state == FindingState.OPEN else 0
