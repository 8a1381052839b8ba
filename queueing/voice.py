"""What the loudspeaker says about a call, as names of clips: pure rules, no database, no clock.

A name is `<language>/<clip>`; `pause` is silence. The recordings are in static/audio/, and any of them
can be replaced by one of the mall's own (queueing.models.VoiceClip).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from queueing.enums import NumberForm, VoiceLanguage

PAUSE = "pause"
PAUSE_SECONDS = 0.22
# The chime opens the first sentence only, in whichever language that is.
CHIME = "id/chime"
LARGEST_IN_WORDS = 9999


@dataclass(frozen=True)
class Call:
    """One call as it is to be spoken; `agency` and `counter_code` are codes, which never change."""

    label: str
    counter: str
    counter_code: str = ""
    agency: str = ""
    is_recall: bool = False
    is_priority: bool = False


@dataclass(frozen=True)
class Speech:
    """How this hall speaks: its languages in order, its numbers, and the clips that only it has."""

    languages: tuple[str, ...] = (VoiceLanguage.INDONESIAN,)
    number_form: str = NumberForm.DIGITS
    own: frozenset[str] = frozenset()


def clips_of(call: Call, speech: Speech) -> list[list[str]]:
    """Return the whole announcement: one list of clips for each language."""
    return _announcement(call, speech, _sentence)


def short_clips_of(call: Call, speech: Speech) -> list[list[str]]:
    """Return the announcement without introduction, for when many calls wait to be spoken."""
    return _announcement(call, speech, _short_sentence)


def agency_clip(code: str) -> str:
    """Return the name of the clip that says an agency's name, without its language."""
    return f"agency-{code}"


def counter_clip(code: str) -> str:
    """Return the name of the clip that says a counter's own name, without its language."""
    return f"counter-{code}"


def _announcement(
    call: Call, speech: Speech, sentence: Callable[[Call, Speech, str], list[str]]
) -> list[list[str]]:
    lists = [
        [clip if clip == PAUSE else f"{language}/{clip}" for clip in sentence(call, speech, language)]
        for language in speech.languages
    ]
    return [[CHIME, *lists[0]], *lists[1:]] if lists else []


def _sentence(call: Call, speech: Speech, language: str) -> list[str]:
    return [
        *(["recall", PAUSE] if call.is_recall else []),
        "number",
        *(["priority"] if call.is_priority else []),
        *spelled(call.label, language, speech.number_form),
        PAUSE,
        "go-to",
        *_agency(call, speech, language),
        *_counter(call, speech, language),
    ]


def _short_sentence(call: Call, speech: Speech, language: str) -> list[str]:
    return [
        *spelled(call.label, language, speech.number_form),
        PAUSE,
        *_counter(call, speech, language),
    ]


def _agency(call: Call, speech: Speech, language: str) -> list[str]:
    clip = agency_clip(call.agency)
    return [clip, PAUSE] if f"{language}/{clip}" in speech.own else []


def _counter(call: Call, speech: Speech, language: str) -> list[str]:
    clip = counter_clip(call.counter_code)
    if f"{language}/{clip}" in speech.own:
        return [clip]
    return ["counter", *spelled(call.counter, language, NumberForm.WORDS)]


def spelled(text: str, language: str, form: str) -> list[str]:
    """Return the clips for "A-012" or "12B": each letter by itself, each number in the form asked for."""
    clips: list[str] = []
    for part in re.findall(r"[a-z]|[0-9]+", text.lower()):
        if part.isdigit() and form == NumberForm.WORDS and int(part) <= LARGEST_IN_WORDS:
            clips += IN_WORDS[language](int(part))
        else:
            clips += part
    return clips


def indonesian(number: int) -> list[str]:
    """Return `number`, at most 9999, as Indonesian words: 112 is "seratus dua belas"."""
    if number <= 11:
        return [str(number)]
    if number < 20:
        return [str(number - 10), "belas"]
    if number < 100:
        return [str(number // 10), "puluh", *_rest(indonesian, number % 10)]
    if number < 200:
        return ["100", *_rest(indonesian, number % 100)]
    if number < 1000:
        return [str(number // 100), "ratus", *_rest(indonesian, number % 100)]
    if number < 2000:
        return ["1000", *_rest(indonesian, number % 1000)]
    return [*indonesian(number // 1000), "ribu", *_rest(indonesian, number % 1000)]


def english(number: int) -> list[str]:
    """Return `number`, at most 9999, as English words: 112 is "one hundred twelve"."""
    if number <= 20:
        return [str(number)]
    if number < 100:
        return [str(number - number % 10), *_rest(english, number % 10)]
    if number < 1000:
        return [str(number // 100), "hundred", *_rest(english, number % 100)]
    return [*english(number // 1000), "thousand", *_rest(english, number % 1000)]


def _rest(words: Callable[[int], list[str]], rest: int) -> list[str]:
    return words(rest) if rest else []


IN_WORDS: Mapping[str, Callable[[int], list[str]]] = {
    VoiceLanguage.INDONESIAN: indonesian,
    VoiceLanguage.ENGLISH: english,
}
