"""A line, its services, its row of a date, and how many stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from queueing.enums import Lane, Leftover
from queueing.querysets import QueueQuerySet
from services.models import Service
from tenants.models import Agency, code_validator

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Without I and O, which read as 1 and 0.
prefix_validator = RegexValidator(
    r"^[A-HJ-NP-Z1-9]{1,3}$", _("Satu sampai tiga huruf besar atau angka, tanpa I, O, dan 0.")
)


def _percent(label: StrOrPromise, default: int) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(label, default=default, validators=[MaxValueValidator(100)])


class Queue(models.Model):
    """One line with its prefix, for services of one agency."""

    code = models.CharField(_("kode"), max_length=20, unique=True, validators=[code_validator])
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="queues", verbose_name=_("instansi"))
    prefix = models.CharField(_("awalan"), max_length=3, validators=[prefix_validator])
    name = models.CharField(_("nama"), max_length=80, validators=[validate_plain])
    daily_quota = models.PositiveSmallIntegerField(
        _("kuota sehari"), null=True, blank=True, help_text=_("Kosong: tanpa batas.")
    )
    # Which promise the quota follows, as hours and duties say it; empty: nobody's, people set it.
    quota_origin = models.CharField(
        _("kuota menurut"), max_length=60, blank=True, default="", db_default="", editable=False
    )
    # The pool: parts of the quota in per cent; what is left over is for visitors on site.
    online_percent = _percent(_("bagian daring (%)"), 50)
    kiosk_percent = _percent(_("bagian anjungan (%)"), 0)
    staff_percent = _percent(_("bagian petugas (%)"), 0)
    booked_percent = _percent(_("bagian pesanan (%)"), 0)
    priority_percent = _percent(_("bagian prioritas (%)"), 0)
    shares_release_at = models.TimeField(
        _("sisa dibuka untuk semua pukul"),
        null=True,
        blank=True,
        help_text=_(
            "Sejak jam ini sisa bagian mana pun boleh diambil siapa saja. Kosong: bagian tetap sampai tutup."
        ),
    )

    # The order of calls.
    priority_ratio = models.PositiveSmallIntegerField(
        _("reguler di antara dua prioritas"),
        default=2,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Sesudah giliran prioritas atau pesanan, sekian reguler dipanggil dulu bila ada yang menunggu."
        ),
    )
    express_in_a_row = models.PositiveSmallIntegerField(
        _("prioritas berturut-turut"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("Di antara dua panggilan reguler paling banyak sekian prioritas atau pesanan."),
    )
    ageing_minutes = models.PositiveSmallIntegerField(
        _("batas menunggu (menit)"),
        default=60,
        validators=[MinValueValidator(1)],
        help_text=_("Yang menunggu lebih lama dari ini dipanggil paling lambat sesudah satu nomor lain."),
    )

    # What happens when nobody comes.
    calls_before_no_show = models.PositiveSmallIntegerField(
        _("panggilan sebelum tidak hadir"),
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("Petugas boleh menandai tidak hadir sesudah sekian panggilan, berjarak 20 detik."),
    )
    reentry_minutes = models.PositiveSmallIntegerField(
        _("boleh masuk lagi dalam (menit)"),
        default=30,
        help_text=_("Yang terlewat boleh masuk antrean lagi satu kali dalam waktu ini. 0: tidak boleh."),
    )
    reentry_after = models.PositiveSmallIntegerField(
        _("masuk lagi sesudah (orang)"),
        default=3,
        help_text=_("Yang masuk lagi berdiri sesudah sekian orang yang sedang menunggu."),
    )

    # Whoever is not ready when the turn comes.
    step_back_after = models.PositiveSmallIntegerField(
        _("boleh mundur sesudah (orang)"),
        default=5,
        help_text=_("Yang belum siap boleh mundur satu kali: sekian orang didahulukan. 0: tidak boleh."),
    )

    # The end of the day.
    stops_in_time = models.BooleanField(
        _("berhenti tepat waktu"),
        default=True,
        help_text=_("Nomor berhenti keluar bila waktu buka yang tersisa tidak cukup untuk antrean."),
    )
    leftover = models.CharField(
        _("sisa antrean saat tutup"), max_length=5, choices=Leftover, default=Leftover.SERVE
    )

    # Booked times.
    takes_bookings = models.BooleanField(_("menerima pesanan waktu"), default=False)
    slot_minutes = models.PositiveSmallIntegerField(
        _("lama satu waktu (menit)"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )
    slot_capacity = models.PositiveSmallIntegerField(
        _("orang per waktu"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Kosong: dihitung dari loket dan menit layanan, separuhnya untuk pesanan."),
    )
    booking_days = models.PositiveSmallIntegerField(
        _("dapat dipesan sampai (hari ke depan)"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    early_minutes = models.PositiveSmallIntegerField(
        _("boleh datang lebih awal (menit)"), default=30, validators=[MaxValueValidator(240)]
    )
    late_minutes = models.PositiveSmallIntegerField(
        _("boleh terlambat (menit)"),
        default=15,
        validators=[MaxValueValidator(240)],
        help_text=_("Sesudah ini pesanan menjadi nomor biasa menurut waktu datang."),
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
        triggers = [bump_trigger()]
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
            models.CheckConstraint(
                name="queueing_queue_order_rule",
                condition=Q(express_in_a_row__gte=1, ageing_minutes__gte=1, calls_before_no_show__gte=1),
                violation_error_message=_("Angka aturan urutan dan panggilan paling sedikit 1."),
            ),
            models.CheckConstraint(
                name="queueing_queue_shares",
                condition=Q(
                    online_percent__lte=100
                    - F("kiosk_percent")
                    - F("staff_percent")
                    - F("booked_percent")
                    - F("priority_percent")
                ),
                violation_error_message=_("Jumlah bagian kuota paling banyak 100 persen."),
            ),
            models.CheckConstraint(
                name="queueing_queue_slots",
                condition=Q(slot_minutes__range=(5, 240))
                & (Q(slot_capacity__isnull=True) | Q(slot_capacity__gte=1)),
                violation_error_message=_("Satu waktu 5 sampai 240 menit, paling sedikit untuk satu orang."),
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
            bump_trigger(),
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
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue} · {self.service}"


class QueueDay(models.Model):
    """A line on one date. This row is locked first by everything that issues or calls.

    A row with a `block` numbers only: paper slips ("M"), or a block leased to a kiosk ("K1"), under a
    prefix of its own; its numbers stand in the row without one.
    """

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="days", verbose_name=_("antrean"))
    date = models.DateField(_("tanggal"))
    block = models.CharField(_("blok"), max_length=3, blank=True)
    prefix = models.CharField(_("awalan"), max_length=6)
    quota = models.PositiveSmallIntegerField(_("kuota"), null=True, blank=True)
    last_number = models.PositiveIntegerField(_("nomor terakhir"), default=0)
    # Regular calls since the last express call, and express calls since the last regular one: see
    # policy.next_lane.
    since_priority = models.PositiveSmallIntegerField(default=0)
    express_run = models.PositiveSmallIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("antrean hari ini")
        verbose_name_plural = _("antrean per hari")
        ordering = ["-date", "prefix"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_queueday_once",
                fields=["queue", "date", "block"],
                violation_error_message=_("Antrean ini sudah punya baris untuk tanggal itu."),
            ),
        ]
        indexes = [models.Index(fields=["date"], name="queueing_queueday_date")]

    def __str__(self) -> str:
        return f"{self.prefix} {self.date:%d-%m-%Y}"


class WaitingBlock(models.Model):
    """How many of one minute's arrivals still wait in a lane, by service. A trigger on Ticket keeps it.

    The place of one number among a hundred thousand is a sum over minutes, not a count over people.
    """

    line = models.ForeignKey(QueueDay, models.CASCADE, related_name="blocks", db_index=False)
    lane = models.CharField(max_length=1, choices=Lane)
    minute = models.IntegerField()
    service = models.ForeignKey(Service, models.CASCADE, related_name="+", db_index=False)
    waiting = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="queueing_waitingblock_once",
                fields=["line", "lane", "minute", "service"],
                violation_error_message=_("Pencatat yang menunggu sudah ada."),
            ),
            models.CheckConstraint(
                name="queueing_waitingblock_count",
                condition=Q(waiting__gte=0),
                violation_error_message=_("Yang menunggu tidak kurang dari nol."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.lane} {self.minute}: {self.waiting}"


class NumberBlock(models.Model):
    """Numbers leased to a kiosk that may lose the network, or written on paper: who has them, until when."""

    day = models.OneToOneField(
        QueueDay, models.PROTECT, related_name="lease", verbose_name=_("antrean per hari")
    )
    holder = models.CharField(_("pemegang"), max_length=80, validators=[validate_plain])
    size = models.PositiveSmallIntegerField(_("banyak nomor"), validators=[MinValueValidator(1)])
    leased_at = models.DateTimeField(_("sejak"))
    returned_at = models.DateTimeField(_("dikembalikan"), null=True, blank=True)

    class Meta:
        verbose_name = _("blok nomor")
        verbose_name_plural = _("blok nomor")
        ordering = ["-leased_at"]
        constraints = [
            models.CheckConstraint(
                name="queueing_numberblock_size",
                condition=Q(size__range=(1, 999)),
                violation_error_message=_("Satu blok 1 sampai 999 nomor."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.holder}"
