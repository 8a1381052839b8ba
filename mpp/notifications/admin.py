"""The outbox in the admin: only looked at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core.admin import PortalAdmin, ReadOnly
from mpp.notifications.models import Message


@admin.register(Message)
class MessageAdmin(ReadOnly, PortalAdmin):
    list_display = ["created_at", "event", "channel", "masked", "state", "attempts", "sent_at"]
    list_filter = ["state", "channel", "created_at"]
    search_fields = ["event", "provider_id"]
    ordering = ["-pk"]
    fields = [
        "event",
        "channel",
        "masked",
        "state",
        "attempts",
        "created_at",
        "due_at",
        "not_after",
        "sent_at",
        "provider_id",
        "error",
    ]

    @display(description=_("penerima"))
    def masked(self, message: Message) -> str:
        """A citizen's address is theirs; its end is enough to answer a question (UU 27/2022)."""
        return f"…{message.recipient[-3:]}"
