"""The best bare endpoint: plain Django views that send the portal's statements of one act, no more.

No rule, no check, no form, no rendering: what lies between these and the portal is what the portal's own
code costs. `bench.run` compares how many statements both send.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import pickle
import secrets
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from mpp.core import planned

NOW_AND_REVISION = "SELECT clock_timestamp(), (SELECT value FROM core_revision WHERE id = 1)"
NOW = "SELECT clock_timestamp()"
SERVICE = """
SELECT s.id, q.queue_id FROM services_service s JOIN queueing_queueservice q ON q.service_id = s.id
WHERE s.slug = %s
"""
LOCK_LINE = """
SELECT * FROM queueing_queueday WHERE queue_id = %s AND block = ''
AND date = (%s AT TIME ZONE 'Asia/Makassar')::date ORDER BY id FOR NO KEY UPDATE
"""
NUMBER = """
WITH numbered AS (
    UPDATE queueing_queueday SET last_number = %(number)s, version = version + 1 WHERE id = %(line)s
    RETURNING id, version, clock_timestamp() AS moment
), written AS (
    INSERT INTO queueing_ticket (queue_day_id, line_id, number, service_id, state, channel, priority, lane,
        phone, person, nonce, token_digest, request_key, calls, issued_at, arrived_at, outcome,
        outcome_note, reentries)
    SELECT id, id, %(number)s, %(service)s, 'WAITING', 'ONLINE', '', 'R',
        '', '', %(nonce)s, %(digest)s, %(key)s, 0, moment, moment, '', '', 0 FROM numbered
    RETURNING id, issued_at
), told AS (
    INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, line_id, reason, passed, detail)
    SELECT id, 'issue', '', 'WAITING', issued_at, %(line)s, '', '{}', '{}' FROM written
)
SELECT written.id, issued_at, version FROM written, numbered
"""
STEP = """
WITH moved AS (UPDATE queueing_ticket SET {changes} WHERE id = %(ticket)s)
INSERT INTO queueing_ticketevent (ticket_id, step, source, target, at, actor_id, session_id, line_id,
    reason, passed, detail, request_key)
VALUES (%(ticket)s, %(step)s, %(source)s, %(target)s, %(at)s, %(actor)s, %(session)s, %(line)s,
    '', '{{}}', '{{}}', %(key)s) RETURNING id
"""
HINT = "SELECT pg_notify('mpp_live', %s)"
WAITING = """
SELECT line_id, lane, service_id, minute, sum(waiting) FROM queueing_waitingblock
WHERE line_id = ANY(%s) AND waiting > 0 GROUP BY 1, 2, 3, 4
"""
FIRST = """
SELECT head.* FROM (VALUES ('R'), ('X')) AS lanes(lane) CROSS JOIN LATERAL (
    SELECT id, line_id, lane, arrived_at, visit_id FROM queueing_ticket
    WHERE line_id = %s AND lane = lanes.lane AND state = 'WAITING' ORDER BY arrived_at, id LIMIT 1) AS head
