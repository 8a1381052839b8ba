"""Who may open what: one matrix over every address. An address that is missing here fails the build."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from mpp.core import clock
from queueing import actions
from queueing.models import VoiceClip
from services.actions import receive, start_disruption
from services.models import GuidePage
from tenants.enums import Role
from tenants.models import Agency, User
from tests import factories as make
from tests.conftest import make_place

pytestmark = pytest.mark.django_db

MATRIX: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("access.yaml").read_text())


@dataclass
class Cast:
    """One person of each kind, and the things they look at."""

    people: dict[str, User | None]
    arguments: dict[str, Any]
    sessions: dict[str, str]

    def client_of(self, person: str) -> Client:
        """A browser in which this person has signed in."""
        client = Client()
        if session := self.sessions.get(person):
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client


@pytest.fixture(scope="module")
def cast(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """The same cast, in one moment, for all tests of this module; gone afterwards."""
    around = transaction.atomic()
    # As Django's TestCase says: acts may begin their transactions in it.
    around._from_testcase = True  # type: ignore[attr-defined]
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, around, clock.frozen(clock.now()):
        yield make_cast()
        transaction.set_rollback(True)


def make_cast() -> Cast:
    place = make_place()
    stranger_agency = make.make_agency()
    people: dict[str, User | None] = {
        "anonymous": None,
        "officer": place.officer,
        "colleague": make.make_user(agency=place.agency),
        "stranger": make.make_user(agency=stranger_agency),
        "agency_manager": make.make_user(Role.AGENCY_MANAGER, place.agency),
        "receptionist": make.make_user(Role.RECEPTIONIST),
        "floor_manager": make.make_user(Role.FLOOR_MANAGER),
        "admin": make.make_user(Role.ADMIN),
        "auditor": make.make_user(Role.AUDITOR, is_staff=True),
    }
    ticket = make.issue(place.service)
    visit = actions.join(ticket=ticket)
    session = make.open_session(place.agency, place.counter, place.officer)
    actions.call_next(session=session, by=place.officer)
    clip = VoiceClip(clip="counter", format="wav", seconds=1, version="uji")
    clip.file.save("uji.wav", ContentFile(b"uji"))
    manager = people["floor_manager"]
    assert manager is not None
    kiosk = make.make_device(roll_slips=500)
    make.pair(kiosk)
    GuidePage.objects.create(slug="maklumat", title="Maklumat", body="Uji.")
    arguments = {
        "slug": {"agency-detail": "dukcapil", "kiosk-agency": "dukcapil", "mall-page": "maklumat"},
        "token": ticket.token,
        "visit_token": visit.token,
        "day": "2020-01-01",
        "session_id": session.pk,
        "ticket_id": ticket.pk,
        "id": session.pk,
        "step": "start",
        "code": "kependudukan",
        "language": "en",
        "clip_id": clip.pk,
        "version": clip.version,
        "counter_id": place.counter.pk,
        "queue_id": place.queue.pk,
        "call_id": actions.call_help(session=session, kind="ASK", by=place.officer).pk,
        "announcement_id": actions.announce(
            text="Uji", ends_at=clock.now() + timedelta(minutes=5), by=manager
        ).pk,
        "device_id": kiosk.pk,
        "key": "tidak-ada",
        "name": "192.png",
        "file_id": receive(service=place.service, origin="uji:1", number="A-099", by=place.officer).pk,
        "trouble_id": start_disruption(message="Uji", agency=stranger_agency).pk,
    }
    sessions = {}
    for person, user in people.items():
        if user:
            client = Client()
            client.force_login(user)
            sessions[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Cast(people, arguments, sessions)


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            namespace = f"{entry.namespace}:" if entry.namespace else ""
            if entry.namespace != "admin":
                yield from patterns(entry, prefix + namespace)
        elif entry.name:
            yield prefix + entry.name, entry


ADDRESSES = dict(patterns(get_resolver()))


def address_of(name: str, arguments: dict[str, Any]) -> str:
    wanted = ADDRESSES[name].pattern.converters
    values = {key: arguments[key] for key in wanted}
    if name == "file-step":
        values["step"] = "process"
    if "slug" in values:
        values["slug"] = arguments["slug"].get(name, "ktp-hilang")
    if name == "visit":
        values["token"] = arguments["visit_token"]
    return reverse(name, kwargs=values)


def test_every_address_is_in_the_matrix() -> None:
    assert set(ADDRESSES) - {"api:unknown"} == set(MATRIX)


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_each_address_answers_each_person_as_the_matrix_says(cast: Cast, name: str) -> None:
    rule = MATRIX[name]
    method = rule.get("method", "get")
    url = address_of(name, cast.arguments)
    answers = {}
    for person in cast.people:
        client = cast.client_of(person)
        options: dict[str, Any] = {"data": rule.get("body", {})} if method == "post" else {}
        if name.startswith("api:") and method == "post":
            options["content_type"] = "application/json"
        before = transaction.savepoint()
        answers[person] = getattr(client, method)(url, **options).status_code
        transaction.savepoint_rollback(before)
    expected = {person: rule.get(person, rule["all"]) for person in cast.people}
    assert answers == expected


@pytest.mark.parametrize("page", ["index", "tenants_agency_changelist", "queueing_ticket_changelist"])
def test_the_admin_is_for_the_office_and_for_managers_of_agencies(cast: Cast, page: str) -> None:
    answers = {}
    for person in cast.people:
        answers[person] = cast.client_of(person).get(reverse(f"admin:{page}")).status_code
    assert {person for person, status in answers.items() if status == 200} == {
        "admin",
        "agency_manager",
        "auditor",
    }


def test_an_auditor_changes_nothing_in_the_admin(cast: Cast) -> None:
    client = cast.client_of("auditor")
    agency = Agency.objects.get(slug="dukcapil")
    change = reverse("admin:tenants_agency_change", args=[agency.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"name": "lain"}).status_code == 403
    assert client.get(reverse("admin:tenants_agency_add")).status_code == 403
