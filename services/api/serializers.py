"""How a service and the six public components of its standard read in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from services.enums import FeeKind, SubmissionState


class RequirementSerializer(serializers.Serializer[Any]):
    """One thing to bring."""

    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class TimeSerializer(serializers.Serializer[Any]):
    """How long it takes: in words, the promised minutes at the counter, and the working days until the
    result."""

    text = serializers.CharField(source="time_text")
    minutes = serializers.IntegerField(source="time_minutes", allow_null=True)
    days = serializers.IntegerField(
        source="time_days", allow_null=True, help_text=_("Hari kerja sampai hasilnya siap.")
    )


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


class FileSerializer(serializers.Serializer[Any]):
    """A file in process as its holder may see it: nothing of a person."""

    code = serializers.CharField(source="file.code")
    state = serializers.ChoiceField(SubmissionState.choices, source="file.state")
    since = serializers.DateTimeField(source="file.since")
    received_at = serializers.DateTimeField(source="file.received_at")
    promised_on = serializers.DateField(
        source="file.promised_on", allow_null=True, help_text=_("Kosong: standarnya tanpa janji hari.")
    )
    is_late = serializers.BooleanField(source="story.is_late")
    note = serializers.CharField(
        source="file.note", allow_blank=True, help_text=_("Yang kurang, atau alasannya ditolak.")
    )
    next = serializers.CharField(source="story.next", help_text=_("Apa yang dilakukan warga sekarang."))
    service = serializers.CharField(source="file.service.slug")
    service_name = serializers.CharField(source="file.service.name")
    agency = serializers.CharField(source="file.service.agency.code")
