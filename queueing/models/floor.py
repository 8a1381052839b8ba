"""The floor of a day: calls for help, announcements, advice, what was moved, added and asked for."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.constraints import in_order
from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from queueing.enums import AlertKind, HelpAnswer, HelpKind, ShareName
from queueing.models.lines import Queue, QueueDay
from queueing.models.sessions import CounterSession
from queueing.querysets import AnnouncementQuerySet, HelpCallQuerySet
from tenants.models import Agency, Counter, User, Zone

MOST_EXTRA = 500


class HelpCall(models.Model):
    """A counter calls for help; answered once, by name. The row is its own trail: nothing in it changes."""

    session = models.ForeignKey(
        CounterSession, models.PROTECT, related_name="help_calls", verbose_name=_("sesi loket")
    )
    kind = models.CharField(_("keperluan"), max_length=8, choices=HelpKind)
    called_at = models.DateTimeField(_("dipanggil"))
    called_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("pemanggil"))
    answer = models.CharField(_("jawaban"), max_length=10, choices=HelpAnswer, blank=True)
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dijawab oleh")
    )

    objects = HelpCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("panggilan bantuan")
        verbose_name_plural = _("panggilan bantuan")
        ordering = ["-called_at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_helpcall_one_open",
                fields=["session"],
                condition=Q(answer=""),
                violation_error_message=_("Bantuan sudah dipanggil dari loket ini."),
            ),
            models.CheckConstraint(
                name="queueing_helpcall_answer",
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | ~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False),
                violation_error_message=_("Jawaban memerlukan waktu dan nama."),
            ),
            in_order(
                "queueing_helpcall_order", "called_at", "answered_at", message=_("Dijawab sebelum dipanggil.")
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="call_stays", fields=["session", "kind", "called_at", "called_by"]),
            pgtrigger.Protect(
                name="answered_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__answer__gt="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.called_at:%H.%M}"


class Announcement(models.Model):
    """A sentence on displays and pages that goes away by itself, for the whole mall or one zone."""

    text = models.CharField(_("isi"), max_length=120, validators=[validate_plain])
    zone = models.ForeignKey(
        Zone,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="announcements",
        verbose_name=_("zona"),
        help_text=_("Kosong: seluruh mal."),
    )
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("sampai"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("dibuat oleh"))

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("pengumuman")
        verbose_name_plural = _("pengumuman")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                name="queueing_announcement_text",
                condition=~Q(text=""),
                violation_error_message=_("Tulis isi pengumuman."),
            ),
            in_order(
                "queueing_announcement_order",
                "starts_at",
                "ends_at",
                message=_("Pengumuman berakhir sebelum mulai."),
            ),
        ]
        triggers = [
            bump_trigger(),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="words_stay", fields=["text", "zone", "starts_at", "made_by"]),
        ]

    def __str__(self) -> str:
        return self.text


class ExtraQuota(models.Model):
    """Numbers added to a line for one day, with the reason. Append-only; a new quota keeps them."""

    line = models.ForeignKey(
        QueueDay, models.PROTECT, related_name="extras", verbose_name=_("antrean per hari")
    )
    share = models.CharField(_("bagian"), max_length=8, choices=ShareName)
    places = models.PositiveSmallIntegerField(
        _("nomor"), validators=[MinValueValidator(1), MaxValueValidator(MOST_EXTRA)]
    )
    reason = models.CharField(_("alasan"), max_length=200, validators=[validate_plain])
    at = models.DateTimeField(_("waktu"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("ditambah oleh"))

    class Meta:
        verbose_name = _("tambahan kuota")
        verbose_name_plural = _("tambahan kuota")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                name="queueing_extraquota_places",
                condition=Q(places__range=(1, MOST_EXTRA)),
                violation_error_message=_("Tambahan 1 sampai 500 nomor."),
            ),
            models.CheckConstraint(
                name="queueing_extraquota_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Tulis alasan tambahan."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.line} + {self.places}"


class CounterMove(models.Model):
    """A counter that serves one line for the rest of a day. `before` is what it served, to be put back."""

    counter = models.ForeignKey(Counter, models.PROTECT, related_name="moves", verbose_name=_("loket"))
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+", verbose_name=_("ke antrean"))
    date = models.DateField(_("tanggal"))
    # Pairs of queue and weight; empty: all lines of its agency.
    before = models.JSONField(default=list, editable=False)
    reason = models.CharField(_("alasan"), max_length=200, validators=[validate_plain])
    moved_at = models.DateTimeField(_("dipindah"))
    moved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("dipindah oleh"))
    ended_at = models.DateTimeField(_("dikembalikan"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dikembalikan oleh")
    )

    class Meta:
        verbose_name = _("perpindahan loket")
        verbose_name_plural = _("perpindahan loket")
        ordering = ["-moved_at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_countermove_one_open",
                fields=["counter"],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("Loket ini sedang dipindahkan orang lain. Muat ulang halaman."),
            ),
            models.CheckConstraint(
                name="queueing_countermove_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Tulis alasan memindahkan loket."),
            ),
            in_order(
                "queueing_countermove_order",
                "moved_at",
                "ended_at",
                message=_("Dikembalikan sebelum dipindah."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="move_stays",
                fields=["counter", "queue", "date", "before", "reason", "moved_at", "moved_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counter} → {self.queue}"


class OfficerRequest(models.Model):
    """The manager has asked an agency's people to come to a counter. Append-only."""

    counter = models.ForeignKey(Counter, models.PROTECT, related_name="+", verbose_name=_("loket"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("instansi"))
    date = models.DateField(_("tanggal"))
    # How many of those who were asked have a phone number, so that a message went out.
    messages = models.PositiveSmallIntegerField(_("pesan terkirim"))
    at = models.DateTimeField(_("waktu"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("diminta oleh"))

    class Meta:
        verbose_name = _("permintaan petugas")
        verbose_name_plural = _("permintaan petugas")
        ordering = ["-at"]
        indexes = [models.Index(fields=["date", "counter"], name="queueing_request_day")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.counter} {self.at:%H.%M}"


class AlertRule(models.Model):
    """From when on the floor is warned of something, and how urgent that is."""

    kind = models.CharField(_("tentang"), max_length=8, choices=AlertKind, unique=True)
    limit = models.PositiveSmallIntegerField(_("batas"), validators=[MaxValueValidator(999)])
    position = models.PositiveSmallIntegerField(
        _("urutan"), help_text=_("1 paling mendesak: tampil paling atas.")
    )
    is_active = models.BooleanField(_("dipakai"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("batas peringatan")
        verbose_name_plural = _("batas peringatan")
        ordering = ["position", "kind"]
        triggers = [bump_trigger()]
        constraints = [
            models.CheckConstraint(
                name="queueing_alertrule_limit",
                condition=Q(limit__lte=999),
                violation_error_message=_("Batas 0 sampai 999."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Advice(models.Model):
    """What was worked out for the floor last, one row for each date: asked for, begun, ready."""

    date = models.DateField(_("tanggal"), unique=True)
    asked_at = models.DateTimeField(_("diminta"), null=True, blank=True)
    started_at = models.DateTimeField(_("mulai dihitung"), null=True, blank=True)
    computed_at = models.DateTimeField(_("dihitung"), null=True, blank=True)
    seconds = models.FloatField(_("lama hitung (detik)"), default=0)
    # See queueing.advice: the options that are worth it, best first.
    options = models.JSONField(default=list)
    # Short names of agencies of which too little is known yet.
    unknown = models.JSONField(default=list)

    class Meta:
        verbose_name = _("saran")
        verbose_name_plural = _("saran")
        ordering = ["-date"]
        constraints = [
            models.CheckConstraint(
                name="queueing_advice_seconds",
                condition=Q(seconds__gte=0) & (Q(computed_at__isnull=True) | Q(started_at__isnull=False)),
                violation_error_message=_("Saran yang selesai dihitung mempunyai waktu mulai."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%d-%m-%Y}"

    @property
    def is_being_computed(self) -> bool:
        """Tell whether a newer answer is on its way."""
        begun = self.started_at or self.asked_at
        asked = max(filter(None, [self.asked_at, begun]), default=None)
        return asked is not None and (self.computed_at is None or asked > self.computed_at)
