"""The mall of the pictures, for audits of the same pages; what they found is told at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.e2e.conftest import browser, people, server
from tests.pictures.scene import Scene, make_scene

__all__ = ["browser", "people", "server"]

FOLDER = Path(settings.BASE_DIR) / "var" / "lighthouse"
SUMMARY = "ringkasan.md"


@pytest.fixture(scope="session")
def reports(folder: Path) -> Iterator[list[str]]:
    """Lines to be told at the end of the run, and kept beside the reports."""
    lines: list[str] = []
    yield lines
    folder.joinpath(SUMMARY).write_text("\n".join([*lines, ""]), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what was found, whether or not something failed."""
    if (summary := FOLDER / SUMMARY).exists():
        terminalreporter.write(f"\n{summary.read_text(encoding='utf-8')}\n")


@pytest.fixture(scope="session")
def folder() -> Path:
    """Where the reports go; those of an earlier run are gone."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    return FOLDER


@pytest.fixture
def axe_file(folder: Path) -> Path:
    return folder / "axe.json"


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()
