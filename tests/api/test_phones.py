"""Mobile numbers: many ways to write one, one way to keep it."""

from __future__ import annotations

import pytest

from mpp.core.errors import Refusal
from mpp.core.phones import normalise


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "0812 3456 7890",
        "0812-3456-7890",
        "0812.3456.7890",
        "(0812) 3456-7890",
        " 081234567890 ",
        "6281234567890",
        "62 812 3456 7890",
        "62-812-3456-7890",
        "(62) 812 3456 7890",
        "+6281234567890",
        "+62 812-3456-7890",
        "+62 0812 3456 7890",
    ],
)
def test_one_number_is_kept_in_one_form(written: str) -> None:
    assert normalise(written) == "+6281234567890"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0811234567", "+62811234567"),
        ("0895 1234 5678", "+6289512345678"),
        ("0852-4812-3456", "+6285248123456"),
        ("+60 12-345 6789", "+60123456789"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_other_numbers_are_kept_too(written: str, kept: str) -> None:
    assert normalise(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "0812",
        "812",
        "123456",
        "0511 330 4567",
        "021-5551234",
        "0800 123 4567",
        "110",
        "+6262812345678",
        "0812345678901234",
        "0812-FLOWERS",
        "0812345678 9o",
        "081234567890 ext 3",
        "tel:081234567890",
        "++6281234567890",
        "+",
        "-",
        "( )",
        "0000000000",
        "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
        "+1 415 555 2671",
        "0812\u00003456789",
        "\u202e081234567890",
        "0812345\n67890",
        "1" * 31,
        "0" * 10_000,
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        normalise(written)
    assert refused.value.status == 400
    assert refused.value.extra["field"] == "phone"
