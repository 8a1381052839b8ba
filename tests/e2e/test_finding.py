"""The pages for finding out, on the narrowest phone, by eye and by axe."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from services.enums import LifeEvent
from services.models import Facility, GuidePage, News, Question
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.support.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/",
    "/layanan/?cari=ktp",
    "/layanan/?cari=zzzqqq",
    "/layanan/ktp-hilang/",
    "/instansi/dukcapil/",
    "/mal/",
    "/mal/maklumat/",
    "/mal/fasilitas/",
    "/mal/tanya-jawab/",
)


def test_every_page_fits_320_px_and_axe_finds_nothing(live_place: Place, people: People) -> None:
    make.make_service(live_place.agency, life_events=list(LifeEvent), audience="BUSINESS")
    GuidePage.objects.create(slug="maklumat", title="Maklumat", body="Kami berjanji.\n\n## Artinya\n- jujur")
    Facility.objects.create(code="RODA", name="Kursi roda", place="Meja informasi", is_accessible=True)
    Question.objects.create(code="TANYA", question="Bisa urus ktp?", answer="Bisa.", aliases="ktp")
    News.objects.create(code="BARU", title="Kabar baru", text="Isi.", shown_from=date(2020, 1, 1))
    make.open_session(live_place.agency, live_place.counter, live_place.officer)
    page = people.arrive(320, 640)
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert violations(page, contrast=7) == [], address


def test_ticks_stay_on_this_device_and_the_link_is_copied(live_place: Place, people: People) -> None:
    page = people.arrive(1366, 900, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/layanan/ktp-hilang/")
    page.get_by_text("Kartu Keluarga").click()
    expect(page.get_by_text("1 dari 2 siap")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 dari 2 siap")).to_be_visible()
    page.add_init_script("delete Navigator.prototype.share")
    page.reload()
    page.get_by_role("button", name="Bagikan").click()
    expect(page.get_by_text("Tautan disalin.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/layanan/ktp-hilang/")
