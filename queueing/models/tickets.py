"""A number, its way through the day, and the visit that joins several."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mpp.core import tokens
from mpp.core.constraints import in_order
from mpp.core.text import validate_plain
from queueing import workflow
from queueing.enums import (
    ACTIVE,
    AT_COUNTER,
    ENDED,
    NOTED_OUTCOMES,
    Channel,
    Lane,
    Outcome,
    Priority,
    Step,
    TicketState,
)
from queueing.models.lines import QueueDay
from queueing.models.pool import Share
from queueing.models.sessions import CounterSession
from queueing.querysets import TicketQuerySet
from services.models import Service
from tenants.models import Counter, User


class Visit(models.Model):
    """One person's numbers of one day at several agencies: one page and one QR for all."""

    date = models.DateField(_("tanggal"))
    nonce = models.CharField(max_length=32, unique=True, editable=False, default=tokens.new_nonce)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    started_at = models.DateTimeField(_("mulai"))

    class Meta:
        verbose_name = _("kunjungan")
        verbose_name_plural = _("kunjungan")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def token(self) -> str:
        """Return the secret of the holder's link, derived, never stored."""
        return tokens.derived("visit", self.nonce)


# A class of priority may tell of an illness; only that somebody goes first does not.
CLASS_KNOWN = ~Q(priority__in=[Priority.NONE, Priority.GENERAL])

