"""The voice of the hall as a browser speaks it: the very script of the displays, the very clips."""

from __future__ import annotations

import array
import base64
import json
import math
import wave
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from queueing.clip_packs import pack
from queueing.models import ZoneVoice
from queueing.voice import Call, Speech, clips_of
from tenants.enums import Role
from tenants.models import Zone
from tests import factories as make
from tests.conftest import Place
from tests.e2e.conftest import QUIET, People, chromium, intercept
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.django_db(transaction=True)

RATE = 44_100
FULL = 32_767
# Fine enough to tell one word from another, coarse enough to look for it everywhere.
SEARCH_RATE = 6_000
MANIFEST = "/layar/kependudukan/suara.json"
A_012_AT_3 = Call(label="A-012", counter="3")

RENDER = """async ([manifest, lists, times, rate]) => {
    const voice = new MppVoice({ manifest, preload: false });
    const steps = await voice.prepare(lists, times);
    const context = new OfflineAudioContext(1, Math.ceil(MppVoice.lengthOf(steps) * rate), rate);
    MppVoice.place(context, context.destination, steps, 0);
    const sound = (await context.startRendering()).getChannelData(0);
    const whole = Int16Array.from(sound, value => Math.max(-1, Math.min(1, value)) * 32767);
    return btoa(Array.from(new Uint8Array(whole.buffer), byte => String.fromCharCode(byte)).join(""));
}"""
DECODE = """async ([urls, rate]) => {
    const context = new OfflineAudioContext(1, 1, rate);
    const sounds = [];
    for (const url of urls) {
        const bytes = await (await fetch(url)).arrayBuffer();
        const sound = (await context.decodeAudioData(bytes)).getChannelData(0);
        const whole = Int16Array.from(sound, value => Math.max(-1, Math.min(1, value)) * 32767);
        const letters = Array.from(new Uint8Array(whole.buffer), byte => String.fromCharCode(byte));
        sounds.push(btoa(letters.join("")));
    }
    return sounds;
}"""
# Where in the whole sound a clip is found: the place that resembles its loudest part most, and how much.
FIND = """async ([wholeUrl, urls, rate]) => {
    const context = new OfflineAudioContext(1, 1, rate);
    const samples = async url => (await context.decodeAudioData(await (await fetch(url)).arrayBuffer()))
        .getChannelData(0);
    const whole = await samples(wholeUrl);
    const found = [];
    for (const url of urls) {
        const clip = await samples(url);
        const loudest = clip.reduce((top, value, at) => Math.abs(value) > Math.abs(clip[top]) ? at : top, 0);
        const from = Math.max(0, loudest - Math.round(rate * 0.1));
        const part = clip.slice(from, from + Math.round(rate * 0.25));
        const power = part.reduce((sum, value) => sum + value * value, 0);
        let best = { at: -1, alike: 0 };
        let around = 0;
        for (let at = 0; at < part.length; at += 1) { around += whole[at] * whole[at]; }
        for (let at = 0; at + part.length < whole.length; at += 1) {
            let product = 0;
            for (let i = 0; i < part.length; i += 1) { product += whole[at + i] * part[i]; }
            const alike = product / Math.sqrt(power * around + 1e-9);
            if (alike > best.alike) { best = { at: at / rate, alike }; }
            around += whole[at + part.length] ** 2 - whole[at] ** 2;
        }
        found.push(best);
    }
    return found;
}"""


@pytest.fixture
def hall(live_place: Place, people: People) -> Page:
    """A page of the portal with the script of the voice."""
    page = people.arrive(1920, 1080)
    page.goto("/layar/")
    page.add_script_tag(url="/static/js/voice.js")
    return page


def rendered(page: Page, lists: list[list[str]], path: Path, times: int = 1) -> Path:
    """Write what the loudspeaker would say to a sound file."""
    text = page.evaluate(RENDER, [MANIFEST, lists, times, RATE])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(base64.b64decode(text))
    return path


