"""Bodies that are not what they should be: a clear answer, and nothing written."""

from __future__ import annotations

import random
from typing import Any

import pytest
from rest_framework.test import APIClient

from queueing.models import CounterSession, Ticket, TicketEvent
from tests import factories as make
from tests.api.test_routes import STEPS
from tests.conftest import Place

KTP = b'{"service": "ktp-hilang"}'
PLAIN = "application/json"


def writers(place: Place) -> list[str]:
    """Every address that takes a body."""
    session = make.open_session(place.agency, place.counter, place.officer)
    token = make.issue(place.service).token
    return [
        "/api/v1/tickets/",
        "/api/v1/auth/token/",
        f"/api/v1/tickets/{token}/cancel/",
        f"/api/v1/tickets/{token}/re-enter/",
        "/api/v1/counter-sessions/",
        *(f"/api/v1/counter-sessions/{session.pk}/{step}/" for step in STEPS),
    ]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", PLAIN, 400, "bad_json"),
        (b"{'service': 1}", PLAIN, 400, "bad_json"),
        (b'{"service": NaN}', PLAIN, 400, "bad_json"),
        (b'{"service": ' + b"9" * 6000 + b"}", PLAIN, 400, "bad_json"),
        (b"[" * 60_000, PLAIN, 400, "bad_json"),
        (b'{"service": "\xff\xfe"}', PLAIN, 400, "bad_json"),
        ('{"service": "a"}'.encode("utf-16"), "application/json; charset=utf-16", 400, "bad_json"),
        (b'{"service": "\\ud800"}', PLAIN, 400, "bad_json"),
        (b'{"service": "a\\u0000b"}', PLAIN, 400, "bad_text"),
        (b'{"service": "a\\u202eb"}', PLAIN, 400, "bad_text"),
        (b'{"a\\u0000b": 1}', PLAIN, 400, "bad_text"),
        (b'{"service": {"a": ["\\u0007"]}}', PLAIN, 400, "bad_text"),
        (b"[]", PLAIN, 400, "invalid"),
        (b'"ktp-hilang"', PLAIN, 400, "invalid"),
        (b"7", PLAIN, 400, "invalid"),
        (b"null", PLAIN, 400, "invalid"),
        (b'{"tidak dikenal": 1}', PLAIN, 400, "invalid"),
        (b'{"service": "' + b"x" * 70_000 + b'"}', PLAIN, 413, "too_large"),
        (b"service=ktp-hilang", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (KTP, "text/plain", 415, "unsupported_media_type"),
        (b"--x--", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_everywhere(
    api: APIClient, officer: APIClient, place: Place, body: bytes, kind: str, status: int, code: str
) -> None:
    paths = writers(place)
    before = list(TicketEvent.objects.values_list("pk", "step"))
    for path in paths:
        client = officer if "counter-sessions" in path else api
        response = client.post(path, body, content_type=kind)
        assert (path, response.status_code, response.json()["code"]) == (path, status, code)
        assert response.json()["message"].endswith(".")
    assert list(TicketEvent.objects.values_list("pk", "step")) == before
    assert CounterSession.objects.count() == 1


@pytest.mark.parametrize("charset", ["utf-8", "zlib", "hex", "base64", "rot13", "latin-1", "x" * 200])
def test_json_is_utf_8_whatever_the_header_says(api: APIClient, place: Place, charset: str) -> None:
    response = api.post("/api/v1/tickets/", KTP, content_type=f"application/json; charset={charset}")
    assert response.status_code == 201


def test_the_last_of_two_equal_keys_counts(api: APIClient, place: Place) -> None:
    body = b'{"service": "tidak-ada", "service": "ktp-hilang"}'
    assert api.post("/api/v1/tickets/", body, content_type=PLAIN).status_code == 201


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "x"])
def test_only_json_is_spoken(api: APIClient, place: Place, accept: str) -> None:
    response = api.get("/api/v1/services/", headers={"Accept": accept})
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


HOSTILE: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    1.5,
    1e308,
    "",
    " ",
    "ktp-hilang",
    "x" * 10_000,
    "' OR 1=1 --",
    "{{7*7}}",
    "%s%n",
    "../../etc/passwd",
    "\u202e",
    "\u0000",
    "\ufffe",
    "\U0001f600" * 40,
    [],
    ["ktp-hilang"],
    {},
    {"slug": "ktp-hilang"},
]
NAMES = ["service", "channel", "priority", "phone", "number", "reason", "queue", "counter", "username"]
NAMES += ["outcome", "note", "performed"]


def test_no_body_breaks_anything(officer: APIClient, place: Place) -> None:
    # The seed makes a failure repeatable.
    chance = random.Random(20261121)
    paths = writers(place)
    for _ in range(400):
        body = {name: chance.choice(HOSTILE) for name in chance.sample(NAMES, chance.randrange(4))}
        response = officer.post(chance.choice(paths), body, format="json")
        assert response.status_code < 500


def test_no_question_breaks_anything(api: APIClient, place: Place) -> None:
    chance = random.Random(20261122)
    lists = ["agencies", "services", "queues", "counters", "services/ktp-hilang", "tickets/x"]
    names = ["q", "agency", "kind", "zone", "page", "page_size", "life_event", "service", "format", "lang"]
    for _ in range(300):
        asked = {name: str(chance.choice(HOSTILE)) for name in chance.sample(names, chance.randrange(4))}
        response = api.get(f"/api/v1/{chance.choice(lists)}/", asked)
        assert response.status_code < 500


def test_other_scripts_are_text_like_any_other(api: APIClient, place: Place) -> None:
    response = api.post("/api/v1/tickets/", {"service": "\U0001f600"}, format="json")
    assert response.status_code == 404
    assert not Ticket.objects.exists()
