"""Booked times: a slot, who comes then, and who would rather come earlier."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mpp.core import tokens
from queueing.enums import BookingState, Channel, Priority
from queueing.models.lines import Queue
from queueing.models.pool import Share
from queueing.models.tickets import Ticket
from services.models import Service


class Slot(models.Model):
    """A stretch of time of one line in which so many booked people may arrive."""

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="slots", verbose_name=_("antrean"))
    starts_at = models.DateTimeField(_("mulai"))
    minutes = models.PositiveSmallIntegerField(_("lama (menit)"))
    capacity = models.PositiveSmallIntegerField(_("tempat"))
    taken = models.PositiveSmallIntegerField(_("terpakai"), default=0)

    class Meta:
        verbose_name = _("waktu pesanan")
        verbose_name_plural = _("waktu pesanan")
        ordering = ["queue", "starts_at"]
        constraints = [
            models.UniqueConstraint(
                name="queueing_slot_once",
                fields=["queue", "starts_at"],
                violation_error_message=_("Waktu itu sudah ada."),
            ),
            models.CheckConstraint(
                name="queueing_slot_not_oversold",
                condition=Q(taken__lte=F("capacity")),
                violation_error_message=_("Waktu itu sudah penuh."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.starts_at:%d-%m-%Y %H.%M}"


class SlotReturn(models.Model):
    """A place given back: from `due_at` on it is offered to who wished to come earlier, else free for all."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="returns", verbose_name=_("waktu"))
    share = models.ForeignKey(
        Share, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bagian")
    )
    due_at = models.DateTimeField(_("kembali"))

    class Meta:
        verbose_name = _("tempat yang kembali")
        verbose_name_plural = _("tempat yang kembali")
        ordering = ["due_at"]
        indexes = [models.Index(fields=["due_at"], name="queueing_slotreturn_due")]

    def __str__(self) -> str:
        return f"{self.slot} {self.due_at:%H.%M}"


def _state_follows_facts() -> Q:
    came = Q(ticket__isnull=False, checked_in_at__isnull=False)
    never = Q(ticket__isnull=True, checked_in_at__isnull=True)
    return (
        Q(state=BookingState.BOOKED, ended_at__isnull=True) & never
        | Q(state=BookingState.CHECKED_IN) & came
        | Q(state__in=[BookingState.CANCELLED, BookingState.EXPIRED], ended_at__isnull=False) & never
    )


