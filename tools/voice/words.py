"""What each clip of each pack says, and how espeak-ng is made to say it."""

from __future__ import annotations

from dataclasses import dataclass

CHIME = "chime"
# Spoken one by one, digits would each fall like the end of a sentence; letters alone are too short.
DIGIT = 'range="50%"'
LETTER = 'range="50%" rate="75%"'


@dataclass(frozen=True)
class Clip:
    """One recording: `words` for people, `say` in phonemes where the voice would say them wrongly."""

    name: str
    words: str
    say: str = ""
    prosody: str = ""


@dataclass(frozen=True)
class Pack:
    """One language."""

    voice: str
    speed: int
    pitch: int
    clips: tuple[Clip, ...]


# espeak-ng 1.51 says "Empat", "Enam", "sebElas", "lokEt" with the wrong e.
INDONESIAN_SAY = {
    "empat": "[[@mp'at]]",
    "enam": "[[@n'am]]",
    "sebelas": "[[s@b@l'as]]",
    "belas": "[[b@l'as]]",
    "loket": "[[l'okEt]]",
}
INDONESIAN_NUMBERS = {
    "0": "nol",
    "1": "satu",
    "2": "dua",
    "3": "tiga",
    "4": "empat",
    "5": "lima",
    "6": "enam",
    "7": "tujuh",
    "8": "delapan",
    "9": "sembilan",
    "10": "sepuluh",
    "11": "sebelas",
    "100": "seratus",
    "1000": "seribu",
    "belas": "belas",
    "puluh": "puluh",
    "ratus": "ratus",
    "ribu": "ribu",
}
ENGLISH_NUMBERS = {
    "0": "zero",
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "10": "ten",
    "11": "eleven",
    "12": "twelve",
    "13": "thirteen",
    "14": "fourteen",
    "15": "fifteen",
    "16": "sixteen",
    "17": "seventeen",
    "18": "eighteen",
    "19": "nineteen",
    "20": "twenty",
    "30": "thirty",
    "40": "forty",
    "50": "fifty",
    "60": "sixty",
    "70": "seventy",
    "80": "eighty",
    "90": "ninety",
    "hundred": "hundred",
    "thousand": "thousand",
}
INDONESIAN_PHRASES = {
    "number": "nomor antrean",
    "recall": "panggilan ulang",
    "priority": "prioritas",
    "go-to": "silakan menuju",
    "counter": "loket",
}
ENGLISH_PHRASES = {
    "number": "number",
    "recall": "second call",
    "priority": "priority",
    "go-to": "please go to",
    "counter": "counter",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _clips(phrases: dict[str, str], numbers: dict[str, str], say: dict[str, str]) -> tuple[Clip, ...]:
    return (
        *(Clip(name, words, say.get(words, "")) for name, words in phrases.items()),
        *(Clip(name, words, say.get(words, ""), DIGIT) for name, words in numbers.items()),
        *(Clip(letter, letter.upper(), prosody=LETTER) for letter in LETTERS),
    )


PACKS = {
    "id": Pack(
        "id",
        speed=140,
        pitch=45,
        clips=(
            Clip(CHIME, "nada pembuka"),
            *_clips(INDONESIAN_PHRASES, INDONESIAN_NUMBERS, INDONESIAN_SAY),
        ),
    ),
    "en": Pack("en-gb", speed=145, pitch=45, clips=_clips(ENGLISH_PHRASES, ENGLISH_NUMBERS, {})),
}
