"""Citizens read short sentences: at most fourteen words each, so on average far fewer."""

from __future__ import annotations

from statistics import mean

import pytest

from tools import plain


def test_no_sentence_for_citizens_is_longer_than_fourteen_words() -> None:
    found = {each for text in plain.citizens_texts() for each in plain.sentences(text)}
    assert len(found) > 400
    assert plain.too_long(found) == []
    assert mean(len(plain.words_of(each)) for each in found) < 8


def test_no_text_for_citizens_uses_words_of_offices_or_computers() -> None:
    assert plain.unkind(plain.citizens_texts()) == []


@pytest.mark.parametrize("text", ["Klik di sini", "Silahkan login", "Berhasil!", "Ambil antrian %(label)s"])
def test_an_unkind_word_is_found(text: str) -> None:
    assert plain.unkind([text, "Ambil nomor <b class='link'>antrean</b>"]) == [text]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Kembali", []),
        ("Ambil nomor.", ["Ambil nomor."]),
        ("Ambil nomor. Lalu tunggu %(minutes)d menit.", ["Ambil nomor.", "Lalu tunggu %(minutes)d menit."]),
        ("Loket <b>dua</b> di lantai dua", ["Loket <b>dua</b> di lantai dua"]),
    ],
)
def test_what_counts_as_a_sentence(text: str, counted: list[str]) -> None:
    assert list(plain.sentences(text)) == counted


def test_blanks_and_markup_count_as_what_a_reader_sees() -> None:
    words = plain.words_of('Nomor {nomor}: %(count)d orang di <b class="x">depan</b> Anda.')
    assert words == ["Nomor", "isian", "isian", "orang", "di", "depan", "Anda"]


def test_a_long_sentence_is_found() -> None:
    assert plain.too_long(["kata " * 14, "kata " * 15]) == ["kata " * 15]
