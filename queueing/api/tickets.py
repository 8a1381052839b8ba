"""Numbers: take one, look at it, give it back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from mpp.core.api_schema import IDEMPOTENCY_KEY, refusals
from mpp.core.endpoints import Endpoint, PublicEndpoint
from mpp.core.errors import Forbidden, NotFound, Refusal
from queueing import actions
from queueing.access import access_ticket
from queueing.api import serializers as shapes
from queueing.api.keys import request_key
from queueing.api.numbers import number_of
from queueing.enums import Channel
from queueing.models import PriorityClass, Ticket
from services import shelf
from tenants.enums import Role
from tenants.models import User

TICKETS: list[Any] = [_("Nomor antrean")]


class TicketIssue(Endpoint):
    permission_classes = [AllowAny]
    throttle_scope = "issue"

    @extend_schema(
        operation_id="issue_ticket",
        tags=TICKETS,
        summary=_("Ambil nomor"),
        description=_(
            "Tanpa kunci API: saluran ONLINE. Permintaan ulang dengan Idempotency-Key yang sama menjawab 201 "
            "dengan nomor yang sama dan keadaannya sekarang; isi lain dengan kunci yang sama ditolak 422."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.TicketRequestSerializer,
        responses={201: shapes.IssuedTicketSerializer, **refusals(400, 401, 403, 404, 409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Give out the next number."""
        body = shapes.TicketRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wish: dict[str, Any] = body.validated_data
        user = request.user if isinstance(request.user, User) else None
        service = shelf.public_service(wish.pop("service"))
        if service is None:
            raise NotFound(_("Layanan ini tidak ada. Lihat daftar layanan."))
        wish["channel"] = _channel(user, wish.get("channel"))
        _require_offered(wish["priority"], user)
        ticket = actions.issue_ticket(
            service=service, by=user, request_key=request_key(request, "issue"), **wish
        )
        _require_same_wish(ticket, wish)
        place = reverse("api:ticket", args=[ticket.token])
        answer = shapes.IssuedTicketSerializer(number_of(ticket)).data
        return Response(answer, status=201, headers={"Location": place})


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


def _require_offered(priority: str, user: User | None) -> None:
    """Refuse a class of priority that is out of use (409), or that only staff may give (403)."""
    if not priority:
        return
    known = PriorityClass.objects.filter(code=priority, is_active=True).first()
    if known is None:
        raise Refusal("priority_not_offered", _("Golongan prioritas ini tidak dipakai di mal ini."))
    if known.staff_only and user is None:
        raise Forbidden(_("Golongan ini hanya diberikan petugas. Datang ke loket atau anjungan."))


def _require_same_wish(ticket: Ticket, wish: dict[str, Any]) -> None:
    """Refuse (422) a key that came back with another wish; a fresh number always fits."""
    if any(getattr(ticket, name) != value for name, value in wish.items()):
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai dengan isi lain."), status=422)


TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description=_("Rahasia pemegang nomor."))


class TicketDetail(PublicEndpoint):
    @extend_schema(
        operation_id="read_ticket",
        tags=TICKETS,
        summary=_("Keadaan nomor"),
        parameters=[TOKEN],
        responses={200: shapes.TicketSerializer, **refusals(404)},
    )
    def get(self, request: Request, token: str) -> Response:
        """Answer how a number stands."""
        return Response(shapes.TicketSerializer(number_of(access_ticket(token))).data)


class TicketCancel(PublicEndpoint):
    throttle_scope = "issue"

    @extend_schema(
        operation_id="cancel_ticket",
        tags=TICKETS,
        summary=_("Kembalikan nomor"),
        parameters=[TOKEN],
        request=None,
        responses={200: shapes.TicketSerializer, **refusals(400, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Give a number back."""
        shapes.NothingSerializer(data=request.data).is_valid(raise_exception=True)
        ticket = actions.cancel(ticket=access_ticket(token))
        return Response(shapes.TicketSerializer(number_of(ticket)).data)


class TicketReEnter(PublicEndpoint):
    throttle_scope = "issue"

    @extend_schema(
        operation_id="re_enter_ticket",
        tags=TICKETS,
        summary=_("Masuk antrean lagi"),
        description=_("Satu kali, dalam tenggang antrean itu, bagi nomor yang terlewat."),
        parameters=[TOKEN],
        request=None,
        responses={200: shapes.TicketSerializer, **refusals(400, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Let one who missed the call stand in the line again."""
        shapes.NothingSerializer(data=request.data).is_valid(raise_exception=True)
        ticket = actions.re_enter(ticket=access_ticket(token))
        return Response(shapes.TicketSerializer(number_of(ticket)).data)


class TicketStepBack(PublicEndpoint):
    throttle_scope = "issue"

    @extend_schema(
        operation_id="step_back_ticket",
        tags=TICKETS,
        summary=_("Mundur"),
        description=_("Satu kali, bagi nomor yang menunggu: beberapa orang di belakangnya didahulukan."),
        parameters=[TOKEN],
        request=None,
        responses={200: shapes.TicketSerializer, **refusals(400, 404, 409, 413, 415)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Let the next few go before a waiting number."""
        shapes.NothingSerializer(data=request.data).is_valid(raise_exception=True)
        ticket = actions.step_back(ticket=access_ticket(token))
        return Response(shapes.TicketSerializer(number_of(ticket)).data)
