"""Booked times: which are free, book one, look at it, move it, give it back, come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from mpp.core import clock, phones
from mpp.core.api_schema import IDEMPOTENCY_KEY, refusals
from mpp.core.endpoints import Endpoint, PublicEndpoint, StrictSerializer, Text
from mpp.core.errors import Forbidden, NotFound, Refusal
from queueing.actions import booking as acts
from queueing.actions import checkin
from queueing.api import serializers as shapes
from queueing.api.keys import request_key
from queueing.api.numbers import number_of
from queueing.booking_words import Words, words_of
from queueing.bookings import BookingBook, access_booking, queue_of, require_own_agency
from queueing.enums import BookingState, Channel, Priority
from queueing.models import Booking, EarlierWish
from services import shelf
from services.models import Service
from tenants.enums import Role
from tenants.models import User

BOOKINGS: list[Any] = [_("Pesanan waktu")]
TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description=_("Rahasia pemegang pesanan."))


class SlotSerializer(serializers.Serializer[Any]):
    """A time that can be booked, full ones too."""

    starts_at = serializers.DateTimeField()
    minutes = serializers.IntegerField(min_value=1)
    free = serializers.IntegerField(min_value=0, help_text=_("Tempat yang dapat dipesan sekarang."))


class BookingDaySerializer(serializers.Serializer[Any]):
    """A date with its times."""

    date = serializers.DateField()
    free = serializers.IntegerField(min_value=0, help_text=_("Tempat pada tanggal itu, menurut kuotanya."))
    times = SlotSerializer(many=True)


class SlotsSerializer(serializers.Serializer[Any]):
    """The times of one service."""

    service = serializers.CharField(help_text=_("Slug layanan."))
    takes_bookings = serializers.BooleanField(help_text=_("Layanan ini menerima pesanan waktu."))
    days = BookingDaySerializer(many=True)


class WhichDaySerializer(serializers.Serializer[Any]):
    """Which date to look at."""

    date = serializers.DateField(required=False, default=None)


class BookingRequestSerializer(StrictSerializer):
    """A wish for a time."""

    service = Text(max_length=120, help_text=_("Slug layanan."))
    starts_at = serializers.DateTimeField(help_text=_("Mulai waktu itu, seperti pada daftar waktu."))
    channel = serializers.ChoiceField(
        [(choice.value, choice.label) for choice in (Channel.ONLINE, Channel.KIOSK, Channel.STAFF)],
        required=False,
        help_text=_("ONLINE tanpa kunci API; KIOSK dan STAFF hanya untuk petugas, yang baku STAFF."),
    )
    priority = serializers.ChoiceField(Priority.choices, default=Priority.NONE.value)
    phone = Text(
        max_length=phones.LIMIT, allow_blank=True, default="", help_text=_("Nomor HP untuk pemberitahuan.")
    )
    earlier = serializers.BooleanField(
        default=False, help_text=_("Ikut daftar tunggu untuk waktu lebih awal.")
    )

    def validate_phone(self, value: str) -> str:
        """Return the number as E.164."""
        return phones.normalise(value)


class MoveRequestSerializer(StrictSerializer):
    """To which time to move."""

    starts_at = serializers.DateTimeField()


class EarlierRequestSerializer(StrictSerializer):
    """Ask for an earlier time, take the one that is offered, or stop waiting."""

    answer = serializers.ChoiceField([("ask", _("minta")), ("accept", _("terima")), ("stop", _("berhenti"))])


class CheckInRequestSerializer(StrictSerializer):
    """The proof to be here."""

    presence_code = Text(
        max_length=20,
        allow_blank=True,
        default="",
        help_text=_("Enam angka yang tampil di mal. Petugas tidak memerlukannya."),
    )


class EarlierSerializer(serializers.Serializer[Any]):
    """A place on the waiting list, and what is offered to it."""

    since = serializers.DateTimeField()
    offered_at = serializers.DateTimeField(
        source="offered.starts_at", default=None, allow_null=True, help_text=_("Waktu yang ditawarkan.")
    )
    offered_until = serializers.DateTimeField(allow_null=True, help_text=_("Terima sebelum saat ini."))


class BookingSerializer(serializers.Serializer[Any]):
    """A booking for its holder."""

    token = serializers.CharField(source="booking.token", help_text=_("Rahasia pemegang: /pesanan/<token>/."))
    code = serializers.CharField(
        source="booking.code", help_text=_("Diketik di anjungan atau disebut kepada petugas.")
    )
    state = serializers.ChoiceField(BookingState.choices, source="booking.state")
    service = serializers.CharField(source="booking.service.slug", help_text=_("Slug layanan."))
    queue = serializers.CharField(source="booking.slot.queue.code", help_text=_("Kode antrean."))
    starts_at = serializers.DateTimeField(source="booking.slot.starts_at")
    minutes = serializers.IntegerField(source="booking.slot.minutes", min_value=1)
    come_from = serializers.DateTimeField(
        source="words.opens_at", help_text=_("Hadir dapat dicatat sejak saat ini.")
    )
    come_until = serializers.DateTimeField(
        source="words.late_at", help_text=_("Sesudah ini pesanan menjadi nomor biasa menurut waktu datang.")
    )
    moves_left = serializers.IntegerField(min_value=0)
    earlier = EarlierSerializer(allow_null=True)
    ticket = serializers.CharField(
        allow_null=True, help_text=_("Rahasia nomornya, sesudah hadir: /api/v1/tickets/<token>/.")
    )


@dataclass(frozen=True)
class Reserved:
    """A booking at one moment."""

    booking: Booking
    words: Words
    moves_left: int
    earlier: EarlierWish | None
    ticket: str | None


def reserved(token: str) -> Any:
    """Return what the API says of the booking with this secret, as it stands now."""
    booking = access_booking(token)
    wish = EarlierWish.objects.select_related("offered").filter(booking=booking).first()
    shown = Reserved(
        booking,
        words_of(booking, clock.now()),
        max(0, acts.MOST_MOVES - booking.moves),
        wish,
        booking.ticket.token if booking.ticket else None,
    )
    return BookingSerializer(shown).data


class ServiceSlots(PublicEndpoint):
    @extend_schema(
        operation_id="list_slots",
        tags=BOOKINGS,
        summary=_("Waktu yang dapat dipesan"),
        parameters=[
            OpenApiParameter("date", date, OpenApiParameter.QUERY, description=_("Hanya tanggal ini."))
        ],
        responses={200: SlotsSerializer, **refusals(400, 404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer the times of a service, by date."""
        service = _public_service(slug)
        wanted = WhichDaySerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        queue = queue_of(service)
        days = BookingBook(service, queue, clock.now()).days() if queue else []
        only = wanted.validated_data["date"]
        shown = [
            {
                "date": day.date,
                "free": day.free,
                "times": [
                    {"starts_at": clock.aware(time.starts), "minutes": time.minutes, "free": time.free}
                    for time in day.times
                ],
            }
            for day in days
            if only in (None, day.date)
        ]
        body = {"service": service.slug, "takes_bookings": queue is not None, "days": shown}
        return Response(SlotsSerializer(body).data)


