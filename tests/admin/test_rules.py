"""The rules of a line and of the hall in the admin: understood, refused with words, never half saved."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from mpp.core import clock
from mpp.core.models import AuditEntry
from queueing.coverage import unserved_lines
from queueing.enums import Channel
from queueing.models import (
    CounterLine,
    HallRules,
    PriorityClass,
    Queue,
    QueueDay,
    QueueService,
    QueueWave,
    Share,
)
from queueing.resources import RULES
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import send, url
from tests.admin.test_forms import errors, filled, save
from tests.admin.test_imports import confirm, exported, problems, text
from tests.conftest import Place


@pytest.fixture
def colleague(place: Place) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.ADMIN, username="rekan"))
    return client


def warnings(page: Any) -> list[str]:
    return [str(message) for message in get_messages(page.wsgi_request) if message.level_tag == "warning"]


def shares() -> dict[str, tuple[int, int]]:
    return {row.name: (row.reserved, row.taken) for row in Share.objects.all()}


def as_it_is() -> tuple[Any, ...]:
    """All that a saved rule would change."""
    return (
        Queue.objects.values().get(),
        QueueDay.objects.values().get(),
        shares(),
        Queue.history.count(),
        list(QueueWave.objects.values()),
        AuditEntry.objects.count(),
    )


# Every rule is there, and says what it does


RULES_OF_A_LINE = [
    field.name
    for field in Queue._meta.concrete_fields
    if field.editable and field.name not in {"id", "code", "agency", "prefix", "name", "is_active"}
]


def test_every_rule_of_a_line_is_in_the_form_with_a_word_of_help(place: Place, admin: Client) -> None:
    form = admin.get(url(Queue, "change", place.queue.pk)).context["adminform"].form
    assert set(RULES_OF_A_LINE) <= set(form.fields)
    assert [name for name in RULES_OF_A_LINE if not form.fields[name].help_text] == []


def test_every_rule_of_the_hall_is_in_the_form_with_a_word_of_help(place: Place, admin: Client) -> None:
    form = admin.get(url(HallRules, "change", 1)).context["adminform"].form
    names = [field.name for field in HallRules._meta.concrete_fields if field.name != "id"]
    assert set(names) <= set(form.fields)
    assert [name for name in names if not form.fields[name].help_text] == []


def test_every_rule_of_a_line_can_come_by_file() -> None:
    assert set(RULES) == set(RULES_OF_A_LINE) - {"daily_quota"}


@pytest.mark.parametrize("words", ["Urutan panggilan", "Bila tidak ada yang datang", "Akhir hari"])
def test_the_rules_stand_in_groups_that_a_clerk_looks_for(place: Place, admin: Client, words: str) -> None:
    assert words in admin.get(url(Queue, "change", place.queue.pk)).content.decode()


# A quota


def test_a_new_quota_holds_from_the_moment_it_is_saved(place: Place, admin: Client) -> None:
    make.limit(place.queue, 10, online_percent=50)
    make.issue(place.service)
    assert save(admin, Queue, place.queue, daily_quota="20", online_percent="25").status_code == 302
    assert QueueDay.objects.get().quota == 20
    assert shares() == {"ONLINE": (5, 1), "REST": (15, 0)}
    assert Queue.history.latest().history_user.username == "admin"
    assert AuditEntry.objects.get(action="queue.quota").actor_name == "admin"


def test_a_quota_below_what_is_issued_is_refused_and_nothing_is_half_done(
    place: Place, admin: Client
) -> None:
    make.limit(place.queue, 10, online_percent=50)
    for channel in (Channel.ONLINE, Channel.KIOSK, Channel.KIOSK):
        make.issue(place.service, channel=channel)
    before = as_it_is()
    wave = {"waves-TOTAL_FORMS": "1", "waves-0-at": "08:00", "waves-0-percent": "50"}
    page = save(admin, Queue, place.queue, daily_quota="2", name="Nama baru", **wave)
    assert "Kuota 2 lebih kecil dari 3 nomor yang sudah keluar" in errors(page)
    assert 'value="Nama baru"' in page.content.decode()
    assert as_it_is() == before


def test_shares_above_a_hundred_are_refused_beside_them(place: Place, admin: Client) -> None:
    page = save(admin, Queue, place.queue, online_percent="60", booked_percent="30", staff_percent="20")
    assert "berjumlah 110 persen" in errors(page)
    place.queue.refresh_from_db()
    assert place.queue.online_percent == 50


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("online_percent", "101"),
        ("priority_ratio", "0"),
        ("express_in_a_row", "0"),
        ("calls_before_no_show", "0"),
        ("slot_minutes", "4"),
        ("slot_minutes", "241"),
        ("booking_days", "0"),
        ("late_minutes", "-1"),
        ("shares_release_at", "25:00"),
        ("leftover", "BUANG"),
    ],
)
def test_a_figure_out_of_bounds_is_refused(place: Place, admin: Client, field: str, value: str) -> None:
    before = Queue.objects.values().get()
    assert errors(save(admin, Queue, place.queue, **{field: value}))
    assert Queue.objects.values().get() == before


def test_the_later_of_two_admins_is_told_and_overwrites_nothing(
    place: Place, admin: Client, colleague: Client
) -> None:
    late = filled(colleague, Queue, place.queue)
    assert save(admin, Queue, place.queue, priority_ratio="4").status_code == 302
    page = colleague.post(url(Queue, "change", place.queue.pk), late | {"priority_ratio": "9"})
    assert "Orang lain baru saja mengubah antrean ini." in errors(page)
    place.queue.refresh_from_db()
    assert place.queue.priority_ratio == 4


# Waves, and what a counter serves


def test_waves_are_written_beside_the_line(place: Place, admin: Client) -> None:
    sent = {"waves-TOTAL_FORMS": "2"}
    for row, (hour, percent) in enumerate([("08:00", 40), ("12:00", 100)]):
        sent |= {f"waves-{row}-at": hour, f"waves-{row}-percent": str(percent)}
    assert save(admin, Queue, place.queue, **sent).status_code == 302
    assert list(QueueWave.objects.values_list("at", "percent")) == [(time(8), 40), (time(12), 100)]


@pytest.mark.parametrize(
    "rows", [[("08:00", 0)], [("08:00", 101)], [("08:00", 50), ("08:00", 60)], [("", 50)]]
)
def test_a_wave_that_makes_no_sense_is_refused(
    place: Place, admin: Client, rows: list[tuple[str, int]]
) -> None:
    sent = {"waves-TOTAL_FORMS": str(len(rows))}
    for row, (hour, percent) in enumerate(rows):
        sent |= {f"waves-{row}-at": hour, f"waves-{row}-percent": str(percent)}
    assert save(admin, Queue, place.queue, **sent).status_code == 200
    assert not QueueWave.objects.exists()


def test_a_counter_gets_its_line_with_a_weight(place: Place, admin: Client) -> None:
    sent = {"counter": place.counter.pk, "queue": place.queue.pk, "weight": "3"}
    assert admin.post(url(CounterLine, "add"), sent).status_code == 302
    assert CounterLine.objects.get().weight == 3
    assert admin.post(url(CounterLine, "add"), sent).status_code == 200
    assert admin.post(url(CounterLine, "add"), sent | {"weight": "11"}).status_code == 200
    assert CounterLine.objects.count() == 1


def test_a_line_that_no_counter_serves_any_more_is_named(place: Place, admin: Client) -> None:
    other = make.make_queue(make.make_service(place.agency), prefix="B", name="Perekaman")
    sent = {"counter": place.counter.pk, "queue": place.queue.pk, "weight": "1"}
    page = admin.post(url(CounterLine, "add"), sent)
    assert warnings(page) == [
        "Antrean B · Perekaman tidak dilayani loket mana pun. Tambahkan di “antrean di loket”."
    ]
    assert unserved_lines(place.agency.pk) == [other]
    make.make_counter(place.agency)
    assert unserved_lines(place.agency.pk) == []


# The hall


def test_the_rules_of_the_hall_are_changed_and_kept_in_their_history(place: Place, admin: Client) -> None:
    assert save(admin, HallRules, HallRules.objects.get(), numbers_per_person="2").status_code == 302
    assert HallRules.objects.get().numbers_per_person == 2
    assert HallRules.history.latest().history_user.username == "admin"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("numbers_per_person", "0"),
        ("numbers_per_person", "10"),
        ("no_shows", "0"),
        ("no_show_days", "31"),
        ("return_to_minutes", "0"),
        ("undo_seconds", "61"),
    ],
)
def test_a_limit_out_of_bounds_is_refused(place: Place, admin: Client, field: str, value: str) -> None:
    before = HallRules.objects.values().get()
    assert save(admin, HallRules, HallRules.objects.get(), **{field: value}).status_code == 200
    assert HallRules.objects.values().get() == before


def test_there_is_one_set_of_rules_and_it_stays(place: Place, admin: Client) -> None:
    assert admin.get(url(HallRules, "add")).status_code == 403
    assert admin.post(url(HallRules, "delete", 1), {"post": "yes"}).status_code == 403


def test_a_class_of_priority_is_set_out_of_use_and_keeps_its_code(place: Place, admin: Client) -> None:
    child = PriorityClass.objects.get(code="CHILD")
    page = admin.get(url(PriorityClass, "change", child.pk))
    assert "code" not in page.context["adminform"].form.fields
    sent = filled(admin, PriorityClass, child) | {"code": "SUDDEN"}
    sent.pop("is_active")
    assert admin.post(url(PriorityClass, "change", child.pk), sent).status_code == 302
    child.refresh_from_db()
    assert (child.code, child.is_active) == ("CHILD", False)
    assert admin.post(url(PriorityClass, "delete", child.pk), {"post": "yes"}).status_code == 403


# By file


def test_a_file_may_leave_the_rules_out_and_they_stay(place: Place, admin: Client) -> None:
    Queue.objects.update(priority_ratio=5, online_percent=30)
    rows = [{name: cell for name, cell in row.items() if name not in RULES} for row in exported(admin, Queue)]
    rows[0]["name"] = "Nama baru"
    service = make.make_service(place.agency)
    rows.append(rows[0] | {"code": "Q-BARU", "prefix": "Z", "services": service.code})
    page = send(admin, Queue, text(rows))
    assert page.context["result"].problems == []
    assert confirm(admin, Queue, page).status_code == 302
    place.queue.refresh_from_db()
    assert (place.queue.name, place.queue.priority_ratio, place.queue.online_percent) == ("Nama baru", 5, 30)
    fresh = Queue.objects.get(code="Q-BARU")
    assert (fresh.priority_ratio, fresh.online_percent) == (2, 50)
    assert QueueService.objects.get(service=service).queue == fresh


def test_a_file_may_bring_any_rule(place: Place, admin: Client) -> None:
    [row] = exported(admin, Queue)
    row |= {"online_percent": "40", "shares_release_at": "13:00", "leftover": "CARRY", "stops_in_time": "0"}
    assert confirm(admin, Queue, send(admin, Queue, text([row]))).status_code == 302
    place.queue.refresh_from_db()
    assert (place.queue.online_percent, place.queue.shares_release_at) == (40, time(13))
    assert (place.queue.leftover, place.queue.stops_in_time) == ("CARRY", False)


def test_a_quota_by_file_holds_at_once(place: Place, admin: Client) -> None:
    make.limit(place.queue, 10, online_percent=50)
    make.issue(place.service)
    [row] = exported(admin, Queue)
    page = send(admin, Queue, text([row | {"daily_quota": "30"}]))
    assert QueueDay.objects.get().quota == 10
    assert confirm(admin, Queue, page).status_code == 302
    assert shares() == {"ONLINE": (15, 1), "REST": (15, 0)}


def test_a_quota_by_file_below_what_is_issued_is_refused_with_its_row(place: Place, admin: Client) -> None:
    make.limit(place.queue, 10)
    for _person in range(4):
        make.issue(place.service)
    before = as_it_is()
    [row] = exported(admin, Queue)
    found = problems(admin, Queue, text([row | {"daily_quota": "3"}]))
    today = f"{clock.today():%d-%m-%Y}"
    assert found == [
        f"Baris 2, kolom daily_quota: Kuota 3 lebih kecil dari 4 nomor yang sudah keluar pada {today}."
    ]
    assert as_it_is() == before
    too_much = problems(admin, Queue, text([row | {"online_percent": "90", "staff_percent": "20"}]))
    assert ["paling banyak 100 persen" in each for each in too_much] == [True]


def test_a_quota_that_follows_a_promise_is_changed_neither_by_hand_nor_by_file(
    place: Place, admin: Client
) -> None:
    make.limit(place.queue, 10)
    Queue.objects.update(quota_origin="NK-UJI v1")
    page = admin.get(url(Queue, "change", place.queue.pk)).content.decode()
    assert "NK-UJI v1" in page
    assert 'name="daily_quota"' not in page
    [row] = exported(admin, Queue)
    for quota in ("", "10"):
        result = send(admin, Queue, text([row | {"daily_quota": quota}])).context["result"]
        assert (result.problems, result.totals["skip"]) == ([], 1)
    [found] = problems(admin, Queue, text([row | {"daily_quota": "12"}]))
    assert "kuota ini menurut NK-UJI v1" in found
