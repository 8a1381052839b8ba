"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path, re_path

from mpp import api_docs
from mpp.core.endpoints import unknown_address
from queueing.api import blocks, booking, catalogue, files, sessions, tickets
from tenants.api import views as people

app_name = "api"


def _session(**methods: Any) -> Callable[..., Any]:
    return sessions.CounterSessions.as_view(methods)


STEPS = {
    "call-next": "call_next",
    "call": "call",
    "recall": "recall",
    "start": "start",
    "finish": "finish",
    "no-show": "no_show",
    "hold": "hold",
    "resume": "resume",
    "transfer": "transfer",
    "undo": "undo",
    "pause": "pause",
    "go-on": "go_on",
}

urlpatterns = [
    path("", api_docs.Index.as_view(), name="index"),
    path("schema/", api_docs.Schema.as_view(), name="schema"),
    path("docs/", api_docs.docs, name="docs"),
    path("auth/token/", people.TokenIssue.as_view(), name="auth-token"),
    path("agencies/", catalogue.AgencyList.as_view(), name="agencies"),
    path("services/", catalogue.ServiceList.as_view(), name="services"),
    path("services/<slug:slug>/", catalogue.ServiceDetail.as_view(), name="service"),
    path("services/<slug:slug>/slots/", booking.ServiceSlots.as_view(), name="slots"),
    path("queues/", catalogue.QueueList.as_view(), name="queues"),
    path("counters/", catalogue.CounterList.as_view(), name="counters"),
    path("tickets/", tickets.TicketIssue.as_view(), name="tickets"),
    path("tickets/<str:token>/", tickets.TicketDetail.as_view(), name="ticket"),
    path("tickets/<str:token>/cancel/", tickets.TicketCancel.as_view(), name="ticket-cancel"),
    path("tickets/<str:token>/re-enter/", tickets.TicketReEnter.as_view(), name="ticket-re-enter"),
    path("tickets/<str:token>/step-back/", tickets.TicketStepBack.as_view(), name="ticket-step-back"),
    path("files/<slug:code>/", files.FileDetail.as_view(), name="file"),
    path("bookings/", booking.BookingMake.as_view(), name="bookings"),
    path("bookings/<str:token>/", booking.BookingDetail.as_view(), name="booking"),
    path("bookings/<str:token>/cancel/", booking.BookingCancel.as_view(), name="booking-cancel"),
    path("bookings/<str:token>/move/", booking.BookingMove.as_view(), name="booking-move"),
    path("bookings/<str:token>/earlier/", booking.BookingEarlier.as_view(), name="booking-earlier"),
    path("bookings/<str:token>/check-in/", booking.BookingCheckIn.as_view(), name="booking-check-in"),
    path("number-blocks/", blocks.BlockLease.as_view(), name="number-blocks"),
    path("number-blocks/<int:id>/sync/", blocks.BlockSync.as_view(), name="number-block-sync"),
    path("number-blocks/<int:id>/return/", blocks.BlockReturn.as_view(), name="number-block-return"),
    path("counter-sessions/", _session(post="open"), name="counter-sessions"),
    path("counter-sessions/<int:id>/", _session(get="read", delete="close"), name="counter-session"),
    path("counter-sessions/<int:id>/next/", _session(get="next"), name="counter-session-next"),
    *(
        path(f"counter-sessions/<int:id>/{step}/", _session(post=name), name=f"counter-session-{step}")
        for step, name in STEPS.items()
    ),
    re_path(r"", unknown_address, name="unknown"),
]
