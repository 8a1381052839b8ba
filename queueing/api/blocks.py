"""Blocks of numbers for a kiosk that may lose the network: lease one, tell what was handed out, return it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from mpp.core.api_schema import refusals
from mpp.core.endpoints import Endpoint, StrictSerializer, Text
from mpp.core.errors import NotFound
from queueing import actions
from queueing.actions.blocks import MOST_LEASED, Printed, access_block, secret_of, token_of
from queueing.api.catalogue import public_services
from queueing.enums import Priority
from queueing.models import NumberBlock, Queue
from services.models import Service
from tenants.enums import Role
from tenants.models import User

BLOCKS: list[Any] = [_("Blok nomor")]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description=_("Kunci blok."))
MAY_LEASE = frozenset({Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.ADMIN})
SECRET = _("Rahasia blok, dari peminjamannya.")


class MayLease(BasePermission):
    """Who runs the kiosks of the mall."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether this person may lease numbers; what is no POST is refused as such."""
        return request.method != "POST" or _may_lease(request.user)


def _may_lease(user: object) -> bool:
    return isinstance(user, User) and user.role in MAY_LEASE


class LeaseRequestSerializer(StrictSerializer):
    """A wish for a block."""

    queue = Text(max_length=20, help_text=_("Kode antrean."))
    holder = Text(max_length=80, help_text=_("Pemegang, misalnya “Anjungan pintu timur”."))
    size = serializers.IntegerField(min_value=1, max_value=MOST_LEASED)


class PrintedSerializer(StrictSerializer):
    """One number that was handed out."""

    number = serializers.IntegerField(min_value=1, max_value=MOST_LEASED)
    service = Text(max_length=120, help_text=_("Slug layanan."))
    printed_at = serializers.DateTimeField(help_text=_("Jam cetak menurut anjungan, dengan zona waktu."))
    priority = serializers.ChoiceField(Priority.choices, default=Priority.NONE.value)


class SyncRequestSerializer(StrictSerializer):
    """What was handed out; told twice is told once."""

    secret = Text(max_length=64, help_text=SECRET)
    entries = serializers.ListField(child=PrintedSerializer(), max_length=MOST_LEASED)


class ReturnRequestSerializer(StrictSerializer):
    """The block comes back."""

    secret = Text(max_length=64, help_text=SECRET)


class BlockNumberSerializer(serializers.Serializer[Any]):
    """One number of a block, ready to be printed."""

    number = serializers.IntegerField()
    shown = serializers.CharField(help_text=_("Seperti pada karcis: AK1-007."))
    token = serializers.CharField(help_text=_("Rahasia pemegang: /t/<token>/, berlaku sesudah dikirim."))


class BlockSerializer(serializers.Serializer[Any]):
    """How a block stands."""

    id = serializers.IntegerField()
    prefix = serializers.CharField()
    size = serializers.IntegerField()
    last_number = serializers.IntegerField(help_text=_("Nomor terakhir yang sudah dikirim."))
    returned = serializers.BooleanField()


class LeasedBlockSerializer(BlockSerializer):
    """A fresh block with its secret and its numbers."""

    secret = serializers.CharField()
    numbers = BlockNumberSerializer(many=True)


class BlockLease(Endpoint):
    permission_classes = [MayLease]
    throttle_scope = "officer"

    @extend_schema(
        operation_id="lease_block",
        tags=BLOCKS,
        summary=_("Pinjam blok nomor"),
        description=_("Tempatnya disisihkan dari kuota hari ini sampai dibagikan atau dikembalikan."),
        request=LeaseRequestSerializer,
        responses={201: LeasedBlockSerializer, **refusals(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        """Lease the next block of a line."""
        wish = _body(LeaseRequestSerializer, request)
        queue = Queue.objects.active().filter(code=wish["queue"]).first()
        if queue is None:
            raise NotFound(_("Antrean ini tidak ada. Lihat daftar antrean."))
        block = actions.lease(queue=queue, holder=wish["holder"], size=wish["size"], by=_user(request))
        return Response(LeasedBlockSerializer(_leased(block)).data, status=201)


class BlockSync(Endpoint):
    permission_classes = [MayLease]
    throttle_scope = "officer"

    @extend_schema(
        operation_id="sync_block",
        tags=BLOCKS,
        summary=_("Kirim nomor yang dibagikan"),
        description=_("Berlanjut tanpa lompatan. Kiriman ulang yang sama tidak mengubah apa pun."),
        parameters=[ID],
        request=SyncRequestSerializer,
        responses={200: BlockSerializer, **refusals(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Write what the kiosk handed out."""
        told = _body(SyncRequestSerializer, request)
        block = access_block(id, told["secret"])
        actions.sync(block=block, entries=_printed(told["entries"]), by=_user(request))
        return _state_of(block)


class BlockReturn(Endpoint):
    permission_classes = [MayLease]
    throttle_scope = "officer"

    @extend_schema(
        operation_id="return_block",
        tags=BLOCKS,
        summary=_("Kembalikan blok nomor"),
        description=_("Tempat yang belum dibagikan kembali ke antreannya. Dua kali sama dengan sekali."),
        parameters=[ID],
        request=ReturnRequestSerializer,
        responses={200: BlockSerializer, **refusals(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, id: int) -> Response:
        """Give the unused places back."""
        block = access_block(id, _body(ReturnRequestSerializer, request)["secret"])
        actions.return_block(block=block, by=_user(request))
        return _state_of(block)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  MayLease has looked
    return request.user


def _body(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    valid: dict[str, Any] = body.validated_data
    return valid


def _printed(entries: list[dict[str, Any]]) -> list[Printed]:
    slugs = {entry["service"] for entry in entries}
    services: dict[str, Service] = {row.slug: row for row in public_services().filter(slug__in=slugs)}
    if unknown := sorted(slugs - set(services)):
        message = _("Layanan ini tidak ada: %(slug)s.") % {"slug": unknown[0][:40]}
        raise NotFound(message)
    return [
        Printed(entry["number"], services[entry["service"]], entry["printed_at"], entry["priority"])
        for entry in entries
    ]


def _state(block: NumberBlock) -> dict[str, Any]:
    return {
        "id": block.pk,
        "prefix": block.day.prefix,
        "size": block.size,
        "last_number": block.day.last_number,
        "returned": block.returned_at is not None,
    }


def _state_of(block: NumberBlock) -> Response:
    fresh = NumberBlock.objects.select_related("day").get(pk=block.pk)
    return Response(BlockSerializer(_state(fresh)).data)


def _leased(block: NumberBlock) -> dict[str, Any]:
    numbers = [
        {"number": number, "shown": f"{block.day.prefix}-{number:03d}", "token": token_of(block, number)}
        for number in range(1, block.size + 1)
    ]
    return _state(block) | {"secret": secret_of(block), "numbers": numbers}
