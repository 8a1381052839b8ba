"""An officer's key: how it is given, what it opens, when it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from mpp.core import clock, tokens
from mpp.core.models import AuditEntry
from tenants import actions
from tenants.models import ApiToken, SignInAttempt
from tests import factories as make
from tests.conftest import Place

CREDENTIALS = {"username": "petugas", "password": make.PASSWORD}


def ask(api: APIClient, **credentials: object) -> Any:
    return api.post("/api/v1/auth/token/", CREDENTIALS | credentials, format="json")


def open_counter(api: APIClient, place: Place, authorization: str) -> int:
    response = api.post(
        "/api/v1/counter-sessions/",
        {"counter": place.counter.code},
        format="json",
        headers={"Authorization": authorization},
    )
    status: int = response.status_code
    return status


def test_a_key_is_given_and_opens_a_counter(api: APIClient, place: Place) -> None:
    response = ask(api)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert datetime.fromisoformat(body["expires_at"]) > clock.now() + timedelta(hours=1)
    assert open_counter(api, place, f"Bearer {body['token']}") == 201


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "bearer"])
def test_either_scheme_is_understood(api: APIClient, place: Place, scheme: str) -> None:
    assert open_counter(api, place, f"{scheme} {actions.issue_api_token(place.officer)}") == 201


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer salah", "Basic cGV0dWdhcw==", "Bearer " + "x" * 9000]
)
def test_without_a_right_key_nothing_opens(api: APIClient, place: Place, authorization: str) -> None:
    assert open_counter(api, place, authorization) == 401


def test_only_the_digest_of_a_key_is_kept(api: APIClient, place: Place) -> None:
    token = ask(api).json()["token"]
    key = ApiToken.objects.get()
    assert key.digest == tokens.digest(token)
    assert key.user == place.officer


def test_every_try_is_recorded_and_no_password_with_it(api: APIClient, place: Place) -> None:
    ask(api)
    ask(api, password="salah-sekali-ini")
    assert sorted(SignInAttempt.objects.values_list("username", "succeeded")) == [
        ("petugas", False),
        ("petugas", True),
    ]
    assert "salah-sekali-ini" not in str(list(AuditEntry.objects.values()))


def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(api: APIClient, place: Place) -> None:
    wrong_password, wrong_name = ask(api, password="salah-sekali-ini"), ask(api, username="tidak-ada")
    assert (wrong_password.status_code, wrong_name.status_code) == (401, 401)
    assert wrong_password.content == wrong_name.content
    assert not ApiToken.objects.exists()


def test_a_person_who_left_gets_no_key_and_an_old_one_opens_nothing(api: APIClient, place: Place) -> None:
    token = ask(api).json()["token"]
    place.officer.is_active = False
    place.officer.save()
    assert ask(api).status_code == 401
    assert open_counter(api, place, f"Bearer {token}") == 401


def test_a_key_runs_out(api: APIClient, place: Place) -> None:
    token = ask(api).json()["token"]
    ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert open_counter(api, place, f"Bearer {token}") == 401


def test_after_too_many_tries_one_has_to_wait(api: APIClient, place: Place) -> None:
    statuses = [ask(api, password="salah-sekali-ini").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    response = ask(api)
    assert response.status_code == 429
    assert int(response["Retry-After"]) == response.json()["extra"]["wait_seconds"]


def test_an_old_key_in_the_header_does_not_keep_anyone_out(api: APIClient, place: Place) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer lewat-waktu")
    assert ask(api).status_code == 200


def test_public_lists_do_not_look_at_keys(api: APIClient, place: Place) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer lewat-waktu")
    assert api.get("/api/v1/services/").status_code == 200


@pytest.mark.parametrize(
    "credentials",
    [
        {"username": ""},
        {"password": ""},
        {"username": None},
        {"username": "x" * 10_000},
        {"password": "x" * 10_000},
        {"username": "petugas\u0000"},
        {"password": "\u202e"},
        {"username": ["petugas"]},
        {"username": 1},
        {"is_staff": True},
    ],
)
def test_credentials_that_make_no_sense_are_refused(
    api: APIClient, place: Place, credentials: dict[str, object]
) -> None:
    assert ask(api, **credentials).status_code == 400
    assert not SignInAttempt.objects.exists()
