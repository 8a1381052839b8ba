"""The menu of the admin, by task: what a clerk wants to do, not which table it is in."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mpp.core.scope import reach_of

# Group: title, icon, table, and the page when it is not the list.
MENU: tuple[tuple[Any, tuple[tuple[Any, ...], ...]], ...] = (
    (
        _("Hari ini"),
        (
            (_("Nomor"), "confirmation_number", "queueing.ticket"),
            (_("Antrean per hari"), "today", "queueing.queueday"),
            (_("Sesi loket"), "badge", "queueing.countersession"),
            (_("Pesanan"), "event", "queueing.booking"),
            (_("Berkas"), "folder_open", "services.submission"),
            (_("Gangguan"), "warning", "services.disruption"),
            (_("Pengumuman"), "campaign", "queueing.announcement"),
            (_("Permintaan petugas"), "person_alert", "queueing.officerrequest"),
            (_("Panggilan bantuan"), "sos", "queueing.helpcall"),
        ),
    ),
    (
        _("Instansi masuk"),
        (
            (_("Papan perjalanan"), "signpost", "agreements.joiningagency"),
            (_("Instansi"), "account_balance", "tenants.agency"),
            (_("Nama dari waktu ke waktu"), "history_edu", "tenants.agencyname"),
            (_("Naskah"), "handshake", "agreements.instrument"),
            (_("Para pihak"), "groups", "agreements.instrumentparty"),
            (_("Berkas naskah"), "picture_as_pdf", "agreements.instrumentfile"),
            (_("Janji kehadiran"), "event_repeat", "agreements.promise"),
            (_("Acara penandatanganan"), "draw", "agreements.signingevent"),
            (_("Rencana kerja"), "checklist", "agreements.workitem"),
            (_("Pemeriksaan kesiapan"), "verified", "agreements.readinesscheck"),
            (_("Uji coba"), "science", "agreements.trial"),
            (_("Tahapan mal"), "flag_circle", "agreements.milestone"),
            (_("Surat"), "drafts", "agreements.letter"),
            (_("Pertemuan"), "diversity_3", "agreements.meeting"),
            (_("Keputusan rapat"), "task_alt", "agreements.decision"),
            (_("Orang"), "person", "tenants.user"),
            (_("Penempatan"), "assignment_ind", "tenants.placement"),
            (_("Orang per instansi"), "groups", "tenants.placement", "people"),
        ),
    ),
    (
        _("Layanan dan standar"),
        (
            (_("Layanan"), "list_alt", "services.service"),
            (_("Standar pelayanan"), "fact_check", "services.servicestandard"),
            (_("Jam buka"), "schedule", "services.openinghours"),
            (_("Kalender"), "calendar_month", "services.calendarday"),
            (_("Padanan kata"), "translate", "services.synonym"),
        ),
    ),
    (
        _("Gedung dan loket"),
        (
            (_("Zona"), "map", "tenants.zone"),
            (_("Loket"), "desk", "tenants.counter"),
            (_("Pemakaian loket"), "event_seat", "tenants.counterduty"),
            (_("Antrean"), "format_list_numbered", "queueing.queue"),
            (_("Antrean di loket"), "rule", "queueing.counterline"),
            (_("Perangkat"), "devices", "tenants.device"),
            (_("Layar"), "tv", "queueing.screen"),
            (_("Gambar dan video"), "perm_media", "queueing.medium"),
            (_("Suara zona"), "volume_up", "queueing.zonevoice"),
            (_("Klip suara"), "graphic_eq", "queueing.voiceclip", "catalogue"),
        ),
    ),
    (
        _("Warga"),
        (
            (_("Halaman mal"), "article", "services.guidepage"),
            (_("Fasilitas"), "wc", "services.facility"),
            (_("Tanya jawab"), "quiz", "services.question"),
            (_("Kabar"), "newspaper", "services.news"),
        ),
    ),
    (
        _("Pesan"),
        (
            (_("Pesan"), "mail", "notifications.message"),
            (_("Saluran pesan"), "outgoing_mail", "notifications.channelrule"),
            (_("Kata-kata pesan"), "edit_note", "notifications.wording"),
            (_("Persetujuan dikabari"), "verified_user", "notifications.way"),
            (_("Permintaan berhenti"), "notifications_off", "notifications.stop"),
        ),
    ),
    (
        _("Pengawasan"),
        (
            (_("Temuan"), "flag", "agreements.finding"),
            (_("Kehadiran"), "how_to_reg", "agreements.absencereport", "day"),
            (_("Izin petugas"), "event_busy", "agreements.leave"),
            (_("Masa evaluasi"), "event_repeat", "agreements.evaluationperiod"),
            (_("Lembar evaluasi"), "fact_check", "agreements.evaluationsheet"),
            (_("Setahun per instansi"), "bar_chart", "agreements.evaluationsheet", "year"),
            (_("Laporan"), "summarize", "agreements.report"),
            (_("Kejadian nomor"), "timeline", "queueing.ticketevent"),
            (_("Kunjungan"), "directions_walk", "queueing.visit"),
            (_("Bagian kuota"), "pie_chart", "queueing.share"),
            (_("Tambahan kuota"), "add_box", "queueing.extraquota"),
            (_("Blok nomor"), "view_module", "queueing.numberblock"),
            (_("Waktu pesanan"), "event_available", "queueing.slot"),
            (_("Perpindahan loket"), "move_down", "queueing.countermove"),
            (_("Percobaan masuk"), "login", "tenants.signinattempt"),
            (_("Catatan audit"), "receipt_long", "core.auditentry"),
        ),
    ),
    (
        _("Pengaturan"),
        (
            (_("Mal ini"), "storefront", "core.mall"),
            (_("Impor"), "upload_file", "core.importrun"),
            (_("Aturan mal"), "gavel", "queueing.hallrules"),
            (_("Aturan kerja sama"), "balance", "agreements.agreementrules"),
            (_("Aturan jenis naskah"), "rule", "agreements.kindrule"),
            (_("Syarat kesiapan"), "checklist", "agreements.readinesscriterion"),
            (_("Aturan kehadiran"), "rule", "agreements.attendancerules"),
            (_("Golongan prioritas"), "accessible", "queueing.priorityclass"),
            (_("Batas peringatan"), "notification_important", "queueing.alertrule"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu of who is signed in: home and hall, then a group for each task they have a part in."""
    home = {"title": str(_("Beranda")), "icon": "home", "link": _address("admin:index")}
    hall = {"title": str(_("Lantai, langsung")), "icon": "monitoring", "link": _address("floor")}
    desk = {"title": str(_("Loket saya")), "icon": "headset_mic", "link": _address("console")}
    groups = [(title, [item for row in rows if (item := _item(request, *row))]) for title, rows in MENU]
    _mark_nearest(request, [item for _title, items in groups for item in items])
    return [
        {"items": [home, hall if reach_of(request.user) is None else desk]},
        *({"title": str(title), "collapsible": True, "items": items} for title, items in groups if items),
    ]


def _item(
    request: HttpRequest, title: Any, icon: str, table: str, page: str = "changelist"
) -> dict[str, Any] | None:
    """Return one line of the menu; None for who may not open it."""
    model_admin: Any = admin.site.get_model_admin(apps.get_model(table))
    is_open = page == "changelist" or not model_admin.is_cut(request) or page in model_admin.agency_actions
    if not is_open or not model_admin.has_view_permission(request):
        return None
    name = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_{page}"
    # Unfold copies the menu for each page, and reads every line several times: plain text costs it least.
    return {"title": str(title), "icon": icon, "link": _address(name)}


@cache
def _address(name: str) -> str:
    return reverse(name)


def _mark_nearest(request: HttpRequest, items: list[dict[str, Any]]) -> None:
    """Let one entry alone be marked: of a table and a page of that table, the one with the longer address."""
    links = [item["link"] for item in items]
    nearest = max((link for link in links if request.path.startswith(link)), key=len, default=None)
    for item, link in zip(items, links, strict=True):
        item["active"] = link == nearest
