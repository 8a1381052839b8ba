"""How lists, numbers and counter sessions read in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mpp.core import phones
from mpp.core.api import StrictSerializer
from queueing.enums import Channel, Priority, TicketState
from services.api.serializers import StandardSerializer
from services.enums import Audience, Depth, LifeEvent, Openness, ServiceKind
from tenants.api.serializers import AgencyRefSerializer, ZoneRefSerializer
from tenants.enums import AgencyKind, AgencyStatus

UNKNOWN_ESTIMATE = _("Null selama tidak ada loket yang melayani antrean itu.")


class EstimateSerializer(serializers.Serializer[Any]):
    """A range of minutes until the call."""

    low_minutes = serializers.IntegerField(min_value=0)
    high_minutes = serializers.IntegerField(min_value=0)


class RemainingSerializer(serializers.Serializer[Any]):
    """Numbers that can still be taken today."""

    total = serializers.IntegerField(allow_null=True, help_text=_("Null: tanpa batas."))


class StandingSerializer(serializers.Serializer[Any]):
    """Open or not, why and until when; how many wait, how long, and what is left."""

    open = serializers.BooleanField(source="standing.open", help_text=_("Sedang melayani sekarang."))
    takes_numbers = serializers.BooleanField(
        source="standing.takes_numbers", help_text=_("Nomor dapat diambil sekarang, juga saat istirahat.")
    )
    state = serializers.ChoiceField(Openness.choices, source="standing.state")
    code = serializers.CharField(source="standing.code", help_text=_("Sebabnya dalam satu kata untuk program."))
    reason = serializers.CharField(
        source="standing.reason", allow_blank=True, help_text=_("Sebabnya dalam satu kalimat; kosong bila buka.")
    )
    until = serializers.DateTimeField(
        source="standing.until", allow_null=True, help_text=_("Saat keadaan ini berakhir; null bila tidak diketahui.")
    )
    special = serializers.CharField(
        source="standing.special", allow_blank=True, help_text=_("Nama hari buka khusus, bila ada.")
    )
    waiting = serializers.IntegerField(source="standing.waiting", min_value=0, help_text=_("Orang yang menunggu."))
    estimate = EstimateSerializer(source="standing.estimate", allow_null=True, help_text=UNKNOWN_ESTIMATE)
    remaining = RemainingSerializer(source="standing.remaining")


class AgencySerializer(StandingSerializer):
    """An agency."""

    code = serializers.CharField(source="agency.code")
    reason_code = serializers.CharField(source="standing.code")
    slug = serializers.CharField(source="agency.slug")
    name = serializers.CharField(source="agency.name")
    short_name = serializers.CharField(source="agency.short_name")
    kind = serializers.ChoiceField(AgencyKind.choices, source="agency.kind")
    status = serializers.ChoiceField(AgencyStatus.choices, source="agency.status")
    zone = ZoneRefSerializer(source="agency.zone", allow_null=True)
    summary = serializers.CharField(source="agency.summary", allow_blank=True)
    is_sample = serializers.BooleanField(source="agency.is_sample", help_text=_("Data contoh."))
