"""Lists of the admin when their tables have grown: how long each takes, how often it asks (trust.md A-02).

Tickets and what happened to them, audit entries, messages and sign-ins grow by themselves; services stand
for the catalogue, however large. Each page is asked for as the admin does who signed in once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import report
from bench.limits import Finding
from mpp.core import clock
from mpp.core.models import AuditEntry
from mpp.notifications.enums import MessageState
from mpp.notifications.models import Message
from queueing.models import Ticket, TicketEvent
from services.models import Service
from tenants.enums import Role
from tenants.models import Agency, SignInAttempt
from tests import factories as make

if TYPE_CHECKING:
    from bench.run import Bench

ROWS = 100_000
# A statement may take five seconds, also on a slow machine.
BATCH = 1_000
TIMES = 7
MS, QUERIES = 500.0, 15.0
# A page far behind, a word that some rows hold, and a filter of the list's own.
PAGES: tuple[tuple[type[models.Model], tuple[tuple[str, str], ...]], ...] = (
    (Ticket, (("searched", "?q=12345"), ("filtered", "?state__exact=WAITING"))),
    (TicketEvent, (("filtered", "?step__exact=issue"),)),
    (Service, (("searched", "?q=banyak"), ("filtered", "?standar=belum"))),
    (AuditEntry, (("searched", "?q=bench.7"), ("filtered", "?at__gte=2026-01-01"))),
    (Message, (("searched", "?q=giliran"), ("filtered", "?state__exact=SENT"))),
    (SignInAttempt, (("searched", "?q=orang-77"), ("filtered", "?succeeded__exact=0"))),
)
EVERYWHERE = (("first page", ""), ("page 1,000", "?p=1000"))


def measure(bench: Bench) -> Iterator[Finding]:
    """Fill the tables, then open their lists."""
    bench.database.fill(bench.many, ROWS, desks=32, hours=8)
    Grown().fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(make.make_user(Role.ADMIN))
    for model, own in PAGES:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name, query in (*EVERYWHERE, *own):
            yield from _opened(client, f"admin list of {model._meta.model_name}, {name}", address + query)


def _opened(client: Client, what: str, address: str) -> Iterator[Finding]:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
        # Before the next request: it begins its own tally.
        queries = len(asked)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    taken = []
    for _time in range(TIMES):
        start = time.monotonic()
        client.get(address)
        taken.append(1000 * (time.monotonic() - start))
    yield Finding(what, "p95 ms", report.percentile(taken, 0.95), MS)
    yield Finding(what, "queries", queries, QUERIES)


class Grown:
    """The rows that the tables are filled with; ever older."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.agencies = list(Agency.objects.order_by("pk"))

    def fill(self) -> None:
        for make_row in (self.service, self.audit_entry, self.message, self.sign_in):
            for start in range(0, ROWS, BATCH):
                rows = [make_row(number) for number in range(start, start + BATCH)]
                type(rows[0])._default_manager.bulk_create(rows)

    def service(self, number: int) -> models.Model:
        agency = self.agencies[number % len(self.agencies)]
        name = f"Layanan banyak {number}"
        return Service(agency=agency, code=f"BYK-{number}", slug=f"banyak-{number}", name=name)

    def audit_entry(self, number: int) -> models.Model:
        return AuditEntry(at=self.ago(number), action=f"bench.{number % 100}", target=f"baris {number}")

    def message(self, number: int) -> models.Model:
        at = self.ago(number)
        return Message(
            dedupe_key=f"bench-{number}",
            event="ticket_called",
            channel="console",
            recipient="+6281200000000",
            body=f"Nomor {number} giliran Anda.",
            state=MessageState.SENT,
            created_at=at,
            due_at=at,
            not_after=at,
            sent_at=at,
        )

    def sign_in(self, number: int) -> models.Model:
        return SignInAttempt(username=f"orang-{number % 1000}", at=self.ago(number), succeeded=number % 9 > 0)

    def ago(self, minutes: int) -> datetime:
        return self.now - timedelta(minutes=minutes)
