"""The visitor's language: Indonesian until they choose, then theirs on every page of this browser."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import Place

pytestmark = pytest.mark.usefixtures("place")


def words(client: Client, path: str = "/layanan/", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_a_phone_that_is_set_to_english_by_the_shop_reads_indonesian(client: Client) -> None:
    text = words(client, **{"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="id">' in text
    assert "Nomor saya" in text


def test_the_choice_leads_back_to_its_page_and_stays(client: Client) -> None:
    link = "/bahasa/en/?kembali=/layanan/%3Fcari%3Dktp%26untuk%3D"
    assert link in words(client, "/layanan/?cari=ktp&untuk=")
    response = client.get(link)
    assert (response.status_code, response["Location"]) == (302, "/layanan/?cari=ktp&untuk=")
    text = words(client)
    assert '<html lang="en">' in text
    assert "My numbers" in text
    assert "/bahasa/id/?kembali=/layanan/" in text


@pytest.mark.parametrize(
    "back", ["https://jahat.example/", "//jahat.example/", "javascript:alert(1)", "\\\\jahat"]
)
def test_the_way_back_stays_on_this_portal(client: Client, back: str) -> None:
    assert client.get("/bahasa/en/", {"kembali": back})["Location"] == "/"


def test_a_language_that_is_not_there_is_not_found(client: Client, place: Place) -> None:
    assert client.get("/bahasa/fr/").status_code == 404
    client.cookies["bahasa"] = "fr"
    assert '<html lang="id">' in words(client, f"/layanan/{place.service.slug}/")
