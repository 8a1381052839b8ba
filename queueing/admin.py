"""Lines in the admin; the day itself is only looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core.admin import HistoryAdmin, Inline, PortalAdmin, ReadOnly, TableAdmin
from queueing.models import CounterSession, Queue, QueueDay, QueueService, Ticket, TicketEvent
from queueing.resources import QueueResource

# What opens a citizen's page, or is theirs: neither shown nor searched for.
SECRETS = ("nonce", "token_digest", "request_key", "phone")


class QueueServiceInline(Inline):
    model = QueueService
    autocomplete_fields = ["service"]


@admin.register(Queue)
class QueueAdmin(HistoryAdmin, TableAdmin):
    resource_classes = [QueueResource]
    list_display = ["prefix", "name", "agency", "daily_quota", "is_active"]
    list_filter = ["is_active", "agency"]
    list_select_related = ["agency"]
    search_fields = ["prefix", "name", "code", "agency__short_name"]
    autocomplete_fields = ["agency"]
    inlines = [QueueServiceInline]


@admin.register(QueueDay)
class QueueDayAdmin(ReadOnly, PortalAdmin):
    list_display = ["date", "prefix", "queue", "last_number", "quota"]
    list_filter = ["date", "queue__agency"]
    list_select_related = ["queue"]
    search_fields = ["prefix", "queue__name"]
    fields = ["queue", "date", "prefix", "quota", "last_number"]


class TicketEventInline(ReadOnly, Inline):
    model = TicketEvent
    fields = ["at", "step", "source", "target", "actor", "reason"]
    readonly_fields = fields
    ordering = ["pk"]


@admin.register(Ticket)
class TicketAdmin(ReadOnly, PortalAdmin):
    list_display = ["label", "state", "service", "channel", "priority", "issued_at", "called_at", "ended_at"]
    list_filter = ["state", "channel", "issued_at", "service__agency"]
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
        "channel",
        "priority",
        "session",
        "calls",
        "issued_at",
        "arrived_at",
        "called_at",
        "started_at",
        "ended_at",
    ]
    readonly_fields = fields

    @display(description=_("nomor"), ordering="pk")
    def label(self, ticket: Ticket) -> str:
        return ticket.label

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        if lookup.startswith(SECRETS):
            return False
        return super().lookup_allowed(lookup, value, request)


@admin.register(TicketEvent)
class TicketEventAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "ticket", "step", "source", "target", "actor", "reason"]
    list_filter = ["step", "at"]
    list_select_related = ["ticket__queue_day", "actor"]
    search_fields = ["reason", "actor__username"]
    ordering = ["-pk"]
    fields = ["ticket", "step", "source", "target", "at", "actor", "session", "line", "reason"]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        if lookup.startswith(SECRETS):
            return False
        return super().lookup_allowed(lookup, value, request)


@admin.register(CounterSession)
class CounterSessionAdmin(ReadOnly, PortalAdmin):
    list_display = ["date", "counter", "user", "agency", "opened_at", "closed_at"]
    list_filter = ["date", "agency"]
    list_select_related = ["counter", "user", "agency"]
    search_fields = ["user__username", "user__first_name", "counter__number", "agency__short_name"]
