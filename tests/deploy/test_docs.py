"""The documentation says what is: links lead somewhere, commands exist, both languages agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from bench.compose import ROOT, services
from docs.render_workflow import PAGE, render

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> list[str]:
    """The shell commands of a page, without the words in angle brackets."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text_of(page), re.MULTILINE | re.DOTALL)
    return [re.sub(r"<[^>]+>", "<>", block) for block in blocks]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_life_of_a_number_is_drawn_as_it_is() -> None:
    assert text_of(PAGE) == render(), "run: python -m docs.render_workflow"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", text_of(page))
    missing = [link for link in links if not link.endswith(".png") and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_exist(page: Path) -> None:
    text = text_of(page)
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z]+)[`\n]", text)) <= targets
    for line in re.findall(r"docker compose (?:run|exec|restart|logs|stop)\b([^`\n]*)", text):
        words = [word for word in line.split() if not word.startswith("-")]
        assert words
        assert words[0] in services()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_of_the_code_exist(page: Path) -> None:
    named = re.findall(r"`((?:mpp|queueing|deploy|tests|docs|bench)/[\w./-]+)`", text_of(page))
    made_on_the_server = {"deploy/secrets/", "deploy/certificates/"}
    assert [path for path in named if path not in made_on_the_server and not (ROOT / path).exists()] == []


def test_both_readmes_are_whole_and_say_the_same() -> None:
    english, indonesian = ROOT / "README.md", ROOT / "README.id.md"
    assert code_of(english) == code_of(indonesian)
    for shape in (r"^## ", r"^\| `[^`<]+", r"\]\(([^)]+)\)"):
        left, right = (re.findall(shape, text_of(page), re.MULTILINE) for page in (english, indonesian))
        swapped = ["README.id.md" if link == "README.md" else link for link in right]
        assert sorted(left) == sorted(swapped)


def test_readme_names_the_commands_that_ci_runs() -> None:
    assert "REQUIRE_BROWSER=1 make test" in text_of(ROOT / "README.md")


def test_the_changelog_begins_with_this_version() -> None:
    version = re.search(r'^version = "(.+)"$', text_of(ROOT / "pyproject.toml"), re.MULTILINE)
    assert version
    assert re.findall(r"^## (\S+)", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)[0] == version[1]
