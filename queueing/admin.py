"""Lines and their rules in the admin; the day itself is only looked at."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core import locks
from mpp.core.admin import HistoryAdmin, Inline, PortalAdmin, ReadOnly, TableAdmin
from mpp.core.one_editor import OneEditor
from queueing import screen_admin as screen_admin
from queueing import voice_admin as voice_admin
from queueing.actions.pool import apply_within
from queueing.coverage import unserved_lines
from queueing.models import (
    AlertRule,
    Announcement,
    Booking,
    CounterLine,
    CounterMove,
    CounterSession,
    ExtraQuota,
    HallRules,
    HelpCall,
    NumberBlock,
    OfficerRequest,
    PriorityClass,
    Queue,
    QueueDay,
    QueueService,
    QueueWave,
    Share,
    Slot,
    Ticket,
    TicketEvent,
    Visit,
)
from queueing.resources import QueueResource
from queueing.staff_forms import HallRulesForm, QueueForm
from tenants.models import User

# What opens a citizen's page, or is theirs: neither shown nor searched for.
SECRETS = ("nonce", "token_digest", "request_key", "phone", "person", "code")


class Discreet:
    """Refuses to filter by what opens a citizen's page: it could be guessed letter by letter."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        if any(part in SECRETS for part in lookup.split("__")):
            return False
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]


class QueueServiceInline(Inline):
    model = QueueService
    autocomplete_fields = ["service"]


class WaveInline(Inline):
    model = QueueWave
    fields = ["at", "percent"]
    verbose_name_plural = _("gelombang nomor daring (kosong: semua sekaligus sejak buka)")


class CounterLineInline(Inline):
    model = CounterLine
    fields = ["counter", "weight"]
    autocomplete_fields = ["counter"]
    verbose_name_plural = _("loket khusus antrean ini (kosong: semua loket instansinya)")


@admin.register(Queue)
class QueueAdmin(OneEditor, HistoryAdmin, TableAdmin):
    form = QueueForm
    resource_classes = [QueueResource]
    list_display = [
        "prefix",
        "name",
        "agency",
        "daily_quota",
        "online_percent",
        "takes_bookings",
        "is_active",
    ]
    list_filter = ["is_active", "takes_bookings", "leftover", "agency"]
    list_select_related = ["agency"]
    search_fields = ["prefix", "name", "code", "agency__short_name"]
    autocomplete_fields = ["agency"]
    inlines = [QueueServiceInline, WaveInline, CounterLineInline]
    fieldsets = [
        (None, {"fields": ["code", "agency", "prefix", "name", "is_active"]}),
        (
            _("Kuota dan bagiannya"),
            {
                "description": _(
                    "Satu kuota untuk semua pintu. Bagian yang tidak diberi nama adalah jatah di tempat. "
                    "Perubahan berlaku hari ini juga; kuota tidak bisa di bawah nomor yang sudah keluar."
                ),
                "fields": [
                    "daily_quota",
                    ("online_percent", "kiosk_percent"),
                    ("staff_percent", "booked_percent"),
                    "priority_percent",
                    "shares_release_at",
                ],
            },
        ),
        (
            _("Urutan panggilan"),
            {
                "description": _(
                    "Yang datang dulu dipanggil dulu. Yang didahulukan dan pesanan tepat waktu menyela "
                    "menurut angka ini, supaya tidak ada yang terus menunggu. Aturan ini terbuka untuk umum."
                ),
                "fields": [("priority_ratio", "express_in_a_row"), "ageing_minutes"],
            },
        ),
        (
            _("Bila tidak ada yang datang"),
            {"fields": ["calls_before_no_show", ("reentry_minutes", "reentry_after"), "step_back_after"]},
        ),
        (_("Akhir hari"), {"fields": ["stops_in_time", "leftover"]}),
        (
            _("Pesanan waktu"),
            {
                "fields": [
                    "takes_bookings",
                    ("slot_minutes", "slot_capacity"),
                    "booking_days",
                    ("early_minutes", "late_minutes"),
                ]
            },
        ),
    ]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the rule and the days that follow it in one act: both or neither."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with locks.transaction_of_one_act():
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        apply_within(queue=form.instance, by=cast(User, request.user))
        _warn(request, form.instance)


def _warn(request: HttpRequest, queue: Queue) -> None:
    """Tell about lines of the same agency that no counter serves since this change."""
    for line in unserved_lines(queue.agency_id):
        words = _("Antrean %(line)s tidak dilayani loket mana pun. Tambahkan di “antrean di loket”.")
        messages.warning(request, words % {"line": line})


