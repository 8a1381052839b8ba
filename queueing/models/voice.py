"""How the loudspeaker of each zone speaks, and recordings that stand in for the built-in ones."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.revision import bump_trigger
from queueing.clip_packs import pack
from queueing.enums import AudioFormat, NumberForm, VoiceLanguage
from queueing.voice import agency_clip, counter_clip
from tenants.enums import Weekday
from tenants.models import Agency, Counter, Zone


class ZoneVoice(models.Model):
    """The voice of one zone. A zone without a row speaks with the defaults of this model."""

    zone = models.OneToOneField(Zone, models.CASCADE, related_name="voice", verbose_name=_("zona"))
    is_on = models.BooleanField(_("suara menyala"), default=True)
    volume = models.PositiveSmallIntegerField(
        _("keras suara (persen)"), default=80, validators=[MaxValueValidator(100)]
    )
    number_form = models.CharField(
        _("cara menyebut nomor"), max_length=8, choices=NumberForm, default=NumberForm.DIGITS
    )
    second_language = models.CharField(
        _("bahasa kedua"),
        max_length=2,
        blank=True,
        choices=[(VoiceLanguage.ENGLISH.value, VoiceLanguage.ENGLISH.label)],
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("suara zona")
        verbose_name_plural = _("suara zona")
        ordering = ["zone"]
        constraints = [
            models.CheckConstraint(
                name="queueing_zonevoice_volume",
                condition=Q(volume__lte=100),
                violation_error_message=_("Keras suara 0 sampai 100 persen."),
            )
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return str(self.zone)


class QuietHours(models.Model):
    """When the loudspeaker of a zone is silent: for prayer, for a ceremony. The screen goes on."""

    voice = models.ForeignKey(
        ZoneVoice, models.CASCADE, related_name="quiet_hours", verbose_name=_("suara zona")
    )
    weekday = models.PositiveSmallIntegerField(
        _("hari"), choices=Weekday, null=True, blank=True, help_text=_("Kosong: setiap hari.")
    )
    starts_at = models.TimeField(_("mulai"))
    ends_at = models.TimeField(_("sampai"))

    class Meta:
        verbose_name = _("jam tenang")
        verbose_name_plural = _("jam tenang")
        ordering = ["weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(
                name="queueing_quiethours_order",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_(
                    "Jam tenang berakhir sebelum mulai. Tulis dua baris bila lewat malam."
                ),
            ),
            models.CheckConstraint(
                name="queueing_quiethours_weekday",
                condition=Q(weekday__isnull=True) | Q(weekday__range=(1, 7)),
                violation_error_message=_("Hari ditulis 1 (Senin) sampai 7 (Minggu)."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return f"{self.starts_at:%H.%M}–{self.ends_at:%H.%M}"


def stored_name(clip: VoiceClip, _name: str) -> str:
    """Return where the recording is kept: nothing of the sender's name is left."""
    return f"voice/{uuid.uuid4().hex}.{clip.format}"


class VoiceClip(models.Model):
    """The mall's own recording: of a clip of the pack, or of the name of an agency or a counter."""

    language = models.CharField(
        _("bahasa"), max_length=2, choices=VoiceLanguage, default=VoiceLanguage.INDONESIAN
    )
    clip = models.CharField(_("klip"), max_length=12, blank=True)
    agency = models.ForeignKey(
        Agency, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("instansi")
    )
    counter = models.ForeignKey(
        Counter, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("loket")
    )
    file = models.FileField(_("rekaman"), upload_to=stored_name, max_length=80)
    # What the bytes are, not what the sender called them.
    format = models.CharField(_("jenis"), max_length=3, choices=AudioFormat, editable=False)
    seconds = models.DecimalField(_("detik"), max_digits=4, decimal_places=2, editable=False)
    version = models.CharField(max_length=12, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rekaman suara")
        verbose_name_plural = _("rekaman suara")
        ordering = ["language", "clip", "agency", "counter"]
        constraints = [
            models.CheckConstraint(
                name="queueing_voiceclip_of_one_thing",
                condition=Q(agency=None, counter=None) & ~Q(clip="")
                | Q(clip="", counter=None, agency__isnull=False)
                | Q(clip="", agency=None, counter__isnull=False),
                violation_error_message=_("Satu rekaman untuk satu hal: klip, instansi, atau loket."),
            ),
            models.UniqueConstraint(
                name="queueing_voiceclip_once",
                fields=["language", "clip", "agency", "counter"],
                nulls_distinct=False,
                violation_error_message=_("Rekaman untuk itu sudah ada. Ganti rekaman yang ada."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """Return what the recording says."""
        built_in = pack(self.language).get(self.clip)
        return built_in.words if built_in else str(self.agency or self.counter)

    @property
    def name(self) -> str:
        """Return the name under which queueing.voice asks for it."""
        if self.agency:
            return f"{self.language}/{agency_clip(self.agency.code)}"
        if self.counter:
            return f"{self.language}/{counter_clip(self.counter.code)}"
        return f"{self.language}/{self.clip}"
