"""Addresses of the machines in the hall: kiosk and displays."""

from __future__ import annotations

from django.urls import path

from queueing.views import display, kiosk, kiosk_help, kiosk_lost, media, now, printing, voice

urlpatterns = [
    path("anjungan/", kiosk.start, name="kiosk"),
    path("anjungan/ambil/<slug:slug>/", kiosk.take, name="kiosk-take"),
    path("anjungan/nomor/<str:token>/", kiosk.ticket, name="kiosk-ticket"),
    path("anjungan/nomor/<str:token>/batal/", kiosk.cancel, name="kiosk-cancel"),
    path("anjungan/nomor/<str:token>/karcis/", kiosk.slip, name="kiosk-slip"),
    path("anjungan/nomor/<str:token>/cetak/", printing.print_ticket, name="kiosk-print"),
    path("anjungan/layanan/<slug:slug>/", kiosk.why, name="kiosk-why"),
    path("anjungan/cari/", kiosk_help.find, name="kiosk-search"),
    path("anjungan/akses/", kiosk_help.access, name="kiosk-access"),
    path("anjungan/belum-dicetak/", kiosk_help.unprinted, name="kiosk-unprinted"),
    path("anjungan/hilang/", kiosk_lost.find, name="kiosk-lost"),
    path("anjungan/percobaan/", kiosk_help.test_print, name="kiosk-test"),
    path("anjungan/terganggu/", kiosk_help.outage, name="kiosk-outage"),
    path("anjungan/pekerja.js", kiosk_help.worker, name="kiosk-worker"),
    path("anjungan/<slug:slug>/", kiosk.agency, name="kiosk-agency"),
    path("langsung/", now.now, name="now"),
    path("layar/", display.zones, name="display-list"),
    path("layar/pekerja.js", display.worker, name="display-worker"),
    path("layar/berkas/<slug:key>/", media.medium, name="display-medium"),
    path("layar/<slug:code>/", display.display, name="display"),
    path("layar/<slug:code>/suara.json", voice.zone_manifest, name="voice-manifest"),
    path("suara/<int:clip_id>/<slug:version>/", voice.voice_clip, name="voice-clip"),
]
