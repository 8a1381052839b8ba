"""A cheap phone in a hand: what is read on it, what it does when the number is called, how old it may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from queueing import actions
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.queueing.test_old_television import NEWER_CSS, bare

pytestmark = pytest.mark.django_db(transaction=True)

STATIC = Path(settings.BASE_DIR) / "static"
SCRIPTS = ("checklist", "live", "my-tickets", "now", "ticket", "told", "worker")
STYLES = ("base", "booking", "citizen", "fairness", "files", "now", "print", "tokens")
# Words that the browser of a phone of 2020 (Chrome 80, trust.md U-07) does not know.
NEWER_THAN_2020 = {
    "assignment with a condition": r"\|\|=|&&=|\?\?=",
    "private fields": r"[\s.]#\w+",
    "separated digits": r"\d_\d",
    "methods of 2020 and later": r"\.(at|replaceAll|replaceChildren|findLast|toSorted)\(",
    "functions of 2021 and later": r"\bObject\.hasOwn\b|\bPromise\.any\b|\bstructuredClone\b|\bWeakRef\b",
}
# These it has had for long; grid may have a gap.
KNOWN_IN_2020 = ("a function of 2020",)
RECORD = """
window.felt = []; window.heard = 0;
Object.defineProperty(navigator, "vibrate", { value: (pattern) => { window.felt.push(pattern); } });
window.Audio = function () { return { play: () => { window.heard += 1; return Promise.resolve(); } }; };
"""
# Letters in each line of running text: the text of a block over the lines it takes.
LINES = """() => [...document.querySelectorAll("main p, main li, main dd")].flatMap((block) => {
    const text = block.innerText.trim().replace(/\\s+/g, " ");
    if (!text || !block.getClientRects().length || block.querySelector("p, li, dd")) { return []; }
    const range = document.createRange();
    range.selectNodeContents(block);
    const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.bottom / 8)));
    return [[Math.round(text.length / tops.size), text]];
}).filter(([letters]) => letters > 70)"""
SIZE = "(node) => parseFloat(getComputedStyle(node).fontSize)"


def test_the_base_text_is_18_px_the_number_56_and_a_line_70_letters(
    live_place: Place, people: People
) -> None:
    """Criterion U-16, on the narrowest phone and the widest screen."""
    ticket = make.issue(live_place.service)
    slug = live_place.service.slug
    for width, height in ((320, 640), (1920, 1080)):
        page = people.arrive(width, height)
        for path in ("/", f"/layanan/{slug}/", f"/antrean/ambil/{slug}/", "/keadilan/", "/privasi/"):
            page.goto(path)
            assert page.locator("body").evaluate(SIZE) >= 18, path
            assert page.evaluate(LINES) == [], (path, width)
        page.goto(f"/t/{ticket.token}/")
        assert page.locator(".hero-number").evaluate(SIZE) >= 56


def test_a_call_shakes_the_phone_and_rings_where_that_was_wished(live_place: Place, people: People) -> None:
    ticket = make.issue(live_place.service)
    session = make.open_session(live_place.agency, live_place.counter, live_place.officer)
    silent, ringing = people.arrive(), people.arrive()
    for page in (silent, ringing):
        page.add_init_script(RECORD)
        page.goto(f"/t/{ticket.token}/")
        expect(page.get_by_text("Tersambung")).to_be_visible()
    # The press plays it once, so that its loudness is known.
    ringing.get_by_role("button", name="Bunyikan juga").click()
    expect(ringing.get_by_text("Bunyi menyala.")).to_be_visible()
    actions.call_next(session=session, by=session.user)
    for page, heard in ((silent, 0), (ringing, 2)):
        expect(page.locator(".plate-called")).to_be_visible()
        assert page.evaluate("window.felt.length") == 1
        assert page.evaluate("window.heard") == heard


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_of_the_citizens_is_younger_than_their_phones(name: str) -> None:
    script = bare((STATIC / "js" / f"{name}.js").read_text(encoding="utf-8"))
    found = {word: re.findall(pattern, script, re.M) for word, pattern in NEWER_THAN_2020.items()}
    assert {word: hits for word, hits in found.items() if hits} == {}


@pytest.mark.parametrize("name", STYLES)
def test_no_style_of_the_citizens_is_younger_than_their_phones(name: str) -> None:
    text = (STATIC / "css" / f"{name}.css").read_text(encoding="utf-8")
    # A photo that keeps a shape of its own loses nothing.
    style = re.sub(r"/\*.*?\*/|aspect-ratio", "", text, flags=re.S)
    found = {
        word: re.findall(pattern, style) for word, pattern in NEWER_CSS.items() if word not in KNOWN_IN_2020
    }
    assert {word: hits for word, hits in found.items() if hits} == {}
