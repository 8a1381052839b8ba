"""How lists, numbers and counter sessions read in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from mpp.core import phones
from mpp.core.endpoints import StrictSerializer, Text
from queueing.enums import Channel, Outcome, Priority, TicketState
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
    """Numbers that can still be taken now; what is shown can really be taken."""

    total = serializers.IntegerField(
        min_value=0, allow_null=True, help_text=_("Semua yang belum diambil. Null: tanpa batas.")
    )
    online = serializers.IntegerField(
        min_value=0, allow_null=True, help_text=_("Yang sekarang dapat diambil daring.")
    )
    on_site = serializers.IntegerField(
        min_value=0, allow_null=True, help_text=_("Yang sekarang dapat diambil di anjungan.")
    )


class StandingSerializer(serializers.Serializer[Any]):
    """Open or not, why and until when; how many wait, how long, and what is left."""

    open = serializers.BooleanField(source="standing.open", help_text=_("Sedang melayani sekarang."))
    takes_numbers = serializers.BooleanField(
        source="standing.takes_numbers", help_text=_("Nomor dapat diambil sekarang, juga saat istirahat.")
    )
    state = serializers.ChoiceField(Openness.choices, source="standing.state")
    reason = serializers.CharField(
        source="standing.reason",
        allow_blank=True,
        help_text=_("Sebabnya dalam satu kalimat; kosong bila buka."),
    )
    reason_code = serializers.CharField(
        source="standing.code", help_text=_("Sebabnya dalam satu kata tetap.")
    )
    until = serializers.DateTimeField(
        source="standing.until",
        allow_null=True,
        help_text=_("Saat keadaan ini berakhir; null bila tidak diketahui."),
    )
    special = serializers.CharField(
        source="standing.special", allow_blank=True, help_text=_("Nama hari buka khusus, bila ada.")
    )
    waiting = serializers.IntegerField(
        source="standing.waiting", min_value=0, help_text=_("Orang yang menunggu.")
    )
    estimate = EstimateSerializer(source="standing.estimate", allow_null=True, help_text=UNKNOWN_ESTIMATE)
    remaining = RemainingSerializer(source="standing.remaining")

    def get_fields(self) -> Any:
        """Put what a thing is before how it stands."""
        fields = super().get_fields()
        standing = {name: fields.pop(name) for name in StandingSerializer._declared_fields}
        return {**fields, **standing}


class AgencySerializer(StandingSerializer):
    """An agency."""

    code = serializers.CharField(source="agency.code")
    slug = serializers.CharField(source="agency.slug")
    name = serializers.CharField(source="agency.name")
    short_name = serializers.CharField(source="agency.short_name")
    kind = serializers.ChoiceField(AgencyKind.choices, source="agency.kind")
    status = serializers.ChoiceField(AgencyStatus.choices, source="agency.status")
    zone = ZoneRefSerializer(source="agency.zone", allow_null=True)
    summary = serializers.CharField(source="agency.summary", allow_blank=True)
    is_sample = serializers.BooleanField(source="agency.is_sample", help_text=_("Data contoh."))


class ServiceSerializer(StandingSerializer):
    """A service."""

    code = serializers.CharField(source="service.code")
    slug = serializers.CharField(source="service.slug")
    name = serializers.CharField(source="service.name")
    summary = serializers.CharField(source="service.summary", allow_blank=True)
    agency = AgencyRefSerializer(source="service.agency")
    kind = serializers.ChoiceField(ServiceKind.choices, source="service.kind")
    audience = serializers.ChoiceField(Audience.choices, source="service.audience")
    depth = serializers.ChoiceField(Depth.choices, source="service.depth")
    limits = serializers.CharField(
        source="service.limits", allow_blank=True, help_text=_("Yang belum dapat dilakukan di mal ini.")
    )
    life_events = serializers.ListField(
        child=serializers.ChoiceField(LifeEvent.choices), source="service.life_events"
    )
    online_url = serializers.CharField(source="service.online_url", allow_blank=True)
    other_ways = serializers.CharField(source="service.other_ways", allow_blank=True)
    is_sample = serializers.BooleanField(source="service.is_sample", help_text=_("Data contoh."))
    queue = serializers.CharField(allow_null=True, help_text=_("Kode antrean; null: tanpa nomor antrean."))


class ServiceDetailSerializer(ServiceSerializer):
    """A service with the public part of its standard in force."""

    standard = StandardSerializer()


class QueueSerializer(StandingSerializer):
    """A line."""

    code = serializers.CharField(source="queue.code")
    prefix = serializers.CharField(source="queue.prefix")
    name = serializers.CharField(source="queue.name")
    agency = AgencyRefSerializer(source="queue.agency")
    services = serializers.ListField(child=serializers.CharField(), help_text=_("Slug layanan."))
    counters = serializers.IntegerField(min_value=0, help_text=_("Loket yang sedang melayani."))


class CounterSerializer(StandingSerializer):
    """A counter."""

    code = serializers.CharField(source="counter.code")
    number = serializers.CharField(source="counter.number")
    zone = ZoneRefSerializer(source="counter.zone")
    agency = AgencyRefSerializer(allow_null=True, help_text=_("Pemakai loket hari ini."))
    now_serving = serializers.CharField(allow_null=True, help_text=_("Nomor yang sedang di loket."))


class TicketRequestSerializer(StrictSerializer):
    """A wish for a number."""

    service = Text(max_length=120, help_text=_("Slug layanan."))
    channel = serializers.ChoiceField(
        Channel.choices,
        required=False,
        help_text=_("ONLINE tanpa kunci API; KIOSK dan STAFF hanya untuk petugas, yang baku STAFF."),
    )
    priority = serializers.ChoiceField(Priority.choices, default=Priority.NONE.value)
    phone = Text(
        max_length=phones.LIMIT, allow_blank=True, default="", help_text=_("Nomor HP untuk pemberitahuan.")
    )

    def validate_phone(self, value: str) -> str:
        """Return the number as E.164."""
        return phones.normalise(value)


class WaitSerializer(serializers.Serializer[Any]):
    """The range until the call; both null while no counter serves that line."""

    low_minutes = serializers.IntegerField(min_value=0, allow_null=True)
    high_minutes = serializers.IntegerField(min_value=0, allow_null=True)


class NumberSerializer(serializers.Serializer[Any]):
    """A number as everybody may see it."""

    number = serializers.CharField(help_text=_("Seperti pada karcis: A-047."))
    state = serializers.ChoiceField(TicketState.choices)
    service = serializers.CharField(help_text=_("Slug layanan."))
    queue = serializers.CharField(help_text=_("Kode antrean tempat nomor berdiri."))
    ahead = serializers.IntegerField(min_value=0, help_text=_("Orang di depan."))
    estimate = WaitSerializer(help_text=UNKNOWN_ESTIMATE)


class IssuedTicketSerializer(NumberSerializer):
    """A fresh number with its secret."""

    token = serializers.CharField(help_text=_("Rahasia pemegang: /t/<token>/ dan /api/v1/tickets/<token>/."))


class CalledNumberSerializer(NumberSerializer):
    """A number and where it is called."""

    counter = serializers.CharField(allow_null=True, help_text=_("Nomor loket yang memanggil."))
    calls = serializers.IntegerField(min_value=0, help_text=_("Berapa kali dipanggil."))
    time = serializers.DateTimeField(help_text=_("Saat keadaan ini dibaca."))


class TicketSerializer(CalledNumberSerializer):
    """A number for its holder."""

    token = serializers.CharField()


class OfficerTicketSerializer(CalledNumberSerializer):
    """A number for the officer who calls it: without the holder's secret."""

    priority = serializers.ChoiceField(Priority.choices, help_text=_("Kosong: reguler."))


