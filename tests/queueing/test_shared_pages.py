"""Pages that are the same for everybody: drawn once, never old, never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mpp.core import clock, language
from queueing import actions
from queueing.views import shared
from tests import factories as make
from tests.conftest import Place

# The clock with the configuration, and what has changed since.
QUESTIONS = 2
PATHS = ("/", "/layanan/", "/layanan/?cari=uji")


@pytest.fixture(autouse=True)
def one_second(db: None) -> Iterator[None]:
    """A page is drawn anew with each second: the tests stay within one."""
    with clock.frozen(clock.now()):
        yield


@pytest.mark.parametrize("path", PATHS)
def test_the_second_visitor_gets_the_page_that_the_first_was_drawn(
    place: Place, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = Client().get(path)
    with django_assert_num_queries(QUESTIONS):
        second = Client().get(path)
    assert second.content == first.content
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers.get("Cache-Control") == first.headers.get("Cache-Control")


def test_a_number_that_is_taken_and_a_counter_that_opens_are_seen_at_once(
    place: Place, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = f"/layanan/{place.service.slug}/"
    before = Client().get(path).context["panel"]
    make.issue(place.service)
    after = Client().get(path).context["panel"]
    assert before != after
    session = make.open_session(place.agency, place.counter, place.officer)
    Client().get("/")
    actions.pause(session=session, reason="Istirahat", by=place.officer)
    # No line has changed, and the page is drawn anew all the same.
    with pytest.raises(pytest.fail.Exception), django_assert_num_queries(QUESTIONS):
        Client().get("/")


def test_whoever_holds_a_number_gets_a_page_of_their_own_and_nobody_else_sees_it(place: Place) -> None:
    holder, stranger = Client(), Client()
    page = holder.get(f"/antrean/ambil/{place.service.slug}/")
    key = page.context["form"]["kunci"].value()
    taken = holder.post(f"/antrean/ambil/{place.service.slug}/", {"kunci": key})
    own = holder.get("/").content.decode()
    assert taken["Location"] in own
    assert taken["Location"] not in stranger.get("/").content.decode()
    assert stranger.get("/").content.decode() != own
    assert taken["Location"] in holder.get("/").content.decode()


def test_each_language_and_each_address_has_its_own_page(place: Place) -> None:
    english = Client()
    english.cookies[language.COOKIE] = "en"
    assert Client().get("/").content != english.get("/").content
    assert Client().get("/layanan/").content != Client().get("/layanan/?cari=zzzqqq").content


def test_what_passes_with_the_clock_is_a_second_old_at_most(
    place: Place, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Client().get("/")
    with (
        clock.frozen(clock.now() + timedelta(seconds=1)),
        pytest.raises(pytest.fail.Exception),
        django_assert_num_queries(QUESTIONS),
    ):
        Client().get("/")


def test_a_page_that_is_none_is_not_kept(place: Place) -> None:
    assert Client().get("/layanan/tidak-ada/").status_code == 404
    assert Client().get("/layanan/?halaman=1&untuk=zzz").status_code == 400
    assert not shared._kept


def test_only_so_many_pages_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "MOST_KEPT", 2)
    for words in ("satu", "dua", "tiga"):
        Client().get("/layanan/", {"cari": words})
    assert len(shared._kept) == 2
