"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path, re_path

from mpp import api_docs
from mpp.core.endpoints import unknown_address
from queueing.api import catalogue, sessions, tickets
from tenants.api import views as people

app_name = "api"


def _session(**methods: Any) -> Callable[..., Any]:
    return sessions.CounterSessions.as_view(methods)


STEPS = {
    "call-next": "call_next",
    "recall": "recall",
    "start": "start",
    "finish": "finish",
    "no-show": "no_show",
    "hold": "hold",
    "resume": "resume",
    "transfer": "transfer",
}

urlpatterns = [
    path("", api_docs.Index.as_view(), name="index"),
    path("schema/", api_docs.Schema.as_view(), name="schema"),
    path("docs/", api_docs.docs, name="docs"),
    path("auth/token/", people.TokenIssue.as_view(), name="auth-token"),
    path("agencies/", catalogue.AgencyList.as_view(), name="agencies"),
    path("services/", catalogue.ServiceList.as_view(), name="services"),
    path("services/<slug:slug>/", catalogue.ServiceDetail.as_view(), name="service"),
    path("queues/", catalogue.QueueList.as_view(), name="queues"),
    path("counters/", catalogue.CounterList.as_view(), name="counters"),
    path("tickets/", tickets.TicketIssue.as_view(), name="tickets"),
    path("tickets/<str:token>/", tickets.TicketDetail.as_view(), name="ticket"),
    path("tickets/<str:token>/cancel/", tickets.TicketCancel.as_view(), name="ticket-cancel"),
    path("counter-sessions/", _session(post="open"), name="counter-sessions"),
    path("counter-sessions/<int:id>/", _session(get="read", delete="close"), name="counter-session"),
    *(
        path(f"counter-sessions/<int:id>/{step}/", _session(post=name), name=f"counter-session-{step}")
        for step, name in STEPS.items()
    ),
    re_path(r"", unknown_address, name="unknown"),
]
