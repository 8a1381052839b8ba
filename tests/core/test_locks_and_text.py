"""Small pieces that everything stands on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from mpp.core import clock, tokens
from mpp.core.errors import Refusal
from mpp.core.text import clean_text, validate_plain


@pytest.mark.parametrize("hidden", ["\x00", "\x07", "\x1b[31m", "\u202e", "\u2066", "\u200f"])
def test_hidden_characters_are_refused(hidden: str) -> None:
    with pytest.raises(Refusal) as refusal:
        clean_text(f"KTP{hidden}hilang", limit=100)
    assert refusal.value.status == 400
    with pytest.raises(ValidationError):
        validate_plain(f"KTP{hidden}hilang")


def test_ordinary_text_is_stripped_and_kept() -> None:
    assert clean_text("  KTP hilang, é 😀\nbaris dua ", limit=100) == "KTP hilang, é 😀\nbaris dua"


def test_long_text_is_refused_with_its_limit() -> None:
    with pytest.raises(Refusal) as refusal:
        clean_text("a" * 10_000, limit=100)
    assert refusal.value.status == 400
    assert "100" in str(refusal.value.message)


def test_a_token_follows_from_its_nonce_and_differs_by_purpose() -> None:
    assert tokens.derived("ticket", "abc") == tokens.derived("ticket", "abc")
    assert tokens.derived("ticket", "abc") != tokens.derived("lain", "abc")
    assert tokens.derived("ticket", "abc") != tokens.derived("ticket", "abd")
    assert len(tokens.derived("ticket", "abc")) == 32


@pytest.mark.django_db
def test_the_clock_is_the_databases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    assert before <= clock.now()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "turns_at"),
    [
        ("Asia/Jakarta", datetime(2026, 11, 20, 17, 0, tzinfo=UTC)),
        ("Asia/Makassar", datetime(2026, 11, 20, 16, 0, tzinfo=UTC)),
        ("Asia/Jayapura", datetime(2026, 11, 20, 15, 0, tzinfo=UTC)),
    ],
)
def test_the_date_turns_at_local_midnight(zone: str, turns_at: datetime) -> None:
    from datetime import timedelta

    from django.utils import timezone

    with timezone.override(zone):
        with clock.frozen(turns_at - timedelta(seconds=1)):
            assert clock.today().isoformat() == "2026-11-20"
        with clock.frozen(turns_at):
            assert clock.today().isoformat() == "2026-11-21"
