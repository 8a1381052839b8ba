"""The day: lines, numbers, what happened to them, and who sits at which counter."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core import tokens
from mpp.core.constraints import in_order
from mpp.core.text import validate_plain
from queueing import workflow
from queueing.enums import ACTIVE, AT_COUNTER, ENDED, Channel, Priority, Step, TicketState
from queueing.querysets import CounterSessionQuerySet, QueueQuerySet, TicketQuerySet
from services.models import Service
from tenants.models import Agency, Counter, User, code_validator

# Without I and O, which read as 1 and 0.
prefix_validator = RegexValidator(
    r"^[A-HJ-NP-Z1-9]{1,3}$", _("Satu sampai tiga huruf besar atau angka, tanpa I, O, dan 0.")
)


class Queue(models.Model):
    """One line with its prefix, for services of one agency."""

    code = models.CharField(_("kode"), max_length=20, unique=True, validators=[code_validator])
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="queues", verbose_name=_("instansi"))
    prefix = models.CharField(_("awalan"), max_length=3, validators=[prefix_validator])
    name = models.CharField(_("nama"), max_length=80, validators=[validate_plain])
    daily_quota = models.PositiveSmallIntegerField(
        _("kuota sehari"), null=True, blank=True, help_text=_("Kosong: tanpa batas.")
    )
    priority_ratio = models.PositiveSmallIntegerField(
        _("reguler di antara dua prioritas"),
        default=2,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Sesudah satu panggilan prioritas, sekian reguler dipanggil dulu bila ada yang menunggu."
        ),
    )
    services = models.ManyToManyField(
        Service, through="QueueService", related_name="queues", verbose_name=_("layanan")
    )
    is_active = models.BooleanField(_("dipakai"), default=True)

    objects = QueueQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("antrean")
        verbose_name_plural = _("antrean")
        ordering = ["prefix"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_queue_prefix",
                fields=["prefix"],
                condition=Q(is_active=True),
                violation_error_message=_("Awalan ini sudah dipakai antrean lain."),
            ),
            models.CheckConstraint(
                name="queueing_queue_priority_ratio",
                condition=Q(priority_ratio__gte=1),
                violation_error_message=_("Paling sedikit satu reguler di antara dua prioritas."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} · {self.name}"


class QueueService(models.Model):
    """A service stands in one line; both belong to one agency (trigger)."""

    queue = models.ForeignKey(Queue, models.CASCADE, verbose_name=_("antrean"))
    service = models.OneToOneField(
        Service, models.CASCADE, related_name="queue_link", verbose_name=_("layanan")
    )

    class Meta:
        verbose_name = _("layanan dalam antrean")
        verbose_name_plural = _("layanan dalam antrean")
        triggers = [
            pgtrigger.Trigger(
                name="same_agency",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=pgtrigger.Func(  # type: ignore[no-untyped-call]
                    """
                    IF (SELECT agency_id FROM queueing_queue WHERE id = NEW.queue_id)
                       <> (SELECT agency_id FROM services_service WHERE id = NEW.service_id) THEN
                        RAISE EXCEPTION 'service and queue of different agencies'
                            USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'queueing_queueservice_same_agency';
                    END IF;
                    RETURN NEW;
                    """
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue} · {self.service}"


class QueueDay(models.Model):
    """A line on one date. This row is locked first by everything that issues or calls."""

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="days", verbose_name=_("antrean"))
    date = models.DateField(_("tanggal"))
    prefix = models.CharField(_("awalan"), max_length=3)
    quota = models.PositiveSmallIntegerField(_("kuota"), null=True, blank=True)
    last_number = models.PositiveIntegerField(_("nomor terakhir"), default=0)
    # Regular calls since the last priority call; see policy.pick.
    since_priority = models.PositiveSmallIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("antrean hari ini")
        verbose_name_plural = _("antrean per hari")
        ordering = ["-date", "prefix"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_queueday_once",
                fields=["queue", "date"],
                violation_error_message=_("Antrean ini sudah punya baris untuk tanggal itu."),
            ),
            models.CheckConstraint(
                name="queueing_queueday_quota",
                condition=Q(quota__isnull=True) | Q(last_number__lte=F("quota")),
                violation_error_message=_("Nomor hari ini sudah habis."),
            ),
        ]
        indexes = [models.Index(fields=["date"], name="queueing_queueday_date")]

    def __str__(self) -> str:
        return f"{self.prefix} {self.date:%d-%m-%Y}"


class CounterSession(models.Model):
    """Who serves at which counter since when. Opening it is attendance."""

    counter = models.ForeignKey(Counter, models.PROTECT, related_name="sessions", verbose_name=_("loket"))
    user = models.ForeignKey(User, models.PROTECT, related_name="sessions", verbose_name=_("petugas"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="sessions", verbose_name=_("instansi"))
    date = models.DateField(_("tanggal"))
    opened_at = models.DateTimeField(_("dibuka"))
    closed_at = models.DateTimeField(_("ditutup"), null=True, blank=True)

    objects = CounterSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sesi loket")
        verbose_name_plural = _("sesi loket")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_session_one_per_counter",
                fields=["counter"],
                condition=Q(closed_at__isnull=True),
                violation_error_message=_("Loket ini sedang dibuka petugas lain."),
            ),
            models.UniqueConstraint(
                name="queueing_session_one_per_person",
                fields=["user"],
                condition=Q(closed_at__isnull=True),
                violation_error_message=_("Anda masih membuka loket lain. Tutup dulu loket itu."),
            ),
            in_order(
                "queueing_session_order", "opened_at", "closed_at", message=_("Loket ditutup sebelum dibuka.")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counter} · {self.user}"


def _timestamps_follow_state() -> Q:
    at_counter = Q(called_at__isnull=False, session__isnull=False, ended_at__isnull=True)
    return (
        Q(state=TicketState.WAITING, session__isnull=True, called_at__isnull=True, ended_at__isnull=True)
        | at_counter & Q(state=TicketState.CALLED, started_at__isnull=True)
        | at_counter & Q(state__in=[TicketState.SERVING, TicketState.HELD], started_at__isnull=False)
        | Q(state=TicketState.DONE, started_at__isnull=False, ended_at__isnull=False)
        | Q(state=TicketState.NO_SHOW, called_at__isnull=False, ended_at__isnull=False)
        | Q(state__in=[TicketState.CANCELLED, TicketState.EXPIRED], ended_at__isnull=False)
    )


class Ticket(models.Model):
    """A number. It belongs to the line that issued it and stands in `line`, which a transfer changes."""

    queue_day = models.ForeignKey(QueueDay, models.PROTECT, related_name="issued", verbose_name=_("antrean"))
    number = models.PositiveIntegerField(_("nomor"))
    line = models.ForeignKey(QueueDay, models.PROTECT, related_name="standing", verbose_name=_("berdiri di"))
    service = models.ForeignKey(Service, models.PROTECT, related_name="tickets", verbose_name=_("layanan"))
    state = models.CharField(_("keadaan"), max_length=10, choices=TicketState, default=TicketState.WAITING)
    channel = models.CharField(_("saluran"), max_length=8, choices=Channel)
    priority = models.CharField(
        _("prioritas"), max_length=12, choices=Priority, blank=True, default=Priority.NONE
    )
    phone = models.CharField(_("telepon"), max_length=20, blank=True)
    nonce = models.CharField(max_length=32, unique=True, editable=False, default=tokens.new_nonce)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    request_key = models.CharField(max_length=100, unique=True, null=True, blank=True, editable=False)
    session = models.ForeignKey(
        CounterSession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("sesi loket"),
    )
    calls = models.PositiveSmallIntegerField(_("berapa kali dipanggil"), default=0)
    issued_at = models.DateTimeField(_("diambil"))
    arrived_at = models.DateTimeField(_("waktu antre"))
    called_at = models.DateTimeField(_("dipanggil"), null=True, blank=True)
    started_at = models.DateTimeField(_("mulai dilayani"), null=True, blank=True)
    ended_at = models.DateTimeField(_("berakhir"), null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("nomor antrean")
        verbose_name_plural = _("nomor antrean")
        ordering = ["queue_day", "number"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_ticket_number_once",
                fields=["queue_day", "number"],
                violation_error_message=_("Nomor ini sudah keluar."),
            ),
            models.UniqueConstraint(
                name="queueing_ticket_one_at_counter",
                fields=["session"],
                condition=Q(state__in=sorted(AT_COUNTER)),
                violation_error_message=_("Selesaikan dulu nomor yang sedang di loket."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_state_times",
                condition=_timestamps_follow_state(),
                violation_error_message=_("Waktu tidak cocok dengan keadaan nomor."),
            ),
            in_order(
                "queueing_ticket_called_after_issued",
                "issued_at",
                "called_at",
                message=_("Dipanggil sebelum diambil."),
            ),
            in_order(
                "queueing_ticket_started_after_issued",
                "issued_at",
                "started_at",
                message=_("Dilayani sebelum diambil."),
            ),
            in_order(
                "queueing_ticket_ended_after_started",
                "started_at",
                "ended_at",
                message=_("Selesai sebelum mulai."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_number_positive",
                condition=Q(number__gte=1),
                violation_error_message=_("Nomor mulai dari 1."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["line", "arrived_at", "id"],
                name="queueing_ticket_waiting",
                condition=Q(state=TicketState.WAITING),
            ),
            models.Index(
                fields=["line", "state"], name="queueing_ticket_active", condition=Q(state__in=sorted(ACTIVE))
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="identity_stays",
                fields=[
                    "queue_day",
                    "number",
                    "nonce",
                    "token_digest",
                    "issued_at",
                    "request_key",
                    "channel",
                ],
            ),
            pgtrigger.FSM(name="legal_edges", field="state", transitions=workflow.edges()),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the number as people read it: "A-047"."""
        return f"{self.queue_day.prefix}-{self.number:03d}"

    @property
    def token(self) -> str:
        """Return the secret of the holder's link, derived, never stored."""
        return tokens.derived("ticket", self.nonce)

    @property
    def is_active(self) -> bool:
        """Tell whether anything is still to happen to this number."""
        return self.state not in ENDED


class TicketEvent(models.Model):
    """One step of one number. Append-only: the trail an auditor reads."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events", verbose_name=_("nomor"))
    step = models.CharField(_("langkah"), max_length=10, choices=Step)
    source = models.CharField(_("dari"), max_length=10, choices=TicketState, blank=True)
    target = models.CharField(_("menjadi"), max_length=10, choices=TicketState)
    at = models.DateTimeField(_("waktu"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pelaku")
    )
    session = models.ForeignKey(
        CounterSession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("sesi loket"),
    )
    line = models.ForeignKey(QueueDay, models.PROTECT, related_name="+", verbose_name=_("antrean"))
    reason = models.CharField(_("alasan"), max_length=200, blank=True)
    request_key = models.CharField(max_length=100, unique=True, null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("kejadian nomor")
        verbose_name_plural = _("kejadian nomor")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["session", "-id"],
                name="queueing_event_calls",
                condition=Q(step__in=[Step.CALL, Step.RECALL]),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.get_step_display()}"
