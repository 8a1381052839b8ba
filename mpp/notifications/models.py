"""What is to be sent: one row per message, written in the transaction that causes it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    PENDING = "PENDING", _("menunggu")
    LEASED = "LEASED", _("diambil pengirim")
    SENDING = "SENDING", _("sedang dikirim")
    SENT = "SENT", _("terkirim")
    UNKNOWN = "UNKNOWN", _("tidak pasti")
    FAILED = "FAILED", _("gagal")
    EXPIRED = "EXPIRED", _("lewat waktu")


OPEN_STATES = (MessageState.PENDING, MessageState.LEASED, MessageState.SENDING)


class Message(models.Model):
    """One message to one recipient. The dedupe key makes it one, however often it is asked for."""

    dedupe_key = models.CharField(max_length=160, unique=True, editable=False)
    event = models.CharField(_("kejadian"), max_length=40)
    channel = models.CharField(_("saluran"), max_length=20)
    recipient = models.CharField(_("penerima"), max_length=160)
    body = models.TextField(_("isi"))
    state = models.CharField(_("keadaan"), max_length=8, choices=MessageState, default=MessageState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    created_at = models.DateTimeField(_("dibuat"))
    due_at = models.DateTimeField(_("dikirim mulai"))
    not_after = models.DateTimeField(_("tidak sesudah"))
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    provider_id = models.CharField(_("nomor dari penyedia"), max_length=120, blank=True)
    error = models.CharField(_("galat"), max_length=300, blank=True)

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
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.recipient}"
