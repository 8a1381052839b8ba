"""What is to be sent to whom: messages, the ways people chose, and what each channel may do."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.revision import bump_trigger
from mpp.core.text import validate_plain
from mpp.notifications import events
from mpp.notifications.enums import OPEN_STATES, Delivery, Kind, Language, MessageState


class Way(models.Model):
    """How one person agreed to be told about one number or booking, and in which words they agreed.

    A way that is given up stays as proof of the consent until it is deleted with the rest.
    """

    holder = models.CharField(max_length=40, editable=False)
    channel = models.CharField(_("saluran"), max_length=20, choices=Kind)
    recipient = models.CharField(_("penerima"), max_length=600)
    # The browser's own keys, for web push.
    keys = models.JSONField(default=dict, blank=True, editable=False)
    language = models.CharField(_("bahasa"), max_length=2, choices=Language, default=Language.INDONESIAN)
    words = models.CharField(_("persetujuan"), max_length=300)
    consented_at = models.DateTimeField(_("setuju sejak"))
    ended_at = models.DateTimeField(_("sampai"), null=True, blank=True)
    # What it is about goes on for longer than such things are kept.
    needed_until = models.DateTimeField(_("diperlukan sampai"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("persetujuan dikabari")
        verbose_name_plural = _("persetujuan dikabari")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="notifications_way_once",
                fields=["holder", "channel"],
                condition=Q(ended_at=None),
                violation_error_message=_("Cara ini sudah dipilih."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.end_of_recipient}"

    @property
    def name(self) -> str:
        """Return what citizens call this way."""
        return Kind(self.channel).for_people

    @property
    def end_of_recipient(self) -> str:
        """Return as much of the address as its owner needs to know it again."""
        name, at, domain = self.recipient.partition("@")
        return f"{name[:1]}…@{domain}" if at else f"…{self.recipient[-3:]}"


class Message(models.Model):
    """One message to one recipient. The dedupe key makes it one, however often it is asked for."""

    dedupe_key = models.CharField(max_length=160, unique=True, editable=False)
    event = models.CharField(_("kejadian"), max_length=40)
    channel = models.CharField(_("saluran"), max_length=20)
    way = models.ForeignKey(Way, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    recipient = models.CharField(_("penerima"), max_length=600)
    language = models.CharField(
        _("bahasa"), max_length=2, choices=Language, default=Language.INDONESIAN, db_default="id"
    )
    params = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), blank=True, editable=False
    )
    # As it went out; before that there are only the facts in `params`.
    body = models.TextField(_("isi"), blank=True)
    state = models.CharField(_("keadaan"), max_length=8, choices=MessageState, default=MessageState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    created_at = models.DateTimeField(_("dibuat"))
    due_at = models.DateTimeField(_("dikirim mulai"))
    not_after = models.DateTimeField(_("tidak sesudah"))
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    provider_id = models.CharField(_("nomor dari penyedia"), max_length=120, blank=True)
    error = models.CharField(_("galat"), max_length=300, blank=True)
    delivery = models.CharField(
        _("kabar penyedia"), max_length=9, choices=Delivery, blank=True, default=Delivery.NONE, db_default=""
    )
    delivery_at = models.DateTimeField(_("kabar pukul"), null=True, blank=True)

    class Meta:
        verbose_name = _("pesan")
        verbose_name_plural = _("pesan")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="notifications_message_sent_at",
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | ~Q(state=MessageState.SENT) & Q(sent_at__isnull=True),
                violation_error_message=_("Waktu kirim tidak cocok dengan keadaan pesan."),
            ),
        ]
        indexes = [
            # Made for the relay's query alone.
            models.Index(
                fields=["due_at", "id"],
                name="notifications_open",
                condition=Q(state__in=[s.value for s in OPEN_STATES]),
            ),
            models.Index(fields=["provider_id"], name="notifications_receipts", condition=~Q(provider_id="")),
            models.Index(fields=["way", "event"], name="notifications_of_way"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → …{self.recipient[-3:]}"


class Stop(models.Model):
    """Somebody wrote STOP or BERHENTI: nothing more goes to that number until they agree anew."""

    recipient = models.CharField(_("penerima"), max_length=160, unique=True)
    channel = models.CharField(_("lewat"), max_length=20)
    at = models.DateTimeField(_("sejak"))

    class Meta:
        verbose_name = _("permintaan berhenti")
        verbose_name_plural = _("permintaan berhenti")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"…{self.recipient[-3:]}"


class ChannelRule(models.Model):
    """What the mall lets a channel do. Its secrets are settings, never rows."""

    channel = models.CharField(_("saluran"), max_length=20, primary_key=True, choices=Kind)
    is_on = models.BooleanField(_("dipakai"), default=True)
    daily_cap = models.PositiveIntegerField(
        _("paling banyak sehari"),
        null=True,
        blank=True,
        help_text=_("Batas biaya. Kosong: tanpa batas. Pesan lebih menunggu sampai waktunya habis."),
    )
    sender_name = models.CharField(
        _("nama pengirim"),
        max_length=40,
        blank=True,
        validators=[validate_plain],
        help_text=_("Dipakai SMS dan e-mail. Kosong: nama mal."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("saluran pesan")
        verbose_name_plural = _("saluran pesan")
        ordering = ["channel"]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return self.get_channel_display()


class ChannelState(models.Model):
    """How a channel does, shared by all workers: its failures in a row, its rest, what today cost."""

    channel = models.CharField(max_length=20, primary_key=True)
    failures = models.PositiveSmallIntegerField(default=0)
    resting_until = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("keadaan saluran")
        verbose_name_plural = _("keadaan saluran")

    def __str__(self) -> str:
        return self.channel


class Wording(models.Model):
    """The mall's own words for one event in one language; empty: the words of the portal."""

    event = models.CharField(_("kejadian"), max_length=40, choices=events.choices)
    language = models.CharField(_("bahasa"), max_length=2, choices=Language)
    text = models.CharField(_("isi pesan"), max_length=300, blank=True, validators=[validate_plain])
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("kata-kata pesan")
        verbose_name_plural = _("kata-kata pesan")
        ordering = ["event", "language"]
        constraints = [
            models.UniqueConstraint(
                name="notifications_wording_once",
                fields=["event", "language"],
                violation_error_message=_("Kata-kata untuk kejadian ini sudah ada. Ubah yang ada."),
            ),
        ]
        triggers = [bump_trigger()]

    def __str__(self) -> str:
        return f"{self.get_event_display()} ({self.get_language_display()})"

    def clean(self) -> None:
        """Refuse a blank that the event cannot fill."""
        if unknown := events.unknown_blanks(self.event, self.text):
            message = _("Isian %(unknown)s tidak dikenal di pesan ini. Yang ada: %(known)s.")
            known = ", ".join(f"{{{name}}}" for name in events.of(self.event).sample) or "–"
            raise ValidationError({"text": message % {"unknown": ", ".join(unknown), "known": known}})
