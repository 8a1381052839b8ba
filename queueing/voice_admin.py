"""The voice in the admin: settings of each zone, all clips to be heard, and recordings in their place."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from mpp.core.admin import HistoryAdmin, Inline
from mpp.core.one_editor import OneEditor
from queueing.enums import VoiceLanguage
from queueing.models import QuietHours, VoiceClip, ZoneVoice
from queueing.voice_forms import VoiceClipForm, ZoneVoiceForm
from queueing.voice_pack import catalogue, manifest, own_url, sample

RECORDED = ["file", "format", "seconds", "version"]


def catalogue_url(language: str) -> str:
    """Return the address of the list of all clips of `language`."""
    return reverse("admin:queueing_voiceclip_catalogue", query={"bahasa": language})


class QuietHoursInline(Inline):
    model = QuietHours
    fields = ["weekday", "starts_at", "ends_at"]
    verbose_name_plural = _("jam tenang: layar menyala, suara diam (misalnya Jumat 11.45–13.00)")


@admin.register(ZoneVoice)
class ZoneVoiceAdmin(OneEditor, HistoryAdmin):
    form = ZoneVoiceForm
    list_display = ["zone", "is_on", "volume", "number_form", "second_language"]
    list_select_related = ["zone"]
    search_fields = ["zone__name"]
    inlines = [QuietHoursInline]
    fieldsets = [
        (
            None,
            {
                "description": _(
                    "Zona tanpa baris di sini bersuara dengan nilai baku: menyala, 80 persen, angka satu "
                    "per satu, bahasa Indonesia saja. Perubahan berlaku pada panggilan berikutnya."
                ),
                "fields": ["zone", "is_on", "volume", "number_form", "second_language"],
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["zone"] if obj else []


@admin.register(VoiceClip)
class VoiceClipAdmin(OneEditor, HistoryAdmin):
    """Only the mall's own recordings are rows; deleting one brings the built-in clip back."""

    form = VoiceClipForm
    list_display = ["words", "language", "format", "seconds", "listen"]
    list_filter = ["language"]
    list_select_related = ["agency", "counter"]
    search_fields = ["clip", "agency__short_name", "counter__number"]
    autocomplete_fields = ["agency", "counter"]
    actions_list = ["catalogue"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hide the stored file, which has no address, from who may only look."""
        if obj is None:
            return ["language", "clip", "agency", "counter", "file"]
        heard = ["words", "language", "listen"]
        return [*heard, "file"] if self.has_change_permission(request, obj) else heard

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["words", "language", "listen"] if obj else []

    @display(description=_("yang diucapkan"), ordering="clip")
    def words(self, clip: VoiceClip) -> str:
        return clip.words

    @display(description=_("dengarkan"))
    def listen(self, clip: VoiceClip) -> str:
        return format_html('<audio controls preload="none" src="{}"></audio>', own_url(clip))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif "file" in form.changed_data:
            self._forget(VoiceClip.objects.get(pk=obj.pk))
            obj._history_user = request.user
            obj.save(update_fields=RECORDED)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return redirect(catalogue_url(obj.language))

    response_post_save_change = response_post_save_add

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._forget(obj)
        super().delete_model(request, obj)

    def _forget(self, clip: VoiceClip) -> None:
        # Not before the row is gone: a display may be fetching the recording.
        storage, name = clip.file.storage, clip.file.name
        transaction.on_commit(lambda: storage.delete(str(name)))

    @action(description=_("Semua klip"), url_path="semua", permissions=["view"], icon="volume_up")
    def catalogue(self, request: HttpRequest) -> HttpResponse:
        """Every clip of one language, to be heard and to be replaced."""
        asked = request.GET.get("bahasa", "")
        language = asked if asked in VoiceLanguage.values else VoiceLanguage.INDONESIAN.value
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Klip suara"),
            "opts": self.opts,
            "languages": [(code, label, code == language) for code, label in VoiceLanguage.choices],
            "groups": catalogue(language),
            "sample": json.dumps([sample(language)]),
            "manifest": json.dumps(manifest(VoiceLanguage.values)),
            "add_url": reverse("admin:queueing_voiceclip_add"),
            "language": language,
            "may_change": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/voice_clips.html", context)
