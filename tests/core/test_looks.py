"""What a phone keeps on its first screen, the one style sheet, and the page of all components."""

from __future__ import annotations

import re

from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from tests.conftest import Place


def test_the_manifest_names_the_mall_and_files_that_are_there(client: Client, place: Place) -> None:
    assert 'rel="manifest" href="/manifest.webmanifest"' in client.get("/nomor-saya/").content.decode()
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert (manifest["short_name"], manifest["theme_color"]) == (place.mall.short_name, place.mall.accent)
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


def sheet_on(client: Client) -> str:
    found = re.search(r'href="(/gaya/[0-9a-f]{12}\.css)"', client.get("/layanan/").content.decode())
    assert found
    return found[1]


def test_the_one_sheet_is_kept_for_a_year_under_an_address_that_follows_the_colour(
    client: Client, place: Place
) -> None:
    before = sheet_on(client)
    sheet = client.get(before)
    assert "immutable" in sheet["Cache-Control"]
    assert "--accent" in sheet.content.decode()
    place.mall.accent = "#7A1F1F"
    place.mall.save(update_fields=["accent"])
    assert sheet_on(client) != before


def test_a_sheet_of_another_version_is_answered_and_kept_by_nobody(client: Client, place: Place) -> None:
    other = client.get("/gaya/0123456789ab.css")
    assert (other.status_code, other["Cache-Control"]) == (200, "no-store")
    assert other.content == client.get(sheet_on(client)).content


def test_the_gallery_of_components_is_for_the_demo_alone(
    client: Client, place: Place, settings: Settings
) -> None:
    assert client.get("/gaya/").status_code == 404
    settings.DEMO = True
    text = client.get("/gaya/").content.decode()
    assert "Komponen" in text
    for part in ("plate-called", "button-stop", "notice-bad", "state-unmanned"):
        assert part in text
