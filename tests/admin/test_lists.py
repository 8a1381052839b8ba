"""The lists of the admin with a whole mall in them."""

from __future__ import annotations

from datetime import date

from django.contrib import admin as django_admin
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements.models import Letter
from mpp.packs import loader
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place


def test_a_list_asks_the_database_the_same_few_questions_however_long_it_is(
    db: None, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    loader.load("balangan")
    client.force_login(make.make_user(Role.ADMIN))
    for model in django_admin.site._registry:
        with django_assert_max_num_queries(15):
            assert client.get(url(model, "changelist")).status_code == 200, model


def test_an_empty_list_says_whether_there_is_nothing_or_nothing_that_fits(
    place: Place, admin: Client, auditor: Client
) -> None:
    page, add = url(Letter, "changelist"), "Tambah surat"
    empty = admin.get(page).content.decode()
    assert "Belum ada surat" in empty
    assert (add in empty, "Tampilkan semua" in empty) == (True, False)
    assert add not in auditor.get(page).content.decode()
    queries: list[dict[str, str]] = [{"q": "x"}, {"direction__exact": "IN"}]
    for query in queries:
        sought = admin.get(page, query).content.decode()
        assert "Tidak ada yang cocok" in sought, query
        assert (add in sought, "Tampilkan semua" in sought) == (False, True), query


def test_a_page_far_behind_shows_its_rows_in_the_order_of_the_list(place: Place, admin: Client) -> None:
    letters = [
        Letter(
            direction="IN", number=f"{number}/UJI", date=date(2026, 1, 1), counterpart="Uji", subject="Uji"
        )
        for number in range(120)
    ]
    Letter.objects.bulk_create(letters)
    shown = admin.get(url(Letter, "changelist"), {"o": "1", "p": "3"}).context["cl"]
    assert len(shown.result_list) == 20
    assert list(shown.result_list) == list(shown.queryset[100:])
