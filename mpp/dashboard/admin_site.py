"""The admin as a place: its door, its navigation, its first page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from mpp.core import palette
from mpp.dashboard import figures
from tenants.views import sign_out

LONGEST_SEARCH = 60
MOST_FOUND = 100
# The box of Unfold 0.91; 0.110 has the palette alone.
SEARCH_TEMPLATES = ["unfold/helpers/search_results.html", "unfold/helpers/command_results.html"]


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site with the portal's own sign-in, and colours from the mall's one colour."""

    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send people to the one sign-in page; who is signed in and may not enter gets 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect(reverse(settings.LOGIN_URL, query={"next": wanted}))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return sign_out(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        mall = getattr(request, "mall", None)
        if mall is not None:
            context["site_header"] = context["site_title"] = mall.short_name
        shades = palette_shades(mall.accent if mall else palette.FALLBACK)
        return context | {"colors": (context.get("colors") or {}) | {"primary": shades}}

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Answer the search of the menu: names of tables only, so there is nothing to cache."""
        term = request.GET.get("s", "").strip().lower()[:LONGEST_SEARCH]
        pages = Paginator(self._search_apps(self.get_app_list(request), term) if term else [], MOST_FOUND)
        context = {"results": pages.page(1), "page_obj": pages, "page_counter": 0, "execution_time": 0.0}
        return TemplateResponse(request, SEARCH_TEMPLATES, context, headers={"HX-Trigger": "search"})


def palette_shades(accent: str) -> dict[str, str]:
    """Return Unfold's eleven shades of the mall's colour; 600, under white text, is the colour itself."""
    lighter = {"50": 95, "100": 90, "200": 80, "300": 65, "400": 40, "500": 15}
    darker = {"700": 15, "800": 30, "900": 45, "950": 60}
    shades = {weight: f"color-mix(in srgb, {accent}, white {share}%)" for weight, share in lighter.items()}
    shades["600"] = accent
    return shades | {
        weight: f"color-mix(in srgb, {accent}, black {share}%)" for weight, share in darker.items()
    }


def environment_label(request: HttpRequest) -> list[str] | None:
    """Return the mark beside the name: that this is the demo."""
    return [str(_("Demo")), "warning"] if settings.DEMO else None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the first page."""
    return context | {"title": _("Ringkasan"), "figures": figures.summary(), "attention": figures.attention()}


def _item(
    title: Any, icon: str, table: str, permission: str = "", page: str = "changelist"
) -> dict[str, Any]:
    app, _dot, model = table.partition(".")
    needed = permission or f"{app}.view_{model}"
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_{page}"),
        "permission": lambda request: request.user.has_perm(needed),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu, grouped as the work is."""
    first = {"title": _("Ringkasan"), "icon": "dashboard", "link": reverse_lazy("admin:index")}
    groups = (
        (
            _("Mal"),
            [
                first,
                _item(_("Mal ini"), "storefront", "core.mall"),
                _item(_("Zona"), "map", "tenants.zone"),
                _item(_("Loket"), "desk", "tenants.counter"),
                _item(_("Perangkat"), "tv", "tenants.device"),
                _item(_("Pemakaian loket"), "event_seat", "tenants.counterduty"),
                _item(_("Jam buka"), "schedule", "services.openinghours"),
                _item(_("Kalender"), "calendar_month", "services.calendarday"),
                _item(_("Gangguan"), "warning", "services.disruption"),
            ],
        ),
        (
            _("Instansi"),
            [
                _item(_("Papan perjalanan"), "signpost", "agreements.joiningagency"),
                _item(_("Instansi"), "account_balance", "tenants.agency"),
                _item(_("Nama dari waktu ke waktu"), "history_edu", "tenants.agencyname"),
            ],
        ),
        (
            _("Layanan"),
            [
                _item(_("Layanan"), "list_alt", "services.service"),
                _item(_("Standar pelayanan"), "fact_check", "services.servicestandard"),
                _item(_("Padanan kata"), "translate", "services.synonym"),
            ],
        ),
        (
            _("Halaman warga"),
            [
                _item(_("Halaman mal"), "article", "services.guidepage"),
                _item(_("Fasilitas"), "wc", "services.facility"),
                _item(_("Tanya jawab"), "quiz", "services.question"),
                _item(_("Kabar"), "newspaper", "services.news"),
            ],
        ),
        (
            _("Antrean"),
            [
                _item(_("Antrean"), "format_list_numbered", "queueing.queue"),
                _item(_("Antrean di loket"), "rule", "queueing.counterline"),
                _item(_("Golongan prioritas"), "accessible", "queueing.priorityclass"),
                _item(_("Aturan mal"), "gavel", "queueing.hallrules"),
                _item(_("Batas peringatan"), "notification_important", "queueing.alertrule"),
            ],
        ),
        (
            _("Suara"),
            [
                _item(_("Suara zona"), "volume_up", "queueing.zonevoice"),
                _item(_("Klip suara"), "graphic_eq", "queueing.voiceclip", page="catalogue"),
            ],
        ),
        (
            _("Layar"),
            [
                _item(_("Layar"), "tv", "queueing.screen"),
                _item(_("Gambar dan video"), "perm_media", "queueing.medium"),
            ],
        ),
        (
            _("Pesan"),
            [
                _item(_("Saluran pesan"), "outgoing_mail", "notifications.channelrule"),
                _item(_("Kata-kata pesan"), "edit_note", "notifications.wording"),
                _item(_("Pesan"), "mail", "notifications.message"),
                _item(_("Persetujuan dikabari"), "verified_user", "notifications.way"),
                _item(_("Permintaan berhenti"), "notifications_off", "notifications.stop"),
            ],
        ),
        (
            _("Hari ini"),
            [
                _item(_("Antrean per hari"), "today", "queueing.queueday"),
                _item(_("Bagian kuota"), "pie_chart", "queueing.share"),
                _item(_("Nomor"), "confirmation_number", "queueing.ticket"),
                _item(_("Sesi loket"), "badge", "queueing.countersession"),
                _item(_("Waktu pesanan"), "event_available", "queueing.slot"),
                _item(_("Pesanan"), "event", "queueing.booking"),
                _item(_("Kunjungan"), "directions_walk", "queueing.visit"),
                _item(_("Blok nomor"), "view_module", "queueing.numberblock"),
                _item(_("Pengumuman"), "campaign", "queueing.announcement"),
                _item(_("Tambahan kuota"), "add_box", "queueing.extraquota"),
                _item(_("Perpindahan loket"), "move_down", "queueing.countermove"),
                _item(_("Permintaan petugas"), "person_alert", "queueing.officerrequest"),
                _item(_("Panggilan bantuan"), "sos", "queueing.helpcall"),
            ],
        ),
        (
            _("Kerja sama"),
            [
                _item(_("Naskah"), "handshake", "agreements.instrument"),
                _item(_("Para pihak"), "groups", "agreements.instrumentparty"),
                _item(_("Janji kehadiran"), "event_repeat", "agreements.promise"),
                _item(_("Acara penandatanganan"), "draw", "agreements.signingevent"),
                _item(_("Aturan kerja sama"), "gavel", "agreements.agreementrules"),
                _item(_("Aturan jenis naskah"), "rule", "agreements.kindrule"),
                _item(_("Syarat kesiapan"), "checklist", "agreements.readinesscriterion"),
                _item(_("Pemeriksaan kesiapan"), "verified", "agreements.readinesscheck"),
                _item(_("Uji coba"), "science", "agreements.trial"),
            ],
        ),
        (
            _("Monev"),
            [
                _item(_("Temuan"), "flag", "agreements.finding"),
            ],
        ),
        (
            _("Orang"),
            [
                _item(_("Orang"), "person", "tenants.user"),
                _item(_("Penempatan"), "assignment_ind", "tenants.placement"),
            ],
        ),
        (
            _("Catatan"),
            [
                _item(_("Kejadian nomor"), "timeline", "queueing.ticketevent"),
                _item(_("Percobaan masuk"), "login", "tenants.signinattempt"),
                _item(_("Catatan audit"), "receipt_long", "core.auditentry"),
            ],
        ),
    )
    return [{"title": title, "separator": True, "items": items} for title, items in groups]
