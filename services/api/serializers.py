"""How a service and the six public components of its standard read in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from services.enums import FeeKind


class RequirementSerializer(serializers.Serializer[Any]):
    """One thing to bring."""

    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class TimeSerializer(serializers.Serializer[Any]):
    """How long it takes: in words, and the promised minutes at the counter."""

    text = serializers.CharField(source="time_text")
    minutes = serializers.IntegerField(source="time_minutes", allow_null=True)


class FeeSerializer(serializers.Serializer[Any]):
    """What it costs: whole Rupiah, with the law it follows from."""

    kind = serializers.ChoiceField(FeeKind.choices, source="fee_kind")
    amount = serializers.IntegerField(source="fee_amount", allow_null=True)
    text = serializers.CharField(source="fee_text", allow_blank=True)
    basis = serializers.CharField(source="fee_basis")
    pay_to = serializers.CharField(allow_blank=True, help_text=_("Bayar hanya ke sini."))


class StandardSerializer(serializers.Serializer[Any]):
    """The standard in force: the six components that must be public (PermenPANRB 15/2014)."""

    version = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    decree = serializers.CharField(allow_blank=True)
    requirements = RequirementSerializer(many=True, source="requirement_list")
    procedure = serializers.ListField(
        child=serializers.CharField(), source="step_list", help_text=_("Langkah, berurutan.")
    )
    time = TimeSerializer(source="*")
    fee = FeeSerializer(source="*")
    product = serializers.CharField()
    complaints = serializers.CharField()
