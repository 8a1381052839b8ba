"""What a phone keeps on its first screen, the one style sheet, and the page of all components."""

from __future__ import annotations

import pytest
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


@pytest.mark.django_db
def test_a_sheet_of_an_earlier_version_leads_to_the_present_one(client: Client, place: Place) -> None:
    old = client.get("/gaya/0123456789ab.css")
    assert old.status_code == 302
    sheet = client.get(old["Location"])
    assert "immutable" in sheet["Cache-Control"]
    assert "--accent" in sheet.content.decode()
    place.mall.accent = "#7A1F1F"
    place.mall.save(update_fields=["accent"])
    assert client.get("/gaya/0123456789ab.css")["Location"] != old["Location"]


def test_the_gallery_of_components_is_for_the_demo_alone(
    client: Client, place: Place, settings: Settings
) -> None:
    assert client.get("/gaya/").status_code == 404
    settings.DEMO = True
    text = client.get("/gaya/").content.decode()
    assert "Komponen" in text
    for part in ("plate-called", "button-stop", "notice-bad", "state-unmanned"):
        assert part in text
