"""Addresses for citizens."""

from __future__ import annotations

from django.urls import path

from queueing.views import (
    browse,
    crawlers,
    fairness,
    filed,
    first,
    mall_pages,
    paper,
    privacy,
    take,
    ticket,
    told,
    visit,
    wish,
)

urlpatterns = [
    path("t/<str:token>/", ticket.ticket_page, name="ticket"),
    path("", browse.home, name="home"),
    path("layanan/", browse.service_list, name="service-list"),
    path("layanan/<slug:slug>/", browse.service_detail, name="service-detail"),
    path("instansi/<slug:slug>/", browse.agency_detail, name="agency-detail"),
    path("mal/", mall_pages.index, name="mall"),
    path("mal/fasilitas/", mall_pages.facilities, name="facilities"),
    path("mal/kabar/", mall_pages.news, name="news"),
    path("mal/tanya-jawab/", mall_pages.questions, name="questions"),
    path("mal/<slug:slug>/", mall_pages.page, name="mall-page"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("antrean/ambil/<slug:slug>/", take.take_number, name="take-number"),
    path("antrean/kabari/<slug:slug>/", wish.ask, name="number-wish"),
    path("kabar-nomor/<str:token>/", wish.held, name="number-wish-held"),
    path("t/<str:token>/batal/", ticket.ticket_cancel, name="ticket-cancel"),
    path("t/<str:token>/masuk-lagi/", ticket.ticket_re_enter, name="ticket-re-enter"),
    path("t/<str:token>/mundur/", ticket.ticket_step_back, name="ticket-step-back"),
    path("t/<str:token>/didahulukan/", first.of_ticket, name="ticket-first"),
    path("privasi/", privacy.policy, name="privacy"),
    path("t/<str:token>/data/", privacy.of_ticket, name="ticket-data"),
    path("t/<str:token>/kabar/", told.of_ticket, name="ticket-told"),
    path("t/<str:token>/berkas/kabar/", told.of_file, name="file-told"),
    path("pekerja.js", told.worker, name="worker"),
    path("t/<str:token>/tambah/", visit.add_service, name="add-service"),
    path("kunjungan/<str:token>/", visit.visit_page, name="visit"),
    path("berkas/", filed.enter, name="file-enter"),
    path("berkas/<slug:code>/", filed.show, name="file"),
    path("nomor-saya/", ticket.my_tickets, name="my-tickets"),
    path("keadilan/", fairness.today, name="fairness"),
    path("keadilan/<str:day>/", fairness.on_day, name="fairness-day"),
    path("loket/kertas/", paper.enter, name="paper"),
]
