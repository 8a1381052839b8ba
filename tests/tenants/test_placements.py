"""Who is placed where until when: seen by agency, refused twice, with what each has learned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mpp.core import clock
from tenants.enums import Role
from tenants.models import Agency, Placement, Training, User
from tenants.people import staff_of
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture
def boss(place: Place) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.ADMIN))
    return client


def place_at(agency: Agency, starts_on: date, ends_on: date | None, **fields: Any) -> Placement:
    user = fields.pop("user", None) or make.make_user(first_name="Budi")
    return Placement.objects.create(user=user, agency=agency, starts_on=starts_on, ends_on=ends_on, **fields)


def placing(user: User, agency: Agency, starts_on: str, ends_on: str = "") -> dict[str, Any]:
    return {
        "user": user.pk,
        "agency": agency.pk,
        "counter": "",
        "starts_on": starts_on,
        "ends_on": ends_on,
        "letter_number": "800/1",
        "competence": "",
    }


def test_a_second_placement_names_the_one_in_its_way(place: Place, boss: Client) -> None:
    other = make.make_agency(short_name="Samsat")
    row = place_at(place.agency, date(2026, 1, 1), date(2026, 6, 30))
    page = boss.post(url(Placement, "add"), placing(row.user, other, "2026-06-30")).content.decode()
    assert "Budi masih ditempatkan di Dukcapil, 1 Januari 2026 sampai 30 Juni 2026." in page
    assert "Akhiri dulu penempatan itu." in page
    assert boss.post(url(Placement, "add"), placing(row.user, other, "2026-07-01")).status_code == 302
    assert row.user.placements.count() == 2


def test_a_placement_is_not_in_its_own_way(place: Place, boss: Client) -> None:
    row = place_at(place.agency, date(2026, 1, 1), None)
    sent = placing(row.user, place.agency, "2026-02-01", "2026-12-31")
    assert boss.post(url(Placement, "change", row.pk), sent).status_code == 302


def test_the_database_refuses_an_overlap_whatever_the_form_says(place: Place) -> None:
    row = place_at(place.agency, date(2026, 1, 1), None)
    with pytest.raises(IntegrityError, match="tenants_placement_no_overlap"), transaction.atomic():
        place_at(make.make_agency(), date(2027, 1, 1), None, user=row.user)


def test_letters_that_end_first_stand_first(place: Place) -> None:
    Placement.objects.all().delete()
    open_ended = place_at(place.agency, TODAY, None)
    soon = place_at(place.agency, TODAY, TODAY + 30 * DAY, letter_number="800/2")
    later = place_at(place.agency, TODAY, TODAY + 31 * DAY)
    over = place_at(place.agency, TODAY - 9 * DAY, TODAY - DAY)
    place_at(place.agency, TODAY - 90 * DAY, TODAY - 31 * DAY)
    [staff] = staff_of([place.agency], TODAY)
    assert [each.placement for each in staff.people] == [over, soon, later, open_ended]
    assert [each.ends_soon for each in staff.people] == [False, True, False, False]
    assert [each.is_over for each in staff.people] == [True, False, False, False]
    assert [each.lacks_letter for each in staff.people] == [True, False, True, True]


def test_the_page_of_people_shows_letters_and_trainings_in_a_few_queries(
    place: Place, boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    today = clock.today()
    for number in range(5):
        row = place_at(place.agency, today, today + 12 * DAY, letter_number=f"800/{number}")
        Training.objects.create(
            user=row.user, name="Pelayanan prima", held_on=date(2025, 5, 1), certificate=f"S-{number}"
        )
    with django_assert_max_num_queries(15):
        page = boss.get("/admin/tenants/placement/per-instansi/").content.decode()
    assert "5 surat berakhir dalam 30 hari" in page
    assert "berakhir 12 hari lagi" in page
    assert "Pelayanan prima, 2025 (S-3)" in page


def test_a_training_is_recorded_once_for_a_person(place: Place) -> None:
    values = {"user": place.officer, "name": "Pelayanan prima", "held_on": TODAY}
    Training.objects.create(**values)
    with pytest.raises(IntegrityError, match="tenants_training_once"), transaction.atomic():
        Training.objects.create(**values)
