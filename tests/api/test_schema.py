"""The OpenAPI document and the page made from it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.conftest import Place

SNAPSHOT = Path(__file__).with_name("openapi.yaml")
RENEW = "python manage.py spectacular --validate --fail-on-warn --file tests/api/openapi.yaml"


def test_the_snapshot_is_current_and_the_document_is_sound(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(fresh))
    assert fresh.read_text() == SNAPSHOT.read_text(), f"The API has changed. Look at it, then: {RENEW}"


def test_programs_get_json_unless_they_ask_for_yaml(api: APIClient, place: Place) -> None:
    document = api.get("/api/v1/schema/").json()
    assert document["openapi"] == "3.1.0"
    for answer in (
        api.get("/api/v1/schema/?format=yaml"),
        api.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi"}),
    ):
        assert answer["Content-Type"].startswith("application/vnd.oai.openapi")
        assert yaml.safe_load(answer.content) == document


@cache
def operations() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load(SNAPSHOT.read_text())
    found = [operation for path in document["paths"].values() for operation in path.values()]
    return {operation["operationId"]: operation for operation in found}


@pytest.mark.parametrize("name", operations())
def test_every_operation_says_what_it_is_and_how_it_fails(name: str) -> None:
    operation = operations()[name]
    assert operation["summary"]
    assert {"429", "503"} <= set(operation["responses"])


def test_the_page_shows_every_operation(api: APIClient, place: Place) -> None:
    page = api.get("/api/v1/docs/").content.decode()
    for name in operations():
        assert f'id="{name}"' in page
    assert "Idempotency-Key" in page
    assert "estimate.low_minutes" in page


def test_the_page_needs_no_script_and_no_other_site(api: APIClient, place: Place) -> None:
    response = api.get("/api/v1/docs/")
    page = response.content.decode()
    assert "<script" not in page
    assert not re.search(r'\s(style|on\w+)="', page)
    assert not re.search(r'(src|<link[^>]*href)="(https?:)?//', page)
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_the_page_needs_no_mall(api: APIClient, db: None) -> None:
    assert api.get("/api/v1/docs/").status_code == 200
