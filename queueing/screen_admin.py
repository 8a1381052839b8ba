"""Displays, pictures and videos in the admin, in words a clerk understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from mpp.core.admin import HistoryAdmin, Inline, PortalAdmin
from mpp.core.one_editor import OneEditor
from queueing.models import Medium, PlaylistItem, Screen, ScreenSource
from queueing.policy import letters, media
from queueing.screens import gaps_of, medium_url

if TYPE_CHECKING:
    ScreenBase = forms.ModelForm[Screen]
    MediumBase = forms.ModelForm[Medium]
else:
    ScreenBase = MediumBase = forms.ModelForm


class ScreenForm(ScreenBase):
    """A display with help for whoever sets it up."""

    class Meta:
        model = Screen
        fields = ["code"]
        help_texts = {
            "code": gettext_lazy(
                "Alamatnya /layar/ diikuti kode ini. Dengan kode sebuah zona, layar zona itu digantikan."
            ),
            "name": gettext_lazy("Tampil di baris atas layar, misalnya Lantai 1."),
            "layout": gettext_lazy(
                "Satu panggilan besar: untuk kebanyakan ruang. Dua bagian: dua zona berdampingan. "
                "Daftar saja: banyak loket dalam satu layar."
            ),
            "note": gettext_lazy(
                "Satu atau dua kalimat di bawah layar. Diam bila muat, berjalan bila tidak. "
                "Tanda HTML tampil apa adanya, sebagai teks."
            ),
            "shows_waiting": gettext_lazy("Banyaknya orang yang menunggu di tiap instansi."),
            "shows_next": gettext_lazy("Nomor yang akan dipanggil sesudah ini, di samping banyaknya orang."),
            "panel_inches": gettext_lazy("Tertulis di belakang televisi. Dipakai menghitung jarak baca."),
            "hall_metres": gettext_lazy("Dari layar sampai kursi yang paling jauh."),
            "is_active": gettext_lazy("Matikan bila layar ini tidak dipakai. Alamatnya lalu tidak ada."),
        }


class SourceInline(Inline):
    model = ScreenSource
    fields = ["zone", "agency", "half"]
    autocomplete_fields = ["zone", "agency"]
    verbose_name_plural = gettext_lazy(
        "isi layar: tiap baris satu zona atau satu instansi (“bagian” hanya untuk dua bagian)"
    )


class PlaylistInline(Inline):
    model = PlaylistItem
    fields = ["medium", "seconds", "position"]
    autocomplete_fields = ["medium"]
    verbose_name_plural = gettext_lazy(
        "gambar dan video di antara dua panggilan (hanya tata letak satu panggilan besar)"
    )


@admin.register(Screen)
class ScreenAdmin(OneEditor, HistoryAdmin):
    form = ScreenForm
    list_display = ["name", "code", "layout", "content", "is_active", "preview"]
    list_filter = ["layout", "is_active"]
    search_fields = ["name", "code", "note"]
    prepopulated_fields = {"code": ["name"]}
    readonly_fields = ["preview", "reading", "gaps"]
    inlines = [SourceInline, PlaylistInline]
    fieldsets = [
        (None, {"fields": ["name", "code", "layout", "is_active", "position"]}),
        (gettext_lazy("Yang tampil"), {"fields": ["note", ("shows_waiting", "shows_next")]}),
        (gettext_lazy("Ruang"), {"fields": [("panel_inches", "hall_metres"), "reading"]}),
        (gettext_lazy("Keadaan"), {"fields": ["preview", "gaps"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("sources__zone", "sources__agency")

    def view_on_site(self, screen: Screen) -> str:
        return reverse("display", args=[screen.code])

    @display(description=gettext_lazy("isi"))
    def content(self, screen: Screen) -> str:
        return ", ".join(map(str, screen.sources.all())) or _("kosong")

    @display(description=gettext_lazy("lihat"))
    def preview(self, screen: Screen) -> str:
        if not screen.pk or not screen.is_active:
            return "–"
        address = self.view_on_site(screen)
        return format_html('<a href="{}" target="_blank">{}</a>', address, _("Buka layar"))

    @display(description=gettext_lazy("keterbacaan"))
    def reading(self, screen: Screen) -> str:
        kind = letters.TYPES[screen.layout]
        figures = {
            "call": _metres(letters.distance_m(kind.call, screen.panel_inches)),
            "row": _metres(letters.distance_m(kind.row, screen.panel_inches)),
        }
        return _("Panggilan terbaca jelas sampai %(call)s meter, daftar sampai %(row)s meter.") % figures

    @display(description=gettext_lazy("yang masih kurang"))
    def gaps(self, screen: Screen) -> str:
        found = gaps_of(screen) if screen.pk else []
        return format_html_join("", "<p>{}</p>", [(gap,) for gap in found]) or _("Tidak ada.")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        screen = form.instance
        for gap in [*gaps_of(screen), *_too_far(screen)]:
            messages.warning(request, gap)


def _metres(distance: float) -> str:
    return number_format(int(distance))


def _too_far(screen: Screen) -> list[str]:
    """Return the advice for a hall in which the last rows cannot read the list."""
    row = letters.TYPES[screen.layout].row
    if letters.distance_m(row, screen.panel_inches) >= screen.hall_metres:
        return []
    panel = letters.panel_for(row, screen.hall_metres)
    far = {"far": screen.hall_metres, "inches": panel}
    if panel is None:
        return [_("Daftar tidak terbaca jelas dari %(far)d meter. Pasang layar kedua di tengah ruang.") % far]
    return [_("Daftar tidak terbaca jelas dari %(far)d meter. Pakai panel %(inches)d inci.") % far]


class MediumForm(MediumBase):
    """Looks into the file: its name and what the sender says of it count for nothing."""

    class Meta:
        model = Medium
        fields = ["title", "file"]
        help_texts = {
            "title": gettext_lazy("Untuk Anda sendiri; tidak tampil di layar."),
            "file": gettext_lazy(
                "JPEG atau PNG sampai 8 MB, MP4 (H.264) atau WebM sampai 60 MB. Video tampil tanpa suara."
            ),
        }

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            found = media.look_into(file, file.name, file.size)
        except media.Unusable as error:
            raise ValidationError(str(error)) from error
        self.instance.kind, self.instance.content_type = found.kind, found.content_type
        self.instance.size = file.size
        file.seek(0)
        return file


@admin.register(Medium)
class MediumAdmin(PortalAdmin):
    form = MediumForm
    list_display = ["title", "kind", "size_words", "used", "preview"]
    list_filter = ["kind"]
    search_fields = ["title"]
    readonly_fields = ["kind", "size_words", "preview"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["title", "kind", "size_words", "preview"] if obj else ["title", "file"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(used=Count("showings"))

    @display(description=gettext_lazy("dipakai di (layar)"), ordering="used")
    def used(self, medium: Medium) -> int:
        return int(medium.used)  # type: ignore[attr-defined]

    @display(description=gettext_lazy("ukuran"), ordering="size")
    def size_words(self, medium: Medium) -> str:
        return _("%(size)s MB") % {"size": number_format(medium.size / media.MEGABYTE, 1)}

    @display(description=gettext_lazy("lihat"))
    def preview(self, medium: Medium) -> str:
        return format_html('<a href="{}" target="_blank">{}</a>', medium_url(medium), _("Buka berkas"))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the row, and the file once nothing can bring the row back."""
        storage, name = obj.file.storage, obj.file.name
        super().delete_model(request, obj)
        transaction.on_commit(lambda: storage.delete(name))
