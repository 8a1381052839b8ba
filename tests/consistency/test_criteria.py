"""docs/citizen-criteria.md names every criterion of the citizen's side, and proofs that exist."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

ROW = re.compile(r"^\| (U-\d\d) \| .+ \| (.+) \|$", re.MULTILINE)
STYLES = ("base", "booking", "citizen", "fairness", "files", "now", "print", "tokens")


def proofs() -> dict[str, str]:
    page = settings.BASE_DIR / "docs" / "citizen-criteria.md"
    return dict(ROW.findall(page.read_text(encoding="utf-8")))


def test_every_criterion_stands_in_the_table_in_order_with_a_proof_or_what_is_missing() -> None:
    found = proofs()
    assert list(found) == [f"U-{number:02}" for number in range(1, 34)]
    assert [code for code, proof in found.items() if "`" not in proof and "Not yet" not in proof] == []


def test_every_proof_that_is_named_exists() -> None:
    files = (settings.BASE_DIR / "tests").rglob("test_*.py")
    known = {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))}
    named = {name for proof in proofs().values() for name in re.findall(r"`(test_\w+)`", proof)}
    assert named - known == set()
    paths = {path for proof in proofs().values() for path in re.findall(r"`([\w/]+\.py)`", proof)}
    assert [path for path in paths if not (settings.BASE_DIR / path).exists()] == []


@pytest.mark.parametrize("name", STYLES)
def test_no_citizen_page_moves_by_itself(name: str) -> None:
    style = (settings.BASE_DIR / "static" / "css" / f"{name}.css").read_text(encoding="utf-8")
    assert "@keyframes" not in style
