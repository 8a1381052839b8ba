"""The one mall, and who did what."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain

ZONES_OF_TIME = [
    ("Asia/Jakarta", "WIB"),
    ("Asia/Makassar", "WITA"),
    ("Asia/Jayapura", "WIT"),
]
MOTIFS = [
    ("", _("tanpa motif")),
    ("sasirangan", _("wajik dan jelujur")),
    ("tangga", _("tangga")),
    ("anyaman", _("anyaman")),
]

hex_colour = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Tulis warna seperti #0B5447."))


class Mall(models.Model):
    """The mall this portal serves. There is exactly one row, with key 1."""

    name = models.CharField(_("nama"), max_length=120, validators=[validate_plain])
    short_name = models.CharField(_("nama pendek"), max_length=60, validators=[validate_plain])
    region = models.CharField(_("daerah"), max_length=120, validators=[validate_plain])
    building = models.CharField(_("gedung"), max_length=120, blank=True, validators=[validate_plain])
    address = models.CharField(_("alamat"), max_length=240, validators=[validate_plain])
    timezone = models.CharField(
        _("zona waktu"), max_length=40, choices=ZONES_OF_TIME, default="Asia/Makassar"
    )
    accent = models.CharField(_("warna"), max_length=7, default="#0B5447", validators=[hex_colour])
    motif = models.CharField(_("motif"), max_length=20, choices=MOTIFS, blank=True)
    # Folders of mpp.core.pictures; empty: the portal's own mark, no photo.
    emblem = models.CharField(_("lambang"), max_length=32, blank=True, editable=False)
    photo = models.CharField(_("foto gedung"), max_length=32, blank=True, editable=False)
    photo_words = models.CharField(
        _("yang terlihat di foto"),
        max_length=120,
        blank=True,
        validators=[validate_plain],
        help_text=_("Dibacakan kepada orang yang tidak melihat foto. Misalnya: pintu masuk dari jalan raya."),
    )
    manager_name = models.CharField(_("dinas pengelola"), max_length=160, validators=[validate_plain])
    manager_short = models.CharField(
        _("sebutan dinas pengelola"), max_length=60, default="DPMPTSP", validators=[validate_plain]
    )
    phone = models.CharField(_("telepon"), max_length=40, blank=True, validators=[validate_plain])
    whatsapp = models.CharField("WhatsApp", max_length=40, blank=True, validators=[validate_plain])
    email = models.EmailField(_("surel"), blank=True)
    dpo_contact = models.CharField(
        _("kontak pejabat pelindungan data pribadi"),
        max_length=200,
        blank=True,
        validators=[validate_plain],
        help_text=_("Ditampilkan di kaki halaman (UU 27/2022 pasal 53)."),
    )
    kept_days = models.PositiveSmallIntegerField(
        _("nomor ponsel disimpan (hari)"),
        default=30,
        help_text=_("Sesudah itu dihapus dengan sendirinya. Tertulis di halaman Data pribadi."),
    )
    purpose = models.CharField(
        _("tujuan data pribadi"),
        max_length=300,
        blank=True,
        validators=[validate_plain],
        help_text=_("Untuk apa mal ini memakai nomor ponsel. Kosong: kata-kata portal."),
    )
    website = models.URLField(_("situs"), blank=True)
    today_note = models.CharField(
        _("catatan hari ini"),
        max_length=200,
        blank=True,
        validators=[validate_plain],
        help_text=_("Satu kalimat di beranda dan layar."),
    )
    is_sample = models.BooleanField(_("data contoh"), default=False)

    class Meta:
        verbose_name = _("mal")
        verbose_name_plural = _("mal")
        constraints = [
            models.CheckConstraint(
                name="core_mall_only_one",
                condition=Q(pk=1),
                violation_error_message=_("Portal ini melayani satu mal saja."),
            ),
            # Nought would delete a telephone before its number is called.
            models.CheckConstraint(
                name="core_mall_kept_days",
                condition=Q(kept_days__range=(1, 365)),
                violation_error_message=_("Simpan nomor ponsel 1 sampai 365 hari."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.name

    @property
    def zone_suffix(self) -> str:
        """Return "WIB", "WITA" or "WIT"."""
        return dict(ZONES_OF_TIME)[self.timezone]


class AuditEntry(models.Model):
    """Who did what to what, and when. Append-only by a trigger."""

    at = models.DateTimeField(_("waktu"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pelaku"),
    )
    actor_name = models.CharField(_("nama pelaku"), max_length=150, blank=True)
    action = models.CharField(_("tindakan"), max_length=80)
    target = models.CharField(_("sasaran"), max_length=200, blank=True)
    detail = models.JSONField(_("rincian"), default=dict, blank=True)
    address = models.GenericIPAddressField(_("alamat jaringan"), null=True, blank=True)

    class Meta:
        verbose_name = _("catatan audit")
        verbose_name_plural = _("catatan audit")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["action", "-at"], name="core_audit_action_at")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class ImportRun(models.Model):
    """A file that was imported, so that it can be seen and, for a day, undone."""

    at = models.DateTimeField(_("waktu"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("pelaku")
    )
    file_name = models.CharField(_("berkas"), max_length=200)
    tables = models.CharField(_("tabel"), max_length=400)
    new = models.PositiveIntegerField(_("baru"))
    changed = models.PositiveIntegerField(_("berubah"))
    undone_at = models.DateTimeField(_("dibatalkan"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dibatalkan oleh"),
    )

    class Meta:
        verbose_name = _("impor")
        verbose_name_plural = _("impor")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="core_importrun_undone",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                violation_error_message=_("Catat kapan dan oleh siapa impor ini dibatalkan."),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportedRow(models.Model):
    """One row of an import as its file shows it, before and after."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    table = models.CharField(max_length=80)
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField()

    def __str__(self) -> str:
        return f"{self.table} {self.name}"


class Revision(models.Model):
    """Which state of the configuration is in force: one row, another value after every change.

    Written by triggers alone; see mpp.core.revision.
    """

    value = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="core_revision_only_one",
                condition=Q(pk=1),
                violation_error_message=_("Portal ini punya satu konfigurasi saja."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)


class Pulse(models.Model):
    """When worker and beat last gave a sign of life."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
