"""What a phone keeps on its first screen, the one style sheet, and the page of all components."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from mpp.core.models import Mall
from mpp.core.sign_pictures import drawn
from mpp.core.signs import NAMES, TAB, Sign
from tests.conftest import Place

ICON = re.compile(r'<link rel="icon" href="([^"]+)">')
ACCENT = [0x7A, 0x1F, 0x3D]
CARD = re.compile(r'og:image" content="http://testserver(/tanda/[^"]+/kartu\.png)"')


def test_the_manifest_names_the_mall_and_icons_that_are_there(client: Client, place: Place) -> None:
    assert 'rel="manifest" href="/manifest.webmanifest"' in client.get("/nomor-saya/").content.decode()
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = response.json()
    assert (manifest["short_name"], manifest["theme_color"]) == (place.mall.short_name, place.mall.accent)
    for icon in manifest["icons"]:
        picture = Image.open(BytesIO(client.get(icon["src"]).content)).convert("RGBA")
        opaque = picture.getchannel("A").getpixel((0, 0)) == 255
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
        assert opaque == (icon["purpose"] == "maskable")


def test_a_mall_without_an_emblem_has_icons_and_a_card_in_its_colour_and_motif(
    client: Client, place: Place
) -> None:
    Mall.objects.update(accent="#7A1F3D", motif="tangga")
    home = client.get("/").content.decode()
    tab, card = ICON.search(home), CARD.search(home)
    assert tab
    assert card
    assert b"#7A1F3D" in client.get(tab[1]).content
    answer = client.get(card[1])
    assert "immutable" in answer["Cache-Control"]
    picture = Image.open(BytesIO(answer.content)).convert("RGBA")
    assert picture.size == (1200, 630)
    assert [picture.getchannel(one).getpixel((5, 5)) for one in "RGB"] == pytest.approx(ACCENT, abs=2)
    assert [picture.getchannel(one).getpixel((600, 629)) for one in "RGB"] == pytest.approx([255] * 3, abs=2)
    assert len(answer.content) < 60_000
    other = client.get(card[1].replace(tab[1].split("/")[2], "0123456789ab"))
    assert (other.status_code, other["Cache-Control"]) == (200, "no-store")
    assert client.get(tab[1].replace("tanda.svg", "lain.svg")).status_code == 404


@pytest.mark.parametrize("motif", ["", "sasirangan", "tangga", "anyaman"])
def test_each_motif_has_a_sign_of_its_own(motif: str) -> None:
    sign = Sign("#0B5447", motif, "MPP dengan nama yang sangat panjang sekali di Kabupaten", "Kabupaten")
    files = {name: drawn(sign, name) for name in NAMES}
    assert all(content.startswith((b"\x89PNG", b"<svg")) for content in files.values())
    others = {"sasirangan", "tangga", "anyaman"} - {motif or "sasirangan"}
    assert all(files[TAB] != drawn(replace(sign, motif=other), TAB) for other in others)


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