class SessionRequestSerializer(StrictSerializer):
    """Which counter to open."""

    counter = Text(max_length=12, help_text=_("Kode loket."))


class SessionSerializer(serializers.Serializer[Any]):
    """An open counter."""

    id = serializers.IntegerField()
    counter = serializers.CharField(source="counter.code")
    agency = serializers.CharField(source="agency.code")
    opened_at = serializers.DateTimeField()
    live = serializers.CharField(help_text=_("Alamat aliran perubahan, berlaku 12 jam."))


class SessionDetailSerializer(SessionSerializer):
    """A counter with the number at it."""

    closed_at = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True, help_text=_("Jeda sejak; null: tidak jeda."))
    pause_reason = serializers.CharField(allow_blank=True)
    ticket = OfficerTicketSerializer(allow_null=True, help_text=_("Nomor yang sedang di loket."))
    held = serializers.ListField(
        child=serializers.CharField(), help_text=_("Nomor yang ditahan di loket ini.")
    )


class NextNumberSerializer(serializers.Serializer[Any]):
    """A waiting number in the order of the calls to one counter."""

    number = serializers.CharField()
    service = serializers.CharField(help_text=_("Slug layanan."))
    queue = serializers.CharField(help_text=_("Kode antrean tempat nomor berdiri."))
    priority = serializers.ChoiceField(Priority.choices, help_text=_("Kosong: reguler."))
    waited_minutes = serializers.IntegerField(min_value=0)


class CallRequestSerializer(StrictSerializer):
    """Which number to call out of its turn, and why."""

    number = Text(max_length=20, help_text=_("Seperti pada karcis: A-047."))
    reason = Text(max_length=200, help_text=_("Tampil di laporan keadilan."))


class FinishRequestSerializer(StrictSerializer):
    """How serving ended; without a body it ended well."""

    outcome = serializers.ChoiceField(Outcome.choices, default=Outcome.DONE.value)
    note = Text(
        max_length=300,
        allow_blank=True,
        default="",
        help_text=_("Berkas yang kurang (INCOMPLETE) atau sebabnya (NOT_SERVABLE); di sana wajib."),
    )
    performed = serializers.ListField(
        child=Text(max_length=120),
        max_length=20,
        required=False,
        help_text=_("Slug layanan yang diberikan, bila lain dari yang diminta."),
    )


class PauseRequestSerializer(StrictSerializer):
    """Why a counter rests."""

    reason = Text(max_length=120)


class HoldRequestSerializer(StrictSerializer):
    """Why a number is put aside."""

    reason = Text(max_length=200, allow_blank=True, default="")


class ResumeRequestSerializer(StrictSerializer):
    """Which held number goes on; needed when several are held."""

    number = Text(max_length=20, required=False, help_text=_("Bila lebih dari satu ditahan."))


class TransferRequestSerializer(StrictSerializer):
    """Where a number goes, and why: to another line, to a named counter, or to a counter of another line."""

    queue = Text(max_length=20, required=False, help_text=_("Kode antrean tujuan."))
    counter = Text(max_length=12, required=False, help_text=_("Kode loket yang memanggilnya nanti."))
    reason = Text(max_length=200, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a transfer to nowhere."""
        if not attrs.get("queue") and not attrs.get("counter"):
            raise serializers.ValidationError(_("Sebutkan “queue”, “counter”, atau keduanya."))
        return attrs


class NothingSerializer(StrictSerializer):
    """A body without keys."""