"""
SAME_MINUTE = """
SELECT service_id, count(*) FROM queueing_ticket WHERE line_id = %s AND lane = 'R' AND state = 'WAITING'
AND arrived_at >= to_timestamp(%s) AND (arrived_at, id) < (%s, %s) GROUP BY 1
"""
DESKS = """
SELECT s.agency_id, s.paused_at, t.service_id, t.called_at, t.started_at FROM queueing_countersession s
LEFT JOIN queueing_ticket t ON t.session_id = s.id AND t.state IN ('CALLED', 'SERVING')
WHERE s.closed_at IS NULL AND s.agency_id = (SELECT agency_id FROM queueing_queue WHERE id = %s)
"""

OFFICER = """
SELECT t.*, u.* FROM tenants_apitoken t JOIN tenants_user u ON u.id = t.user_id
WHERE t.digest = %s AND t.expires_at > %s
"""
OWN_SESSION = """
SELECT s.*, c.*, z.*, a.*, u.* FROM queueing_countersession s JOIN tenants_counter c ON c.id = s.counter_id
JOIN tenants_zone z ON z.id = c.zone_id JOIN tenants_agency a ON a.id = s.agency_id
JOIN tenants_user u ON u.id = s.user_id WHERE s.id = %s
"""
CALLED_BEFORE = """
SELECT id, ticket_id, session_id FROM queueing_ticketevent WHERE request_key = %s ORDER BY id DESC LIMIT 1
"""
LOCK_LINES = """
SELECT d.* FROM queueing_queueday d WHERE d.block = '' AND d.date = %s
AND d.queue_id IN (SELECT id FROM queueing_queue WHERE agency_id = %s) ORDER BY d.id FOR NO KEY UPDATE OF d
"""
LOCK_SESSION = "SELECT * FROM queueing_countersession WHERE closed_at IS NULL AND id = %s FOR NO KEY UPDATE"
AT_COUNTER = """
SELECT t.*, d.*, t.id AS ticket, t.line_id AS line FROM queueing_ticket t
JOIN queueing_queueday d ON d.id = t.queue_day_id
WHERE t.state IN ('CALLED', 'SERVING') AND t.session_id = %s LIMIT 1
"""
HEADS = """
SELECT head.* FROM (VALUES ('R'), ('X')) AS lanes(lane) CROSS JOIN LATERAL (
    SELECT id, line_id, lane, arrived_at, visit_id FROM queueing_ticket
    WHERE line_id = %s AND lane = lanes.lane AND state = 'WAITING' ORDER BY arrived_at, id LIMIT 3) AS head
UNION ALL (SELECT id, line_id, lane, arrived_at, visit_id FROM queueing_ticket
    WHERE line_id = %s AND lane = 'C' AND state = 'WAITING' AND for_counter_id = %s
    ORDER BY arrived_at, id LIMIT 3)
