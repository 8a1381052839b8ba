"""The sentence for A-012 at loket 3 as a wave, with its words, for docs/voice.md."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from playwright.sync_api import Page

from queueing.clip_packs import pack
from queueing.voice import PAUSE, Speech, clips_of
from tests.conftest import Place
from tests.e2e.conftest import People
from tests.e2e.test_voice import A_012_AT_3, MANIFEST, RATE, read, rendered
from tests.pictures.camera import keep

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = """async ([manifest, lists]) => {
    const voice = new MppVoice({ manifest, preload: false });
    return (await voice.prepare(lists, 1)).map(step => [Boolean(step.clip), step.seconds]);
}"""
WIDTH, HEIGHT, MIDDLE, PER_SECOND = 1200, 220, 100, 160


def test_the_wave_of_a_012(live_place: Place, people: People, tmp_path: Path) -> None:
    page = people.arrive(WIDTH, HEIGHT)
    page.goto("/layar/")
    page.add_script_tag(url="/static/js/voice.js")
    clips = clips_of(A_012_AT_3, Speech())
    _seconds, samples = read(rendered(page, clips, tmp_path / "a-012.wav"))
    names = [name for name in clips[0] if name != PAUSE]
    starts, at = [], 0.0
    for sounds, seconds in page.evaluate(STEPS, [MANIFEST, clips]):
        starts += [at] if sounds else []
        at += seconds
    draw(page, samples, list(zip(names, starts, strict=True)))
    keep(page, "voice-a-012", docs=1)


def draw(page: Page, samples: array[int], words: list[tuple[str, float]]) -> None:
    """Draw the loudest sample of each pixel, and each word where it begins."""
    step = RATE // PER_SECOND
    heights = [max(map(abs, samples[at : at + step])) * 80 // 32767 for at in range(0, len(samples), step)]
    bars = "".join(f"M{x} {MIDDLE - height}v{2 * height + 1}" for x, height in enumerate(heights))
    texts = "".join(
        f'<text x="{at * PER_SECOND:.0f}" y="{HEIGHT - 14}">{said(name)}</text>' for name, at in words
    )
    page.goto("about:blank")
    page.set_content(
        f'<body style="margin:0"><svg width="{WIDTH}" height="{HEIGHT}" fill="#42504a"'
        f' font-family="sans-serif" font-size="15"><path d="{bars}" stroke="#0b5447"/>{texts}</svg>'
    )


def said(clip: str) -> str:
    language, _slash, name = clip.partition("/")
    return pack(language)[name].words