def _public_service(slug: str) -> Service:
    service = shelf.public_service(slug)
    if service is None:
        raise NotFound(_("Layanan ini tidak ada. Lihat daftar layanan."))
    return service


class BookingMake(Endpoint):
    permission_classes = [AllowAny]
    throttle_scope = "issue"

    @extend_schema(
        operation_id="make_booking",
        tags=BOOKINGS,
        summary=_("Pesan waktu"),
        description=_(
            "Permintaan ulang dengan Idempotency-Key yang sama menjawab 201 dengan pesanan yang sama; "
            "isi lain dengan kunci yang sama ditolak 422."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=BookingRequestSerializer,
        responses={201: BookingSerializer, **refusals(400, 401, 403, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Book a time."""
        body = BookingRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wish: dict[str, Any] = body.validated_data
        user = request.user if isinstance(request.user, User) else None
        service = _public_service(wish["service"])
        same = {
            "channel": _channel(user, wish.get("channel")),
            "priority": wish["priority"],
            "phone": wish["phone"],
        }
        booking = acts.book(
            service=service,
            starts_at=wish["starts_at"],
            by=user,
            wishes_earlier=wish["earlier"],
            request_key=request_key(request, "book"),
            **same,
        )
        if any(getattr(booking, name) != value for name, value in same.items()):
            raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai dengan isi lain."), status=422)
        place = reverse("api:booking", args=[booking.token])
        return Response(reserved(booking.token), status=201, headers={"Location": place})


def _channel(user: User | None, wished: str | None) -> Channel:
    """Return the channel; raise `Forbidden` when this asker may not use it."""
    if user is None:
        if wished not in (None, Channel.ONLINE):
            raise Forbidden(_("Saluran ini hanya untuk petugas. Masuk dulu, atau pakai ONLINE."))
        return Channel.ONLINE
    # An auditor reads everything and changes nothing.
    if user.role == Role.AUDITOR:
        raise Forbidden
    return Channel(wished or Channel.STAFF)


class BookingDetail(PublicEndpoint):
    @extend_schema(
        operation_id="read_booking",
        tags=BOOKINGS,
        summary=_("Keadaan pesanan"),
        parameters=[TOKEN],
        responses={200: BookingSerializer, **refusals(404)},
    )
    def get(self, request: Request, token: str) -> Response:
        """Answer how a booking stands."""
        return Response(reserved(token))


class BookingCancel(PublicEndpoint):
    throttle_scope = "issue"

    @extend_schema(
        operation_id="cancel_booking",
        tags=BOOKINGS,
        summary=_("Batalkan pesanan"),
        parameters=[TOKEN],
        request=None,
        responses={200: BookingSerializer, **refusals(400, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Give a booked time back."""
        shapes.NothingSerializer(data=request.data).is_valid(raise_exception=True)
        acts.cancel(booking=access_booking(token))
        return Response(reserved(token))


class BookingMove(PublicEndpoint):
    throttle_scope = "issue"

    @extend_schema(
        operation_id="move_booking",
        tags=BOOKINGS,
        summary=_("Pindah waktu"),
        parameters=[TOKEN],
        request=MoveRequestSerializer,
        responses={200: BookingSerializer, **refusals(400, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Move a booking; the old time is given up only when the new one is taken."""
        body = MoveRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        acts.move(booking=access_booking(token), starts_at=body.validated_data["starts_at"])
        return Response(reserved(token))


ANSWERS: dict[str, Callable[..., Booking]] = {
    "ask": acts.wish_earlier,
    "accept": acts.accept_offer,
    "stop": acts.withdraw_wish,
}


class BookingEarlier(PublicEndpoint):
    throttle_scope = "issue"

    @extend_schema(
        operation_id="answer_earlier",
        tags=BOOKINGS,
        summary=_("Waktu lebih awal"),
        parameters=[TOKEN],
        request=EarlierRequestSerializer,
        responses={200: BookingSerializer, **refusals(400, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Ask for an earlier time, take an offered one, or stop waiting."""
        body = EarlierRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        ANSWERS[body.validated_data["answer"]](booking=access_booking(token))
        return Response(reserved(token))


class BookingCheckIn(Endpoint):
    permission_classes = [AllowAny]
    throttle_scope = "issue"

    @extend_schema(
        operation_id="check_in",
        tags=BOOKINGS,
        summary=_("Hadir"),
        description=_(
            "Membuat tepat satu nomor. Tanpa kunci API perlu kode yang tampil di mal; petugas tidak. "
            "Permintaan ulang menjawab nomor yang sama."
        ),
        parameters=[TOKEN],
        request=CheckInRequestSerializer,
        responses={200: shapes.TicketSerializer, **refusals(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Make the number of somebody who has come."""
        body = CheckInRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        booking = access_booking(token)
        user = request.user if isinstance(request.user, User) else None
        channel = _channel(user, None)
        if user is not None:
            require_own_agency(booking, user)
        ticket = checkin.check_in(
            booking=booking, channel=channel, by=user, presence_code=body.validated_data["presence_code"]
        )
        return Response(shapes.TicketSerializer(number_of(ticket)).data)
