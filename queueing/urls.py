"""Addresses for citizens."""

from __future__ import annotations

from django.urls import path

from queueing.views import browse, take, ticket

urlpatterns = [
    path("", browse.home, name="home"),
    path("layanan/", browse.service_list, name="service-list"),
    path("layanan/<slug:slug>/", browse.service_detail, name="service-detail"),
    path("instansi/<slug:slug>/", browse.agency_detail, name="agency-detail"),
    path("antrean/ambil/<slug:slug>/", take.take_number, name="take-number"),
    path("t/<str:token>/", ticket.ticket_page, name="ticket"),
    path("t/<str:token>/batal/", ticket.ticket_cancel, name="ticket-cancel"),
    path("nomor-saya/", ticket.my_tickets, name="my-tickets"),
]