def read(path: Path) -> tuple[float, array.array[int]]:
    """Return the seconds and the samples of a sound file."""
    with wave.open(str(path)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        return file.getnframes() / file.getframerate(), samples


def level_of(samples: array.array[int], rate: int) -> tuple[float, float]:
    """Return mean and peak in dB below full scale; the mean is that of the windows that sound."""
    window = rate // 50
    powers = [
        sum(value * value for value in samples[start : start + window]) / window
        for start in range(0, len(samples) - window, window)
    ]
    sounding = [power for power in powers if power > max(powers) / 1000]
    mean = math.sqrt(sum(sounding) / len(sounding))
    return 20 * math.log10(mean / 32767), 20 * math.log10(max(map(abs, samples)) / 32767)


def silences(samples: array.array[int], rate: int) -> list[tuple[float, int]]:
    """Return for each silence of 20 ms or more its seconds, and the loudest of the two samples beside it."""
    found, place = [], 0
    for is_silent, run in groupby(samples, lambda sample: sample == 0):
        length = len(list(run))
        beside = samples[max(0, place - 1) : place] + samples[place + length : place + length + 1]
        if is_silent and length >= rate // 50:
            found.append((length / rate, max(map(abs, beside), default=0)))
        place += length
    return found


def words_of(samples: array.array[int], rate: int) -> list[array.array[int]]:
    """Return what sounds between silences of 20 ms or more."""
    found, start, place = [], -1, 0
    for is_silent, run in groupby(samples, lambda sample: sample == 0):
        length = len(list(run))
        is_gap = is_silent and length >= rate // 50
        if is_gap and start >= 0:
            found.append(samples[start:place])
            start = -1
        elif not is_gap and start < 0:
            start = place
        place += length
    return found if start < 0 else [*found, samples[start:]]


def url_of(clip: str) -> str:
    return f"/static/audio/{clip}.mp3"


def test_a_012_at_counter_3_is_spoken_in_order_within_eight_seconds_and_loud_enough(
    hall: Page, tmp_path: Path
) -> None:
    clips = clips_of(A_012_AT_3, Speech())
    path = rendered(hall, clips, tmp_path / "a-012-loket-3.wav")
    seconds, samples = read(path)
    assert 4 < seconds < 8
    mean, peak = level_of(samples, RATE)
    assert -20 < mean < -14
    assert -6 < peak < 0
    words = [clip for clip in clips[0] if clip != "pause"]
    places = places_of(hall, path, words)
    assert [place["alike"] > 0.8 for place in places] == [True] * len(words), places
    starts = [place["at"] for place in places]
    assert starts == sorted(starts)
    # Between two words as long as a breath, and no word begins or ends so loud that it clicks.
    between = silences(samples, RATE)[: len(words) - 1]
    assert len(between) == len(words) - 1
    assert [0.04 < seconds < 0.3 and edge < FULL / 100 for seconds, edge in between] == [True] * len(between)
    assert max(map(abs, samples)) < FULL
    # No word is louder than another by what an ear would notice.
    levels = [level_of(word, RATE)[0] for word in words_of(samples, RATE)]
    assert len(levels) == len(words)
    assert max(levels) - min(levels) < 2, levels
    # And the check can fail: what is not said is not found.
    others = places_of(hall, path, ["id/8", "id/b", "id/recall"])
    assert [place["alike"] < 0.7 for place in others] == [True] * 3, others


def test_said_twice_with_both_languages_the_chime_sounds_once(hall: Page, tmp_path: Path) -> None:
    ZoneVoice.objects.create(zone=Zone.objects.get(code="kependudukan"), second_language="en")
    clips = clips_of(A_012_AT_3, Speech(languages=("id", "en")))
    once, _samples = read(rendered(hall, clips, tmp_path / "once.wav"))
    twice, _samples = read(rendered(hall, clips, tmp_path / "twice.wav", times=2))
    chime = pack("id")["chime"].seconds
    assert 2 * once - chime - 0.5 < twice < 2 * once - chime + 1.5


def places_of(page: Page, path: Path, clips: list[str]) -> list[dict[str, float]]:
    whole = "/static/rendered.wav"
    intercept(
        page, f"**{whole}", lambda route: route.fulfill(body=path.read_bytes(), content_type="audio/wav")
    )
    found: list[dict[str, float]] = page.evaluate(
        FIND, [whole, [url_of(clip) for clip in clips], SEARCH_RATE]
    )
    return found


COUNT_SOUNDS = """window.sounds = 0;
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...args) {
        window.sounds += 1;
        start.apply(this, args);
    };"""


def test_the_admin_hears_the_sample_and_each_clip(live_place: Place, people: People) -> None:
    page = people.arrive(1366, 768)
    page.add_init_script(COUNT_SOUNDS)
    page.goto("/akun/masuk/?next=/admin/queueing/voiceclip/semua/")
    page.get_by_label("Nama pengguna").fill(make.make_user(Role.ADMIN).username)
    page.get_by_label("Kata sandi", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_role("button", name="Dengarkan contoh").click()
    page.wait_for_function("() => window.sounds === 9")
    page.get_by_role("button", name="Putar loket", exact=True).click()
    page.wait_for_function("() => window.sounds === 10")


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_clip_decodes_with_the_length_and_loudness_of_its_manifest(hall: Page, language: str) -> None:
    rate = 22_050
    names = list(pack(language))
    sounds = hall.evaluate(DECODE, [[url_of(f"{language}/{name}") for name in names], rate])
    listed = json.loads((ROOT / "static" / "audio" / language / "manifest.json").read_text())["clips"]
    for name, text in zip(names, sounds, strict=True):
        samples = array.array("h", base64.b64decode(text))
        mean, peak = level_of(samples, rate)
        # Not every decoder takes away the silence that MP3 adds, up to a tenth of a second.
        assert abs(len(samples) / rate - listed[name]["seconds"]) < 0.15, name
        assert abs(mean - listed[name]["mean_db"]) < 1.5, name
        assert -8 < peak <= 0, name


# --- the queue: no sound, and a clock of the test's own ------------------------------------------

SILENCES = {"pause": {"url": "", "seconds": 0.5}}
LISTEN = """manifest => {
    window.log = [];
    window.voice = new MppVoice({
        manifest,
        onStart: (call, seconds) => window.log.push(["start", call.id, Math.round(seconds * 10) / 10]),
        onEnd: (call, outcome) => window.log.push(["end", call.id, outcome]),
    });
}"""


@pytest.fixture
def quiet_hall(hall: Page) -> Page:
    """The queue alone: clips of silence, and time that passes only when the test says so."""
    hall.clock.install()
    hall.evaluate(LISTEN, SILENCES)
    return hall


def announce(page: Page, *ids: int, age_seconds: int = 0) -> list[bool]:
    taken: list[bool] = page.evaluate(
        """([ids, age_seconds]) => ids.map(id => voice.announce({
            id, age_seconds, clips: [Array(8).fill("pause")], short_clips: [["pause"]] }))""",
        [ids, age_seconds],
    )
    return taken


def log_after(page: Page, seconds: int) -> list[list[Any]]:
    for _second in range(seconds):
        page.clock.run_for(1000)
    log: list[list[Any]] = page.evaluate("window.log")
    return log


def order(log: list[list[Any]]) -> list[tuple[str, int]]:
    return [(kind, number) for kind, number, _detail in log]


def test_two_calls_at_once_are_spoken_one_after_the_other(quiet_hall: Page) -> None:
    assert announce(quiet_hall, 1, 2) == [True, True]
    log = log_after(quiet_hall, 25)
    assert order(log) == [("start", 1), ("end", 1), ("start", 2), ("end", 2)]


def test_each_announcement_is_spoken_once_and_a_recall_is_another(quiet_hall: Page) -> None:
    assert announce(quiet_hall, 1, 1, 1) == [True, False, False]
    assert order(log_after(quiet_hall, 12)) == [("start", 1), ("end", 1)]
    assert announce(quiet_hall, 1, 9) == [False, True]
    assert order(log_after(quiet_hall, 12))[2:] == [("start", 9), ("end", 9)]


def test_what_is_older_than_half_a_minute_is_not_spoken_and_not_later_either(quiet_hall: Page) -> None:
    assert announce(quiet_hall, 1, age_seconds=31) == [False]
    assert announce(quiet_hall, 1) == [False]
    assert announce(quiet_hall, 2, age_seconds=30) == [True]
    assert order(log_after(quiet_hall, 12)) == [("start", 2), ("end", 2)]


def test_with_more_than_three_waiting_the_short_form_is_spoken_once(quiet_hall: Page) -> None:
    announce(quiet_hall, *range(1, 7))
    log = log_after(quiet_hall, 45)
    lengths = [(number, seconds) for kind, number, seconds in log if kind == "start"]
    # Twice four seconds with a pause between, or half a second.
    assert lengths == [(1, 8.7), (2, 0.5), (3, 0.5), (4, 8.7), (5, 8.7), (6, 8.7)]


def test_a_call_without_sound_keeps_its_turn(quiet_hall: Page) -> None:
    quiet_hall.evaluate("voice.announce({ id: 1, age_seconds: 0, clips: [], short_clips: [] })")
    announce(quiet_hall, 2)
    log = log_after(quiet_hall, 16)
    assert log[:3] == [["start", 1, 4], ["end", 1, "silent"], ["start", 2, 8.7]]


def test_nothing_grows_over_a_day_of_calls(quiet_hall: Page) -> None:
    for hundred in range(12):
        announce(quiet_hall, *range(hundred * 100, hundred * 100 + 100))
        quiet_hall.clock.run_for(500)
    sizes = quiet_hall.evaluate("[voice.seen.length, voice.waiting.length, voice.sounding.length]")
    assert sizes == [300, 30, 0]
    started = {number for kind, number, _detail in log_after(quiet_hall, 60) if kind == "start"}
    ended = {number for kind, number, _detail in quiet_hall.evaluate("window.log") if kind == "end"}
    assert started <= ended
    assert ended == set(range(1200))


# --- recordings that are missing, quiet, or replaced ----------------------------------------------


def steps_of(page: Page, manifest: dict[str, Any], lists: list[list[str]]) -> list[dict[str, float]]:
    steps: list[dict[str, float]] = page.evaluate(
        """async ([manifest, lists]) => {
            const voice = new MppVoice({ manifest, preload: false });
            return (await voice.prepare(lists, 1)).filter(step => step.clip)
                .map(step => ({ seconds: step.seconds, gain: step.clip.gain }));
        }""",
        [manifest, lists],
    )
    return steps


def test_half_a_number_is_never_spoken(hall: Page) -> None:
    manifest = {
        "id/chime": {"url": url_of("id/chime"), "seconds": 1.15},
        "id/1": {"url": url_of("id/1"), "seconds": 0.5},
        "id/2": {"url": "/static/audio/id/hilang.mp3", "seconds": 0.5},
    }
    steps = steps_of(hall, manifest, [["id/chime", "id/1", "id/2"]])
    assert [step["seconds"] for step in steps] == [pytest.approx(1.15, abs=0.05)]
    assert steps_of(hall, manifest, [["id/1", "id/unknown"]]) == []


def test_a_recording_that_is_too_quiet_is_made_louder_and_its_silence_cut(hall: Page, tmp_path: Path) -> None:
    intercept(
        hall,
        "**/suara/1/abc/",
        lambda route: route.fulfill(body=tone(tmp_path, level=0.03), content_type="audio/wav"),
    )
    (step,) = steps_of(hall, {"id/1": {"url": "/suara/1/abc/", "seconds": 3}}, [["id/1"]])
    assert 0.45 < step["seconds"] < 0.6
    assert 5 < step["gain"] <= 6


def tone(folder: Path, *, level: float) -> bytes:
    """Half a second of sound with a second of silence on either side."""
    path = folder / "tone.wav"
    silence = [0] * RATE
    sound = [round(32767 * level * math.sin(index / 20)) for index in range(RATE // 2)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array.array("h", silence + sound + silence).tobytes())
    return path.read_bytes()


# --- what browsers allow ------------------------------------------------------------------------------


# Looking into a page counts as a touch for Chromium, so this page tells by itself what happens to it.
TELL = """document.addEventListener("DOMContentLoaded", () => {
    const button = document.createElement("button");
    button.hidden = true;
    button.style.cssText = "position: fixed; inset: 0;";
    document.body.append(button);
    let wasHidden = true;
    new MutationObserver(() => {
        if (button.hidden !== wasHidden) { console.log(button.hidden ? "hidden" : "shown"); }
        wasHidden = button.hidden;
    }).observe(button, { attributes: true, attributeFilter: ["hidden"] });
    const script = document.createElement("script");
    script.src = "/static/js/voice.js";
    script.onload = () => {
        const manifest = { pause: { url: "", seconds: 0.2 } };
        const voice = new MppVoice({ manifest, button, onEnd: (call, outcome) => console.log(outcome) });
        voice.context.addEventListener("statechange", () => voice.say(2, [["pause"]]));
        voice.say(1, [["pause"]]);
    };
    document.head.append(script);
});"""


def test_a_browser_that_refuses_sound_shows_one_button_and_speaks_after_it(
    live_place: Place, browser: Browser, server: Server
) -> None:
    wary = browser.browser_type.launch(
        executable_path=chromium(), args=[*QUIET, "--autoplay-policy=document-user-activation-required"]
    )
    page = wary.new_page(base_url=server.url)
    page.add_init_script(TELL)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "log" else None)
    with page.expect_console_message(lambda message: message.text == "silent"):
        page.goto("/layar/")
    assert said == ["shown", "silent"]
    with page.expect_console_message(lambda message: message.text == "spoken"):
        page.mouse.click(100, 100)
    assert said == ["shown", "silent", "hidden", "spoken"]
    wary.close()


def test_a_browser_without_web_audio_plays_clip_after_clip(live_place: Place, people: People) -> None:
    page = people.arrive(1920, 1080)
    page.add_init_script(
        """delete window.AudioContext;
        window.played = [];
        HTMLMediaElement.prototype.play = function () {
            window.played.push([new URL(this.src).pathname, this.volume]);
            setTimeout(() => this.dispatchEvent(new Event("ended")), 1);
            return Promise.resolve();
        };"""
    )
    page.goto("/layar/")
    page.add_script_tag(url="/static/js/voice.js")
    page.evaluate(
        """manifest => {
            const onEnd = (call, outcome) => { window.end = outcome; };
            window.voice = new MppVoice({ manifest, volume: 40, onEnd });
            voice.announce({ id: 1, age_seconds: 0, clips: [["id/chime", "id/a", "id/7"]], short_clips: [] });
        }""",
        MANIFEST,
    )
    page.wait_for_function("() => window.end")
    assert page.evaluate("window.end") == "spoken"
    clips = ["chime", "a", "7", "a", "7"]
    assert page.evaluate("window.played") == [[f"/static/audio/id/{clip}.mp3", 0.4] for clip in clips]
