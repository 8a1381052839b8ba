"""docs/persyaratan.md names every requirement of the founding articles, and tests that exist."""

from __future__ import annotations

import re

from django.conf import settings

# How many requirements each founding article holds: R000 is Hulu Sungai Tengah, R004 Kutai Timur.
ARTICLES = (16, 12, 15, 12, 9)
ROW = re.compile(r"^\| (R\d{3}-\d+) \|(.+)\|$", re.MULTILINE)


def rows() -> dict[str, list[str]]:
    page = (settings.BASE_DIR / "docs" / "persyaratan.md").read_text(encoding="utf-8")
    return {code: [cell.strip() for cell in rest.split("|")] for code, rest in ROW.findall(page)}


def test_every_requirement_of_the_five_articles_stands_in_the_table_in_order() -> None:
    codes = [
        f"R00{article}-{number}" for article, most in enumerate(ARTICLES) for number in range(1, most + 1)
    ]
    assert list(rows()) == codes
    assert all(len(cells) == 3 and all(cells) for cells in rows().values())


def test_every_test_that_is_named_exists() -> None:
    files = (settings.BASE_DIR / "tests").rglob("test_*.py")
    known = {
        name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
    }
    named = {code: re.findall(r"`(test_\w+)`", cells[2]) for code, cells in rows().items()}
    assert all(named.values())
    assert {name for names in named.values() for name in names} - known == set()
