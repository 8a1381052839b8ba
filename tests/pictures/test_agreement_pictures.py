"""The road of agencies as the admin shows it, at both sizes of a clerk's screen."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page

from agreements.actions import evaluation
from agreements.models import EvaluationPeriod, EvaluationSheet, Instrument, JoiningAgency
from mpp.packs import loader
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url
from tests.agreements import worlds
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.pictures.camera import keep, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1200)]
DESK, TABLET = (1366, 900), (768, 1024)


def too_wide(page: Page, name: str, path: str, *, docs: float = 0) -> list[str]:
    """Keep a page at both sizes; name those in which it scrolls sideways."""
    found = []
    for width, height in (TABLET, DESK):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path)
        page.evaluate("document.fonts.ready")
        keep(page, name if width == DESK[0] else f"{name}-{width}", docs=docs if width == DESK[0] else 0)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name} {width}")
    return found


def test_fifteen_of_nineteen_have_signed(tuesday: None, people: People) -> None:
    loader.load("kendari")
    waiting = JoiningAgency.objects.get(code="KPP")
    paper = Instrument.objects.get(code="NK-IMI-2025")
    make.make_user(Role.ADMIN, username="pengelola")
    page = people.arrive(*DESK)
    sign_in(page, "pengelola", "/admin/")
    paths = {
        "admin-home": "/admin/",
        "board": url(JoiningAgency, "changelist"),
        "way-in": url(JoiningAgency, "change", waiting.pk),
        "instrument": url(Instrument, "change", paper.pk),
    }
    assert [each for name, path in paths.items() for each in too_wide(page, name, path, docs=1)] == []


def test_a_week_is_evaluated(tuesday: None, live_place: Place, people: People) -> None:
    worlds.the_week(live_place)
    period = EvaluationPeriod.objects.create(
        name="Minggu pertama Maret 2026", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 8)
    )
    evaluation.compute(period.pk)
    make.make_user(Role.ADMIN, username="pengelola")
    page = people.arrive(*DESK)
    sign_in(page, "pengelola", "/admin/")
    sheet = EvaluationSheet.objects.get(agency=live_place.agency)
    assert too_wide(page, "evaluation", url(EvaluationSheet, "change", sheet.pk), docs=1) == []
