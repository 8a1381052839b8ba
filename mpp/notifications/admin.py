"""Messages in the admin: channels and words can be changed, the outbox and consents only looked at."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from mpp.core import clock
from mpp.core.admin import Discreet, HistoryAdmin, PortalAdmin, ReadOnly, action_page, get_or_404
from mpp.core.one_editor import OneEditor
from mpp.notifications import events, wording
from mpp.notifications.models import ChannelRule, ChannelState, Message, Stop, Way, Wording
from mpp.notifications.testing import send_test


@admin.register(Message)
class MessageAdmin(ReadOnly, Discreet, PortalAdmin):
    list_display = ["created_at", "what", "channel", "masked", "state", "delivery", "attempts", "sent_at"]
    list_filter = ["state", "delivery", "channel", "event", "created_at"]
    search_fields = ["event", "provider_id"]
    ordering = ["-pk"]
    fields = [
        "what",
        "channel",
        "masked",
        "said",
        "state",
        "error",
        "attempts",
        "delivery",
        "delivery_at",
        "created_at",
        "due_at",
        "not_after",
        "sent_at",
        "provider_id",
    ]

    @display(description=_("kejadian"), ordering="event")
    def what(self, message: Message) -> str:
        return events.title_of(message.event)

    @display(description=_("penerima"))
    def masked(self, message: Message) -> str:
        """A citizen's address is theirs; its end is enough to answer a question (UU 27/2022)."""
        return f"…{message.recipient[-3:]}"

    @display(description=_("isi"))
    def said(self, message: Message) -> str:
        return wording.written(message) if message.event in events.EVENTS else message.body


@admin.register(Way)
class WayAdmin(ReadOnly, Discreet, PortalAdmin):
    """The proof of each consent: who agreed when, to which channel, in which words."""

    list_display = ["consented_at", "holder", "channel", "masked", "words", "ended_at"]
    list_filter = ["channel", "consented_at"]
    search_fields = ["holder"]
    fields = ["holder", "channel", "masked", "language", "words", "consented_at", "ended_at"]

    @display(description=_("penerima"))
    def masked(self, way: Way) -> str:
        return way.end_of_recipient


@admin.register(Stop)
class StopAdmin(ReadOnly, Discreet, PortalAdmin):
    list_display = ["at", "masked", "channel"]
    fields = ["at", "masked", "channel"]

    @display(description=_("penerima"))
    def masked(self, stop: Stop) -> str:
        return str(stop)


class TestForm(forms.Form):
    """Who gets the test message."""

    recipient = forms.CharField(
        label=_("Penerima"),
        max_length=160,
        help_text=_("Nomor ponsel atau alamat e-mail Anda sendiri."),
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(ChannelRule)
class ChannelRuleAdmin(OneEditor, HistoryAdmin):
    list_display = ["channel", "is_ready", "is_on", "today", "condition"]
    fields = ["channel", "is_ready", "is_on", "daily_cap", "sender_name", "today", "condition"]
    readonly_fields = ["channel", "is_ready", "today", "condition"]
    actions_detail = ["test"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("diatur di server"), boolean=True)
    def is_ready(self, rule: ChannelRule) -> bool:
        return rule.channel in settings.NOTIFICATION_CHANNELS

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChannelRule]:
        """With how each channel stands, and the moment at which it is asked."""
        state = ChannelState.objects.filter(channel=OuterRef("channel"))
        now = Value(clock.now(), DateTimeField())
        names = ("day", "sent", "failures", "resting_until")
        return (
            super()
            .get_queryset(request)
            .annotate(now=now, **{name: Subquery(state.values(name)) for name in names})
        )

    @display(description=_("terkirim hari ini"))
    def today(self, rule: Any) -> str:
        count = rule.sent if rule.day == clock.local(rule.now).date() else 0
        if rule.daily_cap is None:
            return str(count)
        return gettext("%(count)d dari %(cap)d") % {"count": count, "cap": rule.daily_cap}

    @display(description=_("keadaan"))
    def condition(self, rule: Any) -> str:
        if not rule.failures:
            return gettext("baik")
        if rule.resting_until and rule.resting_until > rule.now:
            until = f"{clock.local(rule.resting_until):%H.%M.%S}"
            return gettext("gagal %(count)d kali, dicoba lagi %(time)s") % {
                "count": rule.failures,
                "time": until,
            }
        return gettext("gagal %(count)d kali, sedang dicoba lagi") % {"count": rule.failures}

    @action(description=_("Kirim pesan uji"), url_path="uji", permissions=["change"], icon="send")
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send a test message, whose way can be followed in the list of messages."""
        rule = get_or_404(ChannelRule.objects.all(), object_id)

        def send(sent: dict[str, Any]) -> str:
            send_test(channel=rule.channel, recipient=sent["recipient"], by=request.user)
            return gettext("Pesan uji sedang dikirim. Hasilnya ada di daftar Pesan.")

        return action_page(
            self,
            request,
            instance=rule,
            form=TestForm(request.POST if request.method == "POST" else None),
            title=_("Kirim pesan uji: %(channel)s") % {"channel": rule},
            button=_("Kirim"),
            act=send,
            notes=[gettext("Pesan ini ikut dihitung pada batas harian.")],
        )


class WordingForm(forms.ModelForm):
    """Shows the blanks of the event, and while typing what will be read."""

    class Meta:
        model = Wording
        fields = ["text"]
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.event not in events.EVENTS or "text" not in self.fields:
            return
        event, field = events.of(row.event), self.fields["text"]
        sample = {name: events.shown(value, row.language) for name, value in event.sample.items()}
        field.widget.attrs |= {
            "data-mpp-sample": json.dumps(sample),
            "data-mpp-default": event.words[row.language],
        }
        blanks = ", ".join(f"{{{name}}}" for name in event.sample) or "–"
        field.help_text = gettext("Isian yang ada: %(blanks)s. Kosong: memakai kata-kata portal.") % {
            "blanks": blanks
        }


@admin.register(Wording)
class WordingAdmin(OneEditor, HistoryAdmin):
    form = WordingForm
    list_display = ["event", "language", "in_force", "is_own"]
    list_display_links = ["event"]
    list_filter = ["language"]
    search_fields = ["event", "text"]
    ordering = ["event", "-language"]
    fields = ["event", "language", "standard", "text", "preview"]
    readonly_fields = ["event", "language", "standard", "preview"]

    class Media:
        js = ["js/wording-preview.js"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("kata-kata"))
    def in_force(self, row: Wording) -> str:
        return row.text or self.standard(row)

    @display(description=_("dari"))
    def is_own(self, row: Wording) -> str:
        return gettext("mal") if row.text else gettext("portal")

    @display(description=_("kata-kata portal"))
    def standard(self, row: Wording) -> str:
        return events.of(row.event).words[row.language] if row.event in events.EVENTS else ""

    @display(description=_("pratinjau"))
    def preview(self, row: Wording) -> str:
        text = wording.preview(row.event, row.text, row.language) if row.event in events.EVENTS else ""
        return format_html("<output data-mpp-preview>{}</output>", text)
