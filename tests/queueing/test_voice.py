"""What the loudspeaker says: order of clips, numbers as words, languages, quiet hours."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from queueing.clip_packs import pack
from queueing.enums import NumberForm
from queueing.hall_voice import voice_of
from queueing.models import QuietHours, ZoneVoice
from queueing.voice import PAUSE, Call, Speech, clips_of, english, indonesian, short_clips_of, spelled
from tests.conftest import Place
from tools.voice.words import PACKS

A_012_AT_3 = Call(label="A-012", counter="3", counter_code="L03", agency="DKC")
WORDS = Speech(number_form=NumberForm.WORDS)
UNITS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]


def heard(clips: list[str]) -> str:
    """Read a list of clips aloud, with a comma for a pause."""
    words = []
    for clip in clips:
        language, _slash, name = clip.partition("/")
        words.append("," if clip == PAUSE else pack(language)[name].words)
    return " ".join(words).replace(" ,", ",")


def said(call: Call, speech: Speech = Speech()) -> str:
    return heard(clips_of(call, speech)[0])


def test_a_012_at_counter_3_in_digits() -> None:
    assert said(A_012_AT_3) == "nada pembuka nomor antrean A nol satu dua, silakan menuju loket tiga"


def test_a_012_at_counter_3_in_words() -> None:
    assert said(A_012_AT_3, WORDS) == "nada pembuka nomor antrean A dua belas, silakan menuju loket tiga"


def test_the_short_form_has_no_introduction() -> None:
    assert heard(short_clips_of(A_012_AT_3, Speech())[0]) == "nada pembuka A nol satu dua, loket tiga"


def test_the_second_language_follows_the_first_and_has_no_chime_of_its_own() -> None:
    first, second = clips_of(A_012_AT_3, Speech(languages=("id", "en")))
    assert first[0] == "id/chime"
    assert heard(second) == "number A zero one two, please go to counter three"


def test_a_recall_says_so_first_and_a_priority_number_after_its_kind() -> None:
    call = Call(label="P-007", counter="12", is_recall=True, is_priority=True)
    assert said(call) == (
        "nada pembuka panggilan ulang, nomor antrean prioritas P nol nol tujuh, "
        "silakan menuju loket dua belas"
    )


def test_names_that_the_mall_recorded_are_said() -> None:
    speech = Speech(own=frozenset({"id/agency-DKC", "id/counter-L03", "en/agency-XYZ"}))
    assert clips_of(A_012_AT_3, speech)[0][-4:] == ["id/go-to", "id/agency-DKC", PAUSE, "id/counter-L03"]


def test_a_name_recorded_in_one_language_is_not_said_in_the_other() -> None:
    speech = Speech(languages=("id", "en"), own=frozenset({"id/counter-L03"}))
    assert clips_of(A_012_AT_3, speech)[1][-2:] == ["en/counter", "en/3"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "nol"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (20, "dua puluh"),
        (21, "dua puluh satu"),
        (100, "seratus"),
        (101, "seratus satu"),
        (111, "seratus sebelas"),
        (219, "dua ratus sembilan belas"),
        (1000, "seribu"),
        (1011, "seribu sebelas"),
        (2100, "dua ribu seratus"),
        (9999, "sembilan ribu sembilan ratus sembilan puluh sembilan"),
    ],
)
def test_numbers_as_indonesian_words(number: int, words: str) -> None:
    assert heard([f"id/{clip}" for clip in indonesian(number)]) == words


def value_of(words: list[str]) -> int:
    """Read Indonesian number words, by another way than the one that wrote them."""
    total = part = 0
    for word in words:
        match word:
            case "sepuluh" | "sebelas" | "seratus":
                part += {"sepuluh": 10, "sebelas": 11, "seratus": 100}[word]
            case "seribu":
                total, part = total + 1000, 0
            case "belas":
                part += 10
            case "puluh":
                part += part % 10 * 9
            case "ratus":
                part *= 100
            case "ribu":
                total, part = total + part * 1000, 0
            case unit:
                part += UNITS.index(unit)
    return total + part


def test_every_number_from_0_to_9999_can_be_read_back_and_keeps_its_spelling() -> None:
    for number in range(10_000):
        text = heard([f"id/{clip}" for clip in indonesian(number)])
        assert value_of(text.split()) == number, text
        for never in ("satu belas", "satu puluh", "nol belas", "nol puluh", "nol ratus", "nol ribu"):
            assert never not in text
        assert not text.startswith(("satu ratus", "satu ribu"))
        assert "nol" not in text or number == 0


@given(st.integers(0, 9999))
def test_english_numbers_are_made_of_clips_that_exist(number: int) -> None:
    assert set(english(number)) <= set(pack("en"))


@given(st.from_regex(r"[A-Z]{1,3}-[0-9]{3,5}", fullmatch=True), st.sampled_from(list(NumberForm)))
def test_every_label_can_be_said_in_every_language_and_form(label: str, form: NumberForm) -> None:
    for language in ("id", "en"):
        assert set(spelled(label, language, form)) <= set(pack(language))


def test_a_number_too_large_for_words_is_said_in_digits() -> None:
    assert spelled("10000", "id", NumberForm.WORDS) == list("10000")


def test_signs_that_nobody_can_say_are_left_out() -> None:
    assert spelled("<B/2>", "id", NumberForm.DIGITS) == ["b", "2"]


def monday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute)  # noqa: DTZ001  local time, as the rule wants it


def test_a_zone_without_settings_speaks_indonesian_digits(place: Place) -> None:
    voice = voice_of(place.zone)
    assert (voice.is_on, voice.volume, voice.speech.languages) == (True, 80, ("id",))
    assert voice.spoken(A_012_AT_3, monday(10))["clips"] == clips_of(A_012_AT_3, Speech())


def test_settings_of_the_zone_hold_with_the_next_call(place: Place) -> None:
    voice_of(place.zone)
    ZoneVoice.objects.create(zone=place.zone, volume=30, number_form=NumberForm.WORDS, second_language="en")
    voice = voice_of(place.zone)
    assert (voice.volume, voice.speech.languages) == (30, ("id", "en"))
    assert "id/belas" in voice.spoken(A_012_AT_3, monday(10))["clips"][0]


def test_in_quiet_hours_nothing_is_said_and_afterwards_again(place: Place) -> None:
    row = ZoneVoice.objects.create(zone=place.zone)
    QuietHours.objects.create(voice=row, starts_at=time(12), ends_at=time(12, 30))
    QuietHours.objects.create(voice=row, weekday=5, starts_at=time(9), ends_at=time(11))
    voice = voice_of(place.zone)
    assert voice.spoken(A_012_AT_3, monday(12)) == {"clips": [], "short_clips": []}
    assert voice.spoken(A_012_AT_3, monday(12, 30))["clips"]
    assert voice.spoken(A_012_AT_3, monday(9))["clips"]
    assert voice.is_silent(monday(9).replace(day=27))


def test_a_voice_that_is_switched_off_says_nothing(place: Place) -> None:
    ZoneVoice.objects.create(zone=place.zone, is_on=False)
    assert voice_of(place.zone).spoken(A_012_AT_3, monday(10))["clips"] == []


def asked(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    return response.json()


def test_the_manifest_has_every_clip_that_a_call_may_need(client: Client, place: Place) -> None:
    entries = asked(client, "/layar/kependudukan/suara.json")
    needed = {clip for form in (Speech(), WORDS) for clips in clips_of(A_012_AT_3, form) for clip in clips}
    assert needed <= set(entries)
    assert entries["id/counter"]["url"].startswith("/static/audio/id/")
    assert entries[PAUSE] == {"url": "", "seconds": 0.22}
    assert not [name for name in entries if name.startswith("en/")]


def test_the_manifest_brings_the_second_language_where_it_is_spoken(client: Client, place: Place) -> None:
    ZoneVoice.objects.create(zone=place.zone, second_language="en")
    assert "en/go-to" in asked(client, "/layar/kependudukan/suara.json")


def test_a_zone_that_does_not_exist_has_no_manifest(client: Client, place: Place) -> None:
    assert client.get("/layar/tidak-ada/suara.json").status_code == 404


@pytest.mark.parametrize("language", ["id", "en"])
def test_pack_and_manifest_agree(language: str) -> None:
    folder = Path(settings.BASE_DIR) / "static" / "audio" / language
    listed = json.loads((folder / "manifest.json").read_text())["clips"]
    assert {path.stem for path in folder.glob("*.mp3")} == set(listed)
    assert {clip.name: clip.words for clip in PACKS[language].clips} == {
        name: clip["words"] for name, clip in listed.items()
    }
    assert sum(path.stat().st_size for path in folder.iterdir()) < 300_000
    for name, clip in listed.items():
        # A voice that spells its phonemes out instead of saying them takes two seconds.
        assert 0.2 < clip["seconds"] < 1.4, name
        assert -22 < clip["mean_db"] < -15, name
        assert -7 < clip["peak_db"] < -1, name
