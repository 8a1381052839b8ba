"""What each hall display shows: its zones or agencies, its layout, its text, its pictures and videos."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from queueing.enums import Half, MediumKind, ScreenLayout
from tenants.models import Agency, Zone


class Screen(models.Model):
    """A hall display with settings of its own. A zone without one shows the defaults under its own code."""

    code = models.SlugField(_("kode"), max_length=40, unique=True)
    name = models.CharField(_("judul layar"), max_length=40, validators=[validate_plain])
    layout = models.CharField(_("tata letak"), max_length=6, choices=ScreenLayout, default=ScreenLayout.ONE)
    note = models.CharField(_("teks berjalan"), max_length=300, blank=True, validators=[validate_plain])
    shows_waiting = models.BooleanField(_("orang menunggu"), default=True)
    shows_next = models.BooleanField(_("nomor berikutnya"), default=True)
    panel_inches = models.PositiveSmallIntegerField(
        _("ukuran panel (inci)"), default=55, validators=[MinValueValidator(19), MaxValueValidator(120)]
    )
    hall_metres = models.PositiveSmallIntegerField(
        _("jarak pembaca terjauh (meter)"),
        default=15,
        validators=[MinValueValidator(2), MaxValueValidator(60)],
    )
    is_active = models.BooleanField(_("dipakai"), default=True)
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("layar")
        verbose_name_plural = _("layar")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="queueing_screen_panel",
                condition=Q(panel_inches__range=(19, 120), hall_metres__range=(2, 60)),
                violation_error_message=_("Panel 19 sampai 120 inci, jarak 2 sampai 60 meter."),
            )
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.name


class ScreenSource(models.Model):
    """A zone or an agency whose calls a display shows."""

    screen = models.ForeignKey(Screen, models.CASCADE, related_name="sources", verbose_name=_("layar"))
    zone = models.ForeignKey(
        Zone, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("zona")
    )
    agency = models.ForeignKey(
        Agency, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("instansi")
    )
    half = models.CharField(_("bagian"), max_length=5, choices=Half, default=Half.LEFT)

    class Meta:
        verbose_name = _("isi layar")
        verbose_name_plural = _("isi layar")
        ordering = ["screen", "half", "pk"]
        constraints = [
            models.CheckConstraint(
                name="queueing_screensource_of_one_thing",
                condition=Q(zone__isnull=True) ^ Q(agency__isnull=True),
                violation_error_message=_("Pilih satu zona atau satu instansi di tiap baris."),
            ),
            models.UniqueConstraint(
                name="queueing_screensource_once",
                fields=["screen", "zone", "agency"],
                nulls_distinct=False,
                violation_error_message=_("Zona atau instansi itu sudah ada di layar ini."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return str(self.zone or self.agency)


def stored_name(medium: Medium, _name: str) -> str:
    """Return where the file is kept: nothing of the sender's name is left."""
    return f"screens/{uuid.uuid4().hex}"


class Medium(models.Model):
    """A picture or a video of the mall's own. Its file never changes: another one is another row."""

    title = models.CharField(_("judul"), max_length=80, validators=[validate_plain])
    file = models.FileField(_("berkas"), upload_to=stored_name, max_length=80)
    # What the bytes are, not what the sender called them.
    kind = models.CharField(_("jenis"), max_length=7, choices=MediumKind, editable=False)
    content_type = models.CharField(max_length=20, editable=False)
    size = models.PositiveIntegerField(_("ukuran"), editable=False)

    class Meta:
        verbose_name = _("gambar atau video")
        verbose_name_plural = _("gambar dan video")
        ordering = ["title"]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """Return the unguessable end of its address."""
        return str(self.file.name).rpartition("/")[2]


class PlaylistItem(models.Model):
    """What a display shows between calls, in this order."""

    screen = models.ForeignKey(Screen, models.CASCADE, related_name="playlist", verbose_name=_("layar"))
    medium = models.ForeignKey(
        Medium, models.CASCADE, related_name="showings", verbose_name=_("gambar atau video")
    )
    seconds = models.PositiveSmallIntegerField(
        _("lama gambar (detik)"), default=15, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)

    class Meta:
        verbose_name = _("tayangan")
        verbose_name_plural = _("tayangan")
        ordering = ["screen", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="queueing_playlistitem_seconds",
                condition=Q(seconds__range=(5, 600)),
                violation_error_message=_("Gambar tampil 5 sampai 600 detik."),
            )
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return str(self.medium)
