"""How long a message takes from its act to a provider that takes its time (trust.md F-12)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from django.db import transaction

from bench import layouts, report
from bench.limits import Finding
from mpp.notifications import outbox, ways
from mpp.notifications.enums import Kind
from mpp.notifications.models import Message
from mpp.notifications.outbox import News

if TYPE_CHECKING:
    from bench.run import Bench

ANSWER_SECONDS = 0.3
PEOPLE = 300
# An opening: more than five hundred numbers a minute would need.
ACTS_A_SECOND = 10.0
P95_SECONDS = 10.0
PATIENCE_SECONDS = 60.0


def measure(bench: Bench) -> list[Finding]:
    """Tell three hundred people at the pace of a rush."""
    with provider() as (url, arrivals):
        environment = {"SMS_URL": url, "SMS_BODY": '{"id": "{id}"}', "LOG_LEVEL": "ERROR"}
        with layouts.running(layouts.APART, bench.places, bench.scratch, **environment):
            written = tell_everyone()
            end = time.monotonic() + PATIENCE_SECONDS
            while len(arrivals) < PEOPLE and time.monotonic() < end:
                time.sleep(0.2)
    waits = [arrivals[key] - at for key, at in written.items() if key in arrivals]
    what = f"{PEOPLE} messages, {ACTS_A_SECOND:.0f} a second, a provider that takes {ANSWER_SECONDS:g} s"
    return [
        Finding(what, "p95 s to the provider", report.percentile(waits, 0.95), P95_SECONDS),
        Finding("the same", "did not arrive", PEOPLE - len(waits), 0),
    ]


def tell_everyone() -> dict[int, float]:
    """Write a message for each person, at a steady pace; return when each was written."""
    for number in range(PEOPLE):
        began = time.monotonic()
        holder = f"bench:{number}"
        with transaction.atomic():
            ways.choose(holder=holder, channel=Kind.SMS, recipient=f"+62812{number:08d}", words="Ya.")
            facts = {"nomor": f"A-{number:03d}", "loket": "3"}
            outbox.tell(News("ticket_called", holder, holder, facts, seconds=PATIENCE_SECONDS))
        time.sleep(max(0.0, 1 / ACTS_A_SECOND - (time.monotonic() - began)))
    rows = Message.objects.filter(channel=Kind.SMS).values_list("pk", "created_at")
    return {key: at.timestamp() for key, at in rows}


@contextmanager
def provider() -> Iterator[tuple[str, dict[int, float]]]:
    """Run a gateway that notes when each message came, and answers late."""
    arrivals: dict[int, float] = {}

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            arrivals.setdefault(int(body["id"]), time.time())
            time.sleep(ANSWER_SECONDS)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", arrivals
    finally:
        server.shutdown()
        server.server_close()
