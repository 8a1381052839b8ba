"""Rules of the hall as data: who goes first, limits for one person, what a counter serves."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from queueing.enums import ClosedRule, Priority
from queueing.models.lines import Queue
from tenants.models import Counter


class PriorityClass(models.Model):
    """Who goes first, by which law, and who may say so."""

    code = models.CharField(_("kode"), max_length=12, choices=Priority, unique=True)
    name = models.CharField(_("sebutan"), max_length=80, validators=[validate_plain])
    source = models.CharField(_("dasar hukum"), max_length=200, validators=[validate_plain])
    staff_only = models.BooleanField(
        _("hanya oleh petugas"), default=False, help_text=_("Petugas menuliskan alasannya.")
    )
    is_active = models.BooleanField(_("dipakai"), default=True)
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("golongan prioritas")
        verbose_name_plural = _("golongan prioritas")
        triggers = [bump_trigger()]
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def for_people(self) -> str:
        """Return the mall's own name for it; in another language than Indonesian that of its code."""
        is_own = get_language() == settings.LANGUAGE_CODE
        return self.name.lower() if is_own else str(self.get_code_display())


class HallRules(models.Model):
    """Limits that hold in the whole mall. There is exactly one row, with key 1."""

    numbers_per_person = models.PositiveSmallIntegerField(
        _("nomor aktif per orang"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("Orang dikenali dari nomor ponsel atau perangkatnya; selalu satu per layanan."),
    )
    no_shows = models.PositiveSmallIntegerField(
        _("kali tidak hadir"), default=3, validators=[MinValueValidator(1)]
    )
    no_show_days = models.PositiveSmallIntegerField(
        _("dihitung selama (hari)"), default=30, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    ban_days = models.PositiveSmallIntegerField(
        _("tanpa nomor daring selama (hari)"),
        default=7,
        help_text=_("Nomor di tempat selalu boleh diambil. 0: tanpa pembatasan."),
    )
    return_from_minutes = models.PositiveSmallIntegerField(_("tempat batal kembali paling cepat"), default=1)
    return_to_minutes = models.PositiveSmallIntegerField(
        _("tempat batal kembali paling lambat"),
        default=10,
        help_text=_("Menit, diacak, supaya tempat tidak dapat dioper ke calo."),
    )
    closed_bookings = models.CharField(
        _("pesanan pada waktu yang kemudian tutup"),
        max_length=6,
        choices=ClosedRule,
        default=ClosedRule.MOVE,
        db_default=ClosedRule.MOVE,
        help_text=_("Pemesannya dikabari. Yang tidak dapat dikabari selalu dibatalkan."),
    )
    recall_seconds = models.PositiveSmallIntegerField(_("jarak panggilan ulang (detik)"), default=20)
    undo_seconds = models.PositiveSmallIntegerField(
        _("boleh diurungkan dalam (detik)"), default=10, validators=[MaxValueValidator(60)]
    )
    paired_kiosks_only = models.BooleanField(
        _("anjungan hanya dari perangkat yang dipasangkan"),
        default=False,
        db_default=False,
        help_text=_(
            "Nyalakan sesudah semua anjungan dipasangkan di menu Perangkat. "
            "Peramban lain masih dapat melihat anjungan, tetapi tidak dapat mengambil nomor di sana."
        ),
    )
    lock_minutes = models.PositiveSmallIntegerField(
        _("layar loket terkunci sesudah (menit)"),
        default=10,
        db_default=10,
        validators=[MaxValueValidator(240)],
        help_text=_("0: tidak pernah dengan sendirinya."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("aturan mal")
        verbose_name_plural = _("aturan mal")
        triggers = [bump_trigger()]
        constraints = [
            models.CheckConstraint(
                name="queueing_hallrules_only_one",
                condition=Q(pk=1),
                violation_error_message=_("Aturan mal hanya satu baris."),
            ),
            models.CheckConstraint(
                name="queueing_hallrules_sane",
                condition=Q(
                    numbers_per_person__range=(1, 9),
                    no_shows__gte=1,
                    no_show_days__range=(1, 30),
                    return_to_minutes__gte=F("return_from_minutes"),
                ),
                violation_error_message=_(
                    "Batas: 1–9 nomor, dihitung 1–30 hari, dan paling lambat tidak sebelum paling cepat."
                ),
            ),
            models.CheckConstraint(
                name="queueing_hallrules_lock",
                condition=Q(lock_minutes__lte=240),
                violation_error_message=_("Layar terkunci paling lama sesudah 240 menit."),
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class CounterLine(models.Model):
    """A line that a counter serves, and how much it weighs there. Without rows: all lines of its agency."""

    counter = models.ForeignKey(
        Counter, models.CASCADE, related_name="counter_lines", verbose_name=_("loket")
    )
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="counter_lines", verbose_name=_("antrean"))
    weight = models.PositiveSmallIntegerField(
        _("bobot"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("Waktu menunggu dikali bobot: yang terbesar dipanggil dulu. 1 biasa, 10 paling kuat."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("antrean di loket")
        verbose_name_plural = _("antrean di loket")
        triggers = [bump_trigger()]
        ordering = ["counter", "queue"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_counterline_once",
                fields=["counter", "queue"],
                violation_error_message=_("Antrean itu sudah ada di loket ini."),
            ),
            models.CheckConstraint(
                name="queueing_counterline_weight",
                condition=Q(weight__range=(1, 10)),
                violation_error_message=_("Bobot 1 sampai 10."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counter} · {self.queue} × {self.weight}"
