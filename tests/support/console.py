"""Pressing the console's buttons without a browser, and reading what it answers."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from queueing.models import CounterSession, HallRules, Ticket

HX = {"HX-Request": "true"}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def same(html: str) -> str:
    """Leave out what is new in every answer: form tokens, the request key, the stream's signature."""
    return re.sub(r'(csrfmiddlewaretoken" value|request_key" value|data-mpp-live)="[^"]*"', "", html)


def button(html: str, name: str) -> str:
    """Return the tag of the button with this id."""
    found = re.search(rf'<(?:button|summary)[^>]*id="{name}"[^>]*>', html)
    assert found, f"no button {name}"
    return found[0]


def call(officer: Client, session: CounterSession, **fields: str) -> Any:
    return officer.post(f"/loket/{session.pk}/panggil/", fields)


def step(officer: Client, session: CounterSession, name: str, **fields: str) -> Any:
    return officer.post(f"/loket/{session.pk}/{name}/", fields)


def state_of(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return ticket.state


def lock_after(minutes: int) -> None:
    """Let idle screens lock by themselves, which they do not in other tests."""
    HallRules.objects.filter(pk=1).update(lock_minutes=minutes)
