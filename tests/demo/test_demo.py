"""The demo: open at every hour, people to sign in as, and none of it elsewhere."""

from __future__ import annotations

import json
import stat
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from agreements.models import Letter, Meeting, WorkItem
from mpp.core import clock
from mpp.core.models import AuditEntry, Mall
from mpp.demo import days, note, papers, tasks
from queueing import actions
from queueing.models import CounterSession
from services.enums import CalendarKind
from services.models import CalendarDay, OpeningHours
from tenants.enums import Role
from tenants.models import Agency, Counter, CounterDuty, Placement, User
from tests import factories as make
from tests.conftest import Place

pytestmark = pytest.mark.django_db
KEYS = {"role", "username", "password", "agency", "counter"}


@pytest.fixture(autouse=True)
def demo(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo whose note lies in a place of the test's own."""
    settings.DEMO = True
    settings.OPEN_REAL_HOURS = False
    monkeypatch.delenv("MALL", raising=False)
    monkeypatch.setattr(note, "path", lambda: tmp_path / "run" / "demo.json")
    return tmp_path / "run" / "demo.json"


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def sign_ins() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(run("demo_signin", "--json"))
    return entries


def test_an_empty_database_becomes_balangan_with_people_and_a_note(demo: Path) -> None:
    said = run("demo_prepare")
    assert said.count("\n") == 1
    assert Mall.objects.get().name == "MPP Balangan"
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    written = json.loads(demo.read_text(encoding="utf-8"))
    assert {"password", "signins", "zones", "mall"} <= written.keys()
    assert written["zones"][0] == written["zone"]
    assert written["signins"] == sign_ins()


def test_another_pack_is_chosen_by_mall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL", "hst")
    run("demo_prepare")
    assert Mall.objects.get().region == "Kabupaten Hulu Sungai Tengah"


def test_an_unknown_mall_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL", "bandung")
    with pytest.raises(CommandError, match="Paket “bandung” tidak ada"):
        run("demo_prepare")
    assert not Mall.objects.exists()


def test_a_mall_that_is_there_stays(place: Place) -> None:
    run("demo_prepare")
    assert Mall.objects.get().name == "MPP Uji"
    assert Agency.objects.count() == 1


def test_preparing_twice_makes_nobody_twice_and_a_new_password(place: Place) -> None:
    run("demo_prepare")
    first = sign_ins()
    people, placements = User.objects.count(), Placement.objects.count()
    run("demo_prepare")
    assert (User.objects.count(), Placement.objects.count()) == (people, placements)
    assert [each["username"] for each in sign_ins()] == [each["username"] for each in first]
    assert sign_ins()[0]["password"] != first[0]["password"]


def test_there_is_one_of_each_role_and_an_officer_for_every_counter_of_today(place: Place) -> None:
    second = make.make_counter(make.make_agency(), number="9")
    run("demo_prepare")
    entries = sign_ins()
    assert all(entry.keys() == KEYS for entry in entries)
    assert {entry["role"] for entry in entries} == {role.lower() for role in Role}
    officers = {entry["counter"] for entry in entries if entry["role"] == "officer"}
    assert officers == {place.counter.code, second.code}


def test_everybody_can_sign_in_and_officers_can_open_their_counter(place: Place) -> None:
    run("demo_prepare")
    for entry in sign_ins():
        user = authenticate(username=entry["username"], password=entry["password"])
        assert isinstance(user, User)
        assert user.role.lower() == entry["role"]
        assert user.is_staff == (entry["role"] in {"admin", "auditor", "agency_manager"})
        assert not user.is_superuser
        if entry["counter"]:
            actions.open_counter(counter=Counter.objects.get(code=entry["counter"]), by=user)
    assert CounterSession.objects.open().count() == 1


def test_at_a_shared_counter_only_the_agency_of_today_has_it(place: Place) -> None:
    shared = Counter.objects.create(code="L50", number="50", zone=place.zone)
    today = clock.today()
    there, elsewhere = make.make_agency(code="HADIR"), make.make_agency(code="BESOK")
    for agency, day in ((there, today), (elsewhere, today + timedelta(days=1))):
        CounterDuty.objects.create(
            counter=shared, agency=agency, weekday=day.isoweekday(), valid_from=make.LONG_AGO
        )
    run("demo_prepare")
    counters = {entry["agency"]: entry["counter"] for entry in sign_ins() if entry["role"] == "officer"}
    assert counters["HADIR"] == "L50"
    assert counters["BESOK"] is None


def test_a_counter_out_of_use_gets_nobody(place: Place) -> None:
    closed = make.make_counter(make.make_agency(code="LAMA"))
    Counter.objects.filter(pk=closed.pk).update(is_active=False)
    run("demo_prepare")
    assert "LAMA" not in {entry["agency"] for entry in sign_ins()}


def test_sign_ins_are_made_when_the_note_is_gone_or_spoilt(place: Place, demo: Path) -> None:
    assert sign_ins()
    demo.write_text("[]", encoding="utf-8")
    entry = sign_ins()[0]
    assert authenticate(username=entry["username"], password=entry["password"])


def test_a_newcomer_can_take_a_number_at_any_hour(place: Place) -> None:
    OpeningHours.objects.all().delete()
    run("demo_prepare")
    midnight = datetime.combine(clock.today(), datetime.min.time())
    for hour in (0, 3, 12, 23):
        with clock.frozen(clock.aware(midnight + timedelta(hours=hour, minutes=59))):
            assert make.issue(place.service).number


def test_the_opening_reaches_over_midnight_and_says_what_it_is(place: Place) -> None:
    run("demo_prepare")
    rows = CalendarDay.objects.filter(kind=CalendarKind.SPECIAL_OPENING).order_by("date")
    assert [row.date for row in rows] == [clock.today(), clock.today() + timedelta(days=1)]
    assert {row.name for row in rows} == {days.NAME}
    tomorrow = clock.now() + timedelta(days=1)
    with clock.frozen(tomorrow):
        tasks.open_today()
        tasks.open_today()
    assert rows.all().count() == 3


def test_real_hours_take_the_special_opening_back(place: Place, settings: Settings) -> None:
    run("demo_prepare")
    settings.OPEN_REAL_HOURS = True
    run("demo_prepare")
    assert not CalendarDay.objects.filter(kind=CalendarKind.SPECIAL_OPENING).exists()
    assert AuditEntry.objects.filter(action="calendar.withdraw").exists()


def test_a_special_opening_of_the_mall_itself_stays(place: Place, settings: Settings) -> None:
    settings.OPEN_REAL_HOURS = True
    today: date = clock.today()
    CalendarDay.objects.create(
        date=today,
        kind=CalendarKind.SPECIAL_OPENING,
        name="Pameran",
        is_open=True,
        opens_at="08:00",
        closes_at="20:00",
    )
    run("demo_prepare")
    assert CalendarDay.objects.get(kind=CalendarKind.SPECIAL_OPENING).name == "Pameran"


@pytest.mark.parametrize("command", ["demo_prepare", "demo_signin"])
def test_outside_the_demo_nothing_of_it_exists(
    place: Place, settings: Settings, demo: Path, command: str
) -> None:
    settings.DEMO = False
    people = User.objects.count()
    with pytest.raises(CommandError, match="hanya untuk demo"):
        run(command)
    tasks.open_today()
    assert User.objects.count() == people
    assert not CalendarDay.objects.exists()
    assert not demo.exists()


def test_without_a_mall_the_task_waits() -> None:
    tasks.open_today()
    assert not CalendarDay.objects.exists()


def test_the_sample_papers_are_written_once_and_say_that_they_are_samples(place: Place) -> None:
    make.make_agency()
    assert papers.prepare() is True
    assert papers.prepare() is False
    for model in (WorkItem, Letter, Meeting):
        assert set(model.objects.values_list("is_sample", flat=True)) == {True}
    assert WorkItem.objects.tally(clock.today()) == {"all": 2, "done": 1, "late": 1}