"""
LABELLED = """
SELECT t.*, d.*, s.id, s.code, s.name, s.slug, a.*, c.*, o.* FROM queueing_ticket t
JOIN queueing_queueday d ON d.id = t.queue_day_id JOIN services_service s ON s.id = t.service_id
JOIN tenants_agency a ON a.id = s.agency_id LEFT JOIN queueing_countersession c ON c.id = t.session_id
LEFT JOIN tenants_counter o ON o.id = c.counter_id WHERE t.id = %s
"""
CALL = STEP.format(changes="state = 'CALLED', session_id = %(session)s, calls = 1, called_at = %(at)s")
CALLED = "UPDATE queueing_queueday SET since_priority = %s, express_run = 0, version = %s WHERE id = %s"
START = STEP.format(changes="state = 'SERVING', started_at = %(at)s")
FINISH = STEP.format(changes="state = 'DONE', ended_at = %(at)s, outcome = 'DONE', outcome_note = ''")
LOCK_ONE = "SELECT * FROM queueing_queueday WHERE id = %s FOR NO KEY UPDATE"
VERSION = "UPDATE queueing_queueday SET version = version + 1 WHERE id = %s RETURNING version"

Row = dict[str, Any]


def ask(sql: str, *values: Any, **named: Any) -> Row | None:
    """Send one statement and return its first row by column."""
    with planned.cursor() as cursor:
        cursor.execute(sql, named or values or None)
        if cursor.description is None:
            return None
        rows = cursor.fetchall()
        return (
            dict(zip((column.name for column in cursor.description), rows[0], strict=True)) if rows else None
        )


def need(sql: str, *values: Any, **named: Any) -> Row:
    """As `ask`, for a statement that has a row."""
    row = ask(sql, *values, **named)
    if row is None:
        raise LookupError(sql)
    return row


def health(request: HttpRequest) -> HttpResponse:
    """Answer that the process is there."""
    return HttpResponse("ok\n")


@csrf_exempt
def issue(request: HttpRequest) -> JsonResponse:
    """Give out the next number."""
    slug, key = json.loads(request.body)["service"], _key(request)
    now = need(NOW_AND_REVISION)["clock_timestamp"]
    service = need(SERVICE, slug)
    nonce = secrets.token_hex(16)
    with transaction.atomic():
        day = need(LOCK_LINE, service["queue_id"], now)
        number = day["last_number"] + 1
        digest = hashlib.sha256(nonce.encode()).hexdigest()
        place = {"line": day["id"], "number": number, "service": service["id"]}
        ticket = need(NUMBER, **place, nonce=nonce, digest=digest, key=key)
    ask(HINT, json.dumps({day["id"]: ticket["version"]}))
    ask(NOW)
    ask(WAITING, [day["id"]])
    ask(FIRST, day["id"])
    ask(DESKS, day["queue_id"])
    at = ticket["issued_at"]
    ask(SAME_MINUTE, day["id"], at.timestamp() // 60 * 60, at, ticket["id"])
    return JsonResponse({"number": number, "token": nonce}, status=201)


@csrf_exempt
def act(request: HttpRequest, session_id: int, step: str) -> JsonResponse | HttpResponse:
    """Call, start or finish."""
    key, token = _key(request), request.headers["Authorization"].removeprefix("Bearer ")
    at = need(NOW_AND_REVISION)["clock_timestamp"]
    officer = need(OFFICER, hashlib.sha256(token.encode()).hexdigest(), at)
    session = need(OWN_SESSION, session_id)
    if step == "call-next":
        return _call(session_id, session, officer["user_id"], key)
    return _step(session_id, officer["user_id"], step)


def _call(session_id: int, session: Row, officer: int, key: str) -> HttpResponse:
    with transaction.atomic():
        day = need(LOCK_LINES, session["date"], session["agency_id"])
        own = need(LOCK_SESSION, session_id)
        ask(CALLED_BEFORE, key)
        at = need(NOW)["clock_timestamp"]
        ask(AT_COUNTER, session_id)
        head = ask(HEADS, day["id"], day["id"], own["counter_id"])
        if head is None:
            return HttpResponse(status=204)
        need(LABELLED, head["id"])
        event = {"step": "call", "source": "WAITING", "target": "CALLED", "actor": officer}
        ask(CALL, ticket=head["id"], at=at, session=session_id, line=day["id"], key=key, **event)
        ask(CALLED, day["since_priority"] % 30_000 + 1, day["version"] + 1, day["id"])
    ask(HINT, json.dumps({day["id"]: day["version"] + 1}))
    ask(NOW)
    return JsonResponse({"number": head["id"]})


def _step(session_id: int, officer: int, step: str) -> HttpResponse:
    current = need(AT_COUNTER, session_id)
    ticket, line = current["ticket"], current["line"]
    with transaction.atomic():
        ask(LOCK_ONE, line)
        need(LABELLED, ticket)
        at = need(NOW)["clock_timestamp"]
        event = {
            "step": step,
            "source": current["state"],
            "target": "SERVING" if step == "start" else "DONE",
            "actor": officer,
            "session": session_id,
            "key": None,
        }
        ask(START if step == "start" else FINISH, ticket=ticket, at=at, line=line, **event)
        version = need(VERSION, line)["version"]
    ask(HINT, json.dumps({line: version}))
    ask(NOW)
    return JsonResponse({"number": ticket})


def page(_request: HttpRequest) -> HttpResponse:
    """Every statement of a page of the portal, in order, and as many bytes."""
    statements, size = _seen()
    for statement, values in statements:
        planned.ask(statement, values)
    return HttpResponse(b" " * size)


@functools.cache
def _seen() -> tuple[list[tuple[str, Any]], int]:
    found: tuple[list[tuple[str, Any]], int]
    found = pickle.loads(Path(os.environ["BENCH_PAGE"]).read_bytes())  # noqa: S301  written by bench.pages
    return found


def _key(request: HttpRequest) -> str:
    return hashlib.sha256(request.headers.get("Idempotency-Key", secrets.token_hex()).encode()).hexdigest()


urlpatterns = [
    path("healthz", health),
    path("page", page),
    path("api/v1/tickets/", issue),
    path("api/v1/counter-sessions/<int:session_id>/<str:step>/", act),
]
