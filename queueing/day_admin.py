"""The records of the day in the admin: only looked at. Acts in the hall are what changes them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core.admin import Discreet, Inline, PortalAdmin, ReadOnly
from queueing.models import (
    Announcement,
    Booking,
    CounterMove,
    CounterPause,
    CounterSession,
    ExtraQuota,
    HelpCall,
    NumberBlock,
    OfficerRequest,
    QueueDay,
    Share,
    Slot,
    Ticket,
    TicketEvent,
    Visit,
)


class ShareInline(ReadOnly, Inline):
    agency_lookup = "line__queue__agency"
    model = Share
    fields = ["name", "reserved", "taken"]


@admin.register(QueueDay)
class QueueDayAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "queue__agency"
    list_display = ["date", "prefix", "queue", "block", "last_number", "quota"]
    list_filter = ["date", "queue__agency"]
    list_select_related = ["queue"]
    search_fields = ["prefix", "queue__name"]
    fields = ["queue", "date", "block", "prefix", "quota", "last_number"]
    inlines = [ShareInline]


@admin.register(Share)
class ShareAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "line__queue__agency"
    list_display = ["line", "name", "reserved", "taken"]
    list_filter = ["name", "line__date", "line__queue__agency"]
    list_select_related = ["line"]
    search_fields = ["line__prefix", "line__queue__name"]
    ordering = ["-pk"]
    fields = ["line", "name", "reserved", "taken"]


@admin.register(NumberBlock)
class NumberBlockAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "day__queue__agency"
    list_display = ["day", "holder", "size", "leased_at", "returned_at"]
    list_filter = ["day__date", "day__queue__agency"]
    list_select_related = ["day"]
    search_fields = ["holder", "day__prefix"]
    fields = ["day", "holder", "size", "leased_at", "returned_at"]


class TicketEventInline(ReadOnly, Inline):
    agency_lookup = "ticket__service__agency"
    model = TicketEvent
    fields = ["at", "step", "source", "target", "actor", "reason"]
    readonly_fields = fields
    ordering = ["pk"]


@admin.register(Ticket)
class TicketAdmin(Discreet, ReadOnly, PortalAdmin):
    agency_lookup = "service__agency"
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
    agency_lookup = "ticket__service__agency"
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
    agency_lookup = "queue__agency"
    list_display = ["starts_at", "queue", "minutes", "capacity", "taken"]
    list_filter = ["starts_at", "queue__agency"]
    list_select_related = ["queue"]
    search_fields = ["queue__prefix", "queue__name"]
    ordering = ["-starts_at"]
    fields = ["queue", "starts_at", "minutes", "capacity", "taken"]


@admin.register(Booking)
class BookingAdmin(Discreet, ReadOnly, PortalAdmin):
    agency_lookup = "service__agency"
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


class PauseInline(ReadOnly, Inline):
    agency_lookup = "session__agency"
    model = CounterPause
    fields = ["started_at", "ended_at", "reason"]
    readonly_fields = fields


@admin.register(CounterSession)
class CounterSessionAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "agency"
    inlines = [PauseInline]
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
    ordering = ["-pk"]


@admin.register(HelpCall)
class HelpCallAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "session__agency"
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
    agency_lookup = "line__queue__agency"
    list_display = ["at", "line", "places", "share", "reason", "by"]
    list_filter = ["at", "line__queue__agency"]
    list_select_related = ["line", "by"]
    search_fields = ["line__prefix", "reason"]


@admin.register(CounterMove)
class CounterMoveAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "queue__agency"
    list_display = ["moved_at", "counter", "queue", "reason", "moved_by", "ended_at", "ended_by"]
    list_filter = ["date", "queue__agency"]
    list_select_related = ["counter", "queue", "moved_by", "ended_by"]
    search_fields = ["counter__number", "reason"]


@admin.register(OfficerRequest)
class OfficerRequestAdmin(ReadOnly, PortalAdmin):
    agency_lookup = "agency"
    list_display = ["at", "counter", "agency", "messages", "by"]
    list_filter = ["date", "agency"]
    list_select_related = ["counter", "agency", "by"]
    search_fields = ["counter__number", "agency__short_name"]