# Takes the number out of the block where it waited, and puts it into the one where it waits now.
COUNT_WAITING = """
IF TG_OP = 'UPDATE' AND OLD.state = 'WAITING' THEN
    minute_of := floor(extract(epoch FROM OLD.arrived_at) / 60);
    UPDATE queueing_waitingblock SET waiting = waiting - 1
    WHERE line_id = OLD.line_id AND lane = OLD.lane AND minute = minute_of AND service_id = OLD.service_id;
END IF;
IF NEW.state = 'WAITING' THEN
    minute_of := floor(extract(epoch FROM NEW.arrived_at) / 60);
    INSERT INTO queueing_waitingblock (line_id, lane, minute, service_id, waiting)
    VALUES (NEW.line_id, NEW.lane, minute_of, NEW.service_id, 1)
    ON CONFLICT (line_id, lane, minute, service_id)
    DO UPDATE SET waiting = queueing_waitingblock.waiting + 1;
END IF;
RETURN NEW;
"""


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
    lane = models.CharField(_("lajur"), max_length=1, choices=Lane, default=Lane.REGULAR)
    for_counter = models.ForeignKey(
        Counter, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("khusus loket")
    )
    share = models.ForeignKey(
        Share, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("bagian kuota")
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("kunjungan")
    )
    phone = models.CharField(_("telepon"), max_length=20, blank=True)
    # Whether anybody is to be told anything: the many others cost no look at their ways.
    is_told = models.BooleanField(_("dikabari"), default=False, db_default=False, editable=False)
    # Whose number it is, as far as anyone knows: a keyed digest of the phone, else of the device.
    person = models.CharField(max_length=64, blank=True, editable=False)
    person_slot = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
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
    outcome = models.CharField(_("hasil"), max_length=16, choices=Outcome, blank=True)
    outcome_note = models.CharField(
        _("keterangan hasil"), max_length=300, blank=True, validators=[validate_plain]
    )
    performed = models.ManyToManyField(
        Service, through="Performed", related_name="performed_on", verbose_name=_("layanan yang diberikan")
    )
    reentries = models.PositiveSmallIntegerField(_("masuk lagi"), default=0)
    steps_back = models.PositiveSmallIntegerField(_("mundur"), default=0, db_default=0)
    carried_from = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carried_to",
        verbose_name=_("lanjutan dari"),
    )

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
            # One person is never called at two counters at once.
            models.UniqueConstraint(
                name="queueing_ticket_visit_at_one_counter",
                fields=["visit"],
                condition=Q(state__in=sorted(AT_COUNTER)),
                violation_error_message=_("Orang ini sedang di loket lain. Nomornya menunggu giliran."),
            ),
            models.UniqueConstraint(
                name="queueing_ticket_one_per_person_and_service",
                fields=["person", "service"],
                condition=Q(state__in=sorted(ACTIVE)) & ~Q(person=""),
                violation_error_message=_("Anda masih punya nomor untuk layanan ini."),
            ),
            # Which of the numbers a person may hold at once this is: exact also under a storm.
            models.UniqueConstraint(
                name="queueing_ticket_person_slot",
                fields=["person", "person_slot"],
                condition=Q(state__in=sorted(ACTIVE)) & ~Q(person=""),
                violation_error_message=_("Anda sudah memegang nomor paling banyak. Selesaikan dulu satu."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_person_slot_range",
                condition=Q(person="") | Q(person_slot__range=(1, 9)),
                violation_error_message=_("Satu orang paling banyak sembilan nomor."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_lane",
                condition=Q(lane=Lane.COUNTER, for_counter__isnull=False)
                | ~Q(lane=Lane.COUNTER) & Q(for_counter__isnull=True),
                violation_error_message=_("Lajur loket memerlukan loketnya."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_outcome",
                condition=Q(outcome="", outcome_note="")
                | Q(state=TicketState.DONE) & (~Q(outcome__in=sorted(NOTED_OUTCOMES)) | ~Q(outcome_note="")),
                violation_error_message=_("Tulis berkas yang kurang, atau alasan tidak dapat dilayani."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_one_reentry",
                condition=Q(reentries__lte=1),
                violation_error_message=_("Masuk antrean lagi hanya satu kali."),
            ),
            models.CheckConstraint(
                name="queueing_ticket_one_step_back",
                condition=Q(steps_back__lte=1),
                violation_error_message=_("Mundur hanya satu kali."),
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
                fields=["line", "lane", "arrived_at", "id"],
                name="queueing_ticket_waiting",
                condition=Q(state=TicketState.WAITING),
            ),
            models.Index(
                fields=["line", "state"], name="queueing_ticket_active", condition=Q(state__in=sorted(ACTIVE))
            ),
            models.Index(
                fields=["line"],
                name="queueing_ticket_told",
                condition=Q(state=TicketState.WAITING, is_told=True),
            ),
            models.Index(
                fields=["person", "-ended_at"],
                name="queueing_ticket_no_shows",
                condition=Q(state=TicketState.NO_SHOW) & ~Q(person=""),
            ),
            models.Index(fields=["line"], name="queueing_ticket_class_known", condition=CLASS_KNOWN),
            models.Index(fields=["line"], name="queueing_ticket_phone_known", condition=~Q(phone="")),
            models.Index(
                fields=["service", "-ended_at"],
                name="queueing_ticket_served",
                condition=Q(state=TicketState.DONE),
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
            pgtrigger.Trigger(
                name="counts_waiting",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "lane", "line_id", "arrived_at"),  # type: ignore[no-untyped-call]
                declare=[("minute_of", "integer")],
                func=pgtrigger.Func(COUNT_WAITING),  # type: ignore[no-untyped-call]
            ),
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
    step = models.CharField(_("langkah"), max_length=16, choices=Step)
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
    # A call stepped over these numbers, because their person was at another counter.
    passed = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # What the step changed beside the number itself, so that it can be undone.
    detail = models.JSONField(default=dict, blank=True)
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


class Performed(models.Model):
    """A service that was really given on a number, which may be another than the one it was taken for."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", verbose_name=_("nomor"))
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("layanan"))

    class Meta:
        verbose_name = _("layanan yang diberikan")
        verbose_name_plural = _("layanan yang diberikan")
        constraints = [
            models.UniqueConstraint(
                name="queueing_performed_once",
                fields=["ticket", "service"],
                violation_error_message=_("Layanan itu sudah dicatat."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} · {self.service}"


class ToldLine(models.Model):
    """Up to which version of a line those near its front were told: beside the line, whose row is hot."""

    line = models.OneToOneField(QueueDay, models.CASCADE, primary_key=True, related_name="+")
    version = models.BigIntegerField()

    class Meta:
        verbose_name = _("antrean yang dikabari")
        verbose_name_plural = _("antrean yang dikabari")

    def __str__(self) -> str:
        return f"{self.line} {self.version}"