class Booking(models.Model):
    """A reserved arrival time, not a privilege. Checking in makes exactly one number."""

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings", verbose_name=_("waktu"))
    service = models.ForeignKey(Service, models.PROTECT, related_name="bookings", verbose_name=_("layanan"))
    state = models.CharField(_("keadaan"), max_length=10, choices=BookingState, default=BookingState.BOOKED)
    code = models.CharField(_("kode"), max_length=8, editable=False)
    channel = models.CharField(_("saluran"), max_length=8, choices=Channel)
    priority = models.CharField(
        _("prioritas"), max_length=12, choices=Priority, blank=True, default=Priority.NONE
    )
    phone = models.CharField(_("telepon"), max_length=20, blank=True)
    person = models.CharField(max_length=64, blank=True, editable=False)
    person_slot = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    nonce = models.CharField(max_length=32, unique=True, editable=False, default=tokens.new_nonce)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    request_key = models.CharField(max_length=100, unique=True, null=True, blank=True, editable=False)
    share = models.ForeignKey(
        Share, models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("bagian")
    )
    ticket = models.OneToOneField(
        Ticket, models.PROTECT, null=True, blank=True, related_name="booking", verbose_name=_("nomor")
    )
    # The number of that day which its holder moved to this time: once, so a second press finds this one.
    from_ticket = models.OneToOneField(
        Ticket,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="postponed_to",
        verbose_name=_("dipindah dari nomor"),
    )
    booked_at = models.DateTimeField(_("dipesan"))
    checked_in_at = models.DateTimeField(_("hadir"), null=True, blank=True)
    ended_at = models.DateTimeField(_("berakhir"), null=True, blank=True)
    moves = models.PositiveSmallIntegerField(_("berapa kali dipindah"), default=0)

    class Meta:
        verbose_name = _("pesanan waktu")
        verbose_name_plural = _("pesanan waktu")
        ordering = ["slot", "pk"]
        constraints = [
            # A code is typed at the kiosk: unique among the bookings that can still be checked in.
            models.UniqueConstraint(
                name="queueing_booking_code",
                fields=["code"],
                condition=Q(state=BookingState.BOOKED),
                violation_error_message=_("Kode ini sudah dipakai. Coba sekali lagi."),
            ),
            models.UniqueConstraint(
                name="queueing_booking_one_per_service",
                fields=["person", "service"],
                condition=Q(state=BookingState.BOOKED) & ~Q(person=""),
                violation_error_message=_("Anda sudah memesan waktu untuk layanan ini."),
            ),
            models.UniqueConstraint(
                name="queueing_booking_person_slot",
                fields=["person", "person_slot"],
                condition=Q(state=BookingState.BOOKED) & ~Q(person=""),
                violation_error_message=_("Anda sudah memesan waktu paling banyak. Batalkan dulu satu."),
            ),
            models.CheckConstraint(
                name="queueing_booking_person_slot_range",
                condition=Q(person="") | Q(person_slot__range=(1, 9)),
                violation_error_message=_("Satu orang paling banyak sembilan pesanan."),
            ),
            models.CheckConstraint(
                name="queueing_booking_state",
                condition=_state_follows_facts(),
                violation_error_message=_("Keadaan pesanan tidak cocok dengan faktanya."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "slot"], name="queueing_booking_due"),
            models.Index(
                fields=["person", "-ended_at"],
                name="queueing_booking_missed",
                condition=Q(state=BookingState.EXPIRED) & ~Q(person=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} · {self.service}"

    @property
    def token(self) -> str:
        """Return the secret of the holder's link, derived, never stored."""
        return tokens.derived("booking", self.nonce)


class ClosedTime(models.Model):
    """A booked time that was closed afterwards; at `due_at` its booking is moved or cancelled."""

    booking = models.OneToOneField(Booking, models.CASCADE, related_name="closed", verbose_name=_("pesanan"))
    starts_at = models.DateTimeField(_("waktu yang tutup"))
    reason = models.CharField(_("sebab"), max_length=120, blank=True)
    due_at = models.DateTimeField(_("dikabari mulai"))
    settled_at = models.DateTimeField(_("dikabari"), null=True, blank=True)

    class Meta:
        verbose_name = _("pesanan pada waktu tutup")
        verbose_name_plural = _("pesanan pada waktu tutup")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(
                fields=["due_at"], name="queueing_closedtime_due", condition=Q(settled_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.starts_at:%d-%m-%Y %H.%M}"


class EarlierWish(models.Model):
    """A holder who would rather come earlier; a place that comes back is offered in order of asking."""

    booking = models.OneToOneField(Booking, models.CASCADE, related_name="wish", verbose_name=_("pesanan"))
    since = models.DateTimeField(_("sejak"))
    offered = models.ForeignKey(
        Slot, models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=_("ditawari")
    )
    offered_share = models.ForeignKey(
        Share, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bagian")
    )
    offered_until = models.DateTimeField(_("tawaran sampai"), null=True, blank=True)

    class Meta:
        verbose_name = _("keinginan lebih awal")
        verbose_name_plural = _("keinginan lebih awal")
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                name="queueing_wish_offer",
                condition=Q(offered__isnull=True, offered_until__isnull=True)
                | Q(offered__isnull=False, offered_until__isnull=False),
                violation_error_message=_("Tawaran memerlukan waktu dan batasnya."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking}"
