"""Every address of the API with the methods it allows; a new one has to be added here."""

from __future__ import annotations

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from tests.conftest import Place

STEPS = (
    *("call-next", "call", "recall", "start", "finish", "no-show", "hold", "resume", "transfer", "undo"),
    *("pause", "go-on"),
)
BOOKED = {
    "services/<slug:slug>/slots/": {"GET"},
    "bookings/": {"POST"},
    "bookings/<str:token>/": {"GET"},
} | {f"bookings/<str:token>/{act}/": {"POST"} for act in ("cancel", "move", "earlier", "check-in")}
ROUTES = (
    {
        "": {"GET"},
        "schema/": {"GET"},
        "docs/": {"GET"},
        "auth/token/": {"POST"},
        "agencies/": {"GET"},
        "services/": {"GET"},
        "services/<slug:slug>/": {"GET"},
        "queues/": {"GET"},
        "counters/": {"GET"},
        "files/<slug:code>/": {"GET"},
        "tickets/": {"POST"},
        "tickets/<str:token>/": {"GET"},
        "tickets/<str:token>/cancel/": {"POST"},
        "tickets/<str:token>/re-enter/": {"POST"},
        "tickets/<str:token>/step-back/": {"POST"},
        "number-blocks/": {"POST"},
        "number-blocks/<int:id>/sync/": {"POST"},
        "number-blocks/<int:id>/return/": {"POST"},
        "counter-sessions/": {"POST"},
        "counter-sessions/<int:id>/": {"GET", "DELETE"},
        "counter-sessions/<int:id>/next/": {"GET"},
    }
    | BOOKED
    | {f"counter-sessions/<int:id>/{step}/": {"POST"} for step in STEPS}
)
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


EXAMPLES = {"<slug:slug>": "ktp-hilang", "<slug:code>": "k7m-2pq", "<str:token>": "rahasia", "<int:id>": "1"}


def example(route: str) -> str:
    for part, value in EXAMPLES.items():
        route = route.replace(part, value)
    return f"/api/v1/{route}"


def test_no_address_is_missing_from_this_list() -> None:
    *known, unknown = get_resolver("mpp.api_urls").url_patterns
    assert {str(pattern.pattern) for pattern in known} == set(ROUTES)
    assert str(unknown.pattern) == ""


@pytest.mark.parametrize("route", ROUTES)
def test_an_address_allows_its_methods_and_no_other(officer: APIClient, place: Place, route: str) -> None:
    path = example(route)
    for method in METHODS:
        response = officer.generic(method, path)
        assert (response.status_code == 405) == (method not in ROUTES[route]), (method, path)
        if response.status_code == 405 and route != "docs/":
            assert response.json()["code"] == "method_not_allowed"
            assert set(response["Allow"].split(", ")) - {"HEAD"} == ROUTES[route]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "v1/tidak-ada/",
        "v1/services",
        "v1/tickets",
        "v1/tickets/a/b/",
        "v1/counter-sessions/x/",
        "v1/%00/",
        "",
        "v2/x",
    ],
)
def test_an_unknown_address_answers_in_json_and_never_redirects(place: Place, method: str, path: str) -> None:
    api = APIClient(enforce_csrf_checks=True)
    response = api.generic(method, f"/api/{path}")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert response["Content-Type"] == "application/json"


def test_the_beginning_names_the_public_addresses(api: APIClient, place: Place) -> None:
    for path in api.get("/api/v1/").json().values():
        assert api.get(path).status_code in {200, 405}


@pytest.mark.parametrize("route", ROUTES)
def test_no_answer_invites_another_site(api: APIClient, place: Place, route: str) -> None:
    response = api.generic("GET", example(route), headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in response
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
