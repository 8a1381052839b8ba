"""Lines and their rules in the admin; the day itself is only looked at."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from mpp.core import locks
from mpp.core.admin import HistoryAdmin, Inline, TableAdmin
from mpp.core.one_editor import OneEditor
from queueing import calendar_admin as calendar_admin
from queueing import day_admin as day_admin
from queueing import device_admin as device_admin
from queueing import screen_admin as screen_admin
from queueing import voice_admin as voice_admin
from queueing.actions.pool import apply_within
from queueing.coverage import unserved_lines
from queueing.models import (
    AlertRule,
    CounterLine,
    HallRules,
    PriorityClass,
    Queue,
    QueueService,
    QueueWave,
)
from queueing.resources import QueueResource
from queueing.staff_forms import HallRulesForm, QueueForm
from tenants.models import User


class QueueServiceInline(Inline):
    agency_lookup = "queue__agency"
    model = QueueService
    autocomplete_fields = ["service"]

    def proposed(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Propose the services that the address of a new line names."""
        return [{"service": key} for key in request.GET.getlist("service") if key.isdecimal()]


class WaveInline(Inline):
    agency_lookup = "queue__agency"
    model = QueueWave
    fields = ["at", "percent"]
    verbose_name_plural = _("gelombang nomor daring (kosong: semua sekaligus sejak buka)")


class CounterLineInline(Inline):
    agency_lookup = "queue__agency"
    model = CounterLine
    fields = ["counter", "weight"]
    autocomplete_fields = ["counter"]
    verbose_name_plural = _("loket khusus antrean ini (kosong: semua loket instansinya)")


@admin.register(Queue)
class QueueAdmin(OneEditor, HistoryAdmin, TableAdmin):
    agency_lookup = "agency"
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
    readonly_fields = ["quota_origin"]
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
                    ("daily_quota", "quota_origin"),
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A quota that follows a promise is changed by an addendum, never by hand."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "daily_quota"] if obj is not None and obj.quota_origin else fields

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
    agency_lookup = "queue__agency"
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
        (_("Bila tanggal pesanan ditutup"), {"fields": ["closed_bookings"]}),
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