@admin.register(CounterLine)
class CounterLineAdmin(OneEditor, HistoryAdmin):
    list_display = ["counter", "queue", "weight"]
    list_filter = ["counter__zone", "queue__agency"]
    list_select_related = ["counter", "queue"]
    search_fields = ["counter__number", "counter__code", "queue__prefix", "queue__name"]
    autocomplete_fields = ["counter", "queue"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "Loket tanpa baris di sini memanggil dari semua antrean instansinya. Dengan baris, "
                    "ia hanya memanggil dari antrean yang disebut."
                ),
                "fields": ["counter", "queue", "weight"],
            },
        )
    ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _warn(request, obj.queue)


@admin.register(HallRules)
class HallRulesAdmin(OneEditor, HistoryAdmin):
    form = HallRulesForm
    list_display = ["__str__", "numbers_per_person", "no_shows", "ban_days", "recall_seconds", "undo_seconds"]
    fieldsets = [
        (_("Satu orang"), {"fields": ["numbers_per_person"]}),
        (
            _("Yang tidak datang"),
            {
                "description": _("Nomor di tempat selalu boleh diambil, juga selama pembatasan."),
                "fields": [("no_shows", "no_show_days"), "ban_days"],
            },
        ),
        (_("Tempat yang dibatalkan"), {"fields": [("return_from_minutes", "return_to_minutes")]}),
        (_("Di loket"), {"fields": [("recall_seconds", "undo_seconds"), "lock_minutes"]}),
        (_("Di anjungan"), {"fields": ["paired_kiosks_only"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not HallRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(AlertRule)
class AlertRuleAdmin(OneEditor, HistoryAdmin):
    list_display = ["__str__", "limit", "position", "is_active"]
    readonly_fields = ["kind"]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "Peringatan tampil di pandangan lantai begitu batasnya dilewati. "
                    "Untuk sisa nomor sebaliknya: begitu tinggal sekian."
                ),
                "fields": ["kind", "limit", "position", "is_active"],
            },
        )
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Each kind has its row; one that is not wanted is switched off."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PriorityClass)
class PriorityClassAdmin(OneEditor, HistoryAdmin):
    list_display = ["name", "code", "source", "staff_only", "is_active", "position"]
    list_filter = ["is_active", "staff_only"]
    search_fields = ["name", "code", "source"]
    fields = ["code", "name", "source", "staff_only", "is_active", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Numbers refer to the class: it is set inactive."""
        return False


# The day, to be looked at.


class ShareInline(ReadOnly, Inline):
    model = Share
    fields = ["name", "reserved", "taken"]


@admin.register(QueueDay)
class QueueDayAdmin(ReadOnly, PortalAdmin):
    list_display = ["date", "prefix", "queue", "block", "last_number", "quota"]
    list_filter = ["date", "queue__agency"]
    list_select_related = ["queue"]
    search_fields = ["prefix", "queue__name"]
    fields = ["queue", "date", "block", "prefix", "quota", "last_number"]
    inlines = [ShareInline]


@admin.register(Share)
class ShareAdmin(ReadOnly, PortalAdmin):
    list_display = ["line", "name", "reserved", "taken"]
    list_filter = ["name", "line__date", "line__queue__agency"]
    list_select_related = ["line"]
    search_fields = ["line__prefix", "line__queue__name"]
    ordering = ["-line__date", "pk"]
    fields = ["line", "name", "reserved", "taken"]


@admin.register(NumberBlock)
class NumberBlockAdmin(ReadOnly, PortalAdmin):
    list_display = ["day", "holder", "size", "leased_at", "returned_at"]
    list_filter = ["day__date", "day__queue__agency"]
    list_select_related = ["day"]
    search_fields = ["holder", "day__prefix"]
    fields = ["day", "holder", "size", "leased_at", "returned_at"]


class TicketEventInline(ReadOnly, Inline):
    model = TicketEvent
    fields = ["at", "step", "source", "target", "actor", "reason"]
    readonly_fields = fields
    ordering = ["pk"]


@admin.register(Ticket)
class TicketAdmin(Discreet, ReadOnly, PortalAdmin):
    list_display = ["label", "state", "service", "channel", "priority", "issued_at", "called_at", "ended_at"]
    list_filter = ["state", "channel", "outcome", "issued_at", "service__agency"]
    list_select_related = ["queue_day", "service"]
    search_fields = ["service__name", "=queue_day__prefix"]
    ordering = ["-pk"]
    inlines = [TicketEventInline]
    fields = [
        "label",
        "state",
        "service",
        "queue_day",
        "line",
        "lane",
        "for_counter",
        "channel",
        "share",
        "priority",
        "session",
        "calls",
        "issued_at",
        "arrived_at",
        "called_at",
        "started_at",
        "ended_at",
        "outcome",
        "outcome_note",
        "given",
        "reentries",
        "steps_back",
        "carried_from",
        "visit",
    ]
    readonly_fields = fields

    @display(description=_("nomor"), ordering="pk")
    def label(self, ticket: Ticket) -> str:
        return ticket.label

    @display(description=_("layanan yang diberikan"))
    def given(self, ticket: Ticket) -> str:
        return ", ".join(service.name for service in ticket.performed.all()) or "–"


@admin.register(TicketEvent)
class TicketEventAdmin(Discreet, ReadOnly, PortalAdmin):
    list_display = ["at", "ticket", "step", "source", "target", "actor", "reason"]
    list_filter = ["step", "at"]
    list_select_related = ["ticket__queue_day", "actor"]
    search_fields = ["reason", "actor__username"]
    ordering = ["-pk"]
    fields = ["ticket", "step", "source", "target", "at", "actor", "session", "line", "reason", "passed"]


@admin.register(Visit)
class VisitAdmin(Discreet, ReadOnly, PortalAdmin):
    list_display = ["__str__", "date", "started_at"]
    list_filter = ["date"]
    fields = ["date", "started_at"]


@admin.register(Slot)
class SlotAdmin(ReadOnly, PortalAdmin):
    list_display = ["starts_at", "queue", "minutes", "capacity", "taken"]
    list_filter = ["starts_at", "queue__agency"]
    list_select_related = ["queue"]
    search_fields = ["queue__prefix", "queue__name"]
    ordering = ["-starts_at"]
    fields = ["queue", "starts_at", "minutes", "capacity", "taken"]


@admin.register(Booking)
class BookingAdmin(Discreet, ReadOnly, PortalAdmin):
    list_display = [
        "slot",
        "service",
        "state",
        "channel",
        "priority",
        "booked_at",
        "checked_in_at",
        "ended_at",
    ]
    list_filter = ["state", "channel", "service__agency"]
    list_select_related = ["slot__queue", "service"]
    search_fields = ["service__name", "slot__queue__prefix"]
    ordering = ["-pk"]
    fields = [
        "slot",
        "service",
        "state",
        "channel",
        "priority",
        "share",
        "ticket",
        "booked_at",
        "checked_in_at",
        "ended_at",
        "moves",
    ]


@admin.register(CounterSession)
class CounterSessionAdmin(ReadOnly, PortalAdmin):
    list_display = [
        "date",
        "counter",
        "user",
        "agency",
        "opened_at",
        "closed_at",
        "paused_at",
        "pause_reason",
    ]
    list_filter = ["date", "agency"]
    list_select_related = ["counter", "user", "agency"]
    search_fields = ["user__username", "user__first_name", "counter__number", "agency__short_name"]


@admin.register(HelpCall)
class HelpCallAdmin(ReadOnly, PortalAdmin):
    list_display = ["called_at", "session", "kind", "called_by", "answer", "answered_at", "answered_by"]
    list_filter = ["kind", "answer", "called_at"]
    list_select_related = ["session__counter", "session__user", "called_by", "answered_by"]
    search_fields = ["session__counter__number", "called_by__username"]


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnly, PortalAdmin):
    list_display = ["starts_at", "text", "zone", "ends_at", "made_by"]
    list_filter = ["starts_at", "zone"]
    list_select_related = ["zone", "made_by"]
    search_fields = ["text"]


@admin.register(ExtraQuota)
class ExtraQuotaAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "line", "places", "share", "reason", "by"]
    list_filter = ["at", "line__queue__agency"]
    list_select_related = ["line", "by"]
    search_fields = ["line__prefix", "reason"]


@admin.register(CounterMove)
class CounterMoveAdmin(ReadOnly, PortalAdmin):
    list_display = ["moved_at", "counter", "queue", "reason", "moved_by", "ended_at", "ended_by"]
    list_filter = ["date", "queue__agency"]
    list_select_related = ["counter", "queue", "moved_by", "ended_by"]
    search_fields = ["counter__number", "reason"]


@admin.register(OfficerRequest)
class OfficerRequestAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "counter", "agency", "messages", "by"]
    list_filter = ["date", "agency"]
    list_select_related = ["counter", "agency", "by"]
    search_fields = ["counter__number", "agency__short_name"]
