"""The displays run on the browser of a 2018 television: ES2015 and plain CSS, no newer word in either."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from queueing.views.display import SCRIPTS

STATIC = Path(settings.BASE_DIR) / "static"
STYLES = ("css/tokens.css", "css/base.css", "css/display.css")
# Strings, regular expressions and comments hold words of any age.
TEXT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[(,=:\[!&|?{};\n])\s*/(?:\\.|[^/\\\n])+/[a-z]*""",
    re.S,
)
NEWER = {
    "optional chaining": r"\?\.(?!\d)",
    "nullish": r"\?\?",
    "power": r"\*\*",
    "async": r"\basync\b|\bawait\b",
    "modules": r"^\s*(import|export)\b|\bimport\(",
    "object spread": r"\{\s*\.\.\.|,\s*\.\.\.\w+\s*\}",
    "catch without a name": r"\bcatch\s*\{",
    "private fields": r"[\s.]#\w+",
    "separated digits": r"\d_\d",
    "trailing comma in a call": r",\s*\)",
    "methods of 2016 and later": r"\.(includes|padStart|padEnd|flat|flatMap|at|replaceAll|finally|matchAll"
    r"|trimStart|trimEnd|append|prepend|replaceWith|replaceChildren|toggleAttribute|closest)\(",
    "functions of 2017 and later": r"\bObject\.(values|entries|fromEntries|hasOwn)\b"
    r"|\bPromise\.(allSettled|any)\b|\bglobalThis\b|\bstructuredClone\b|\bAbortController\b|\bqueueMicrotask\b",
}
NEWER_CSS = {
    "a function of 2020": r"[\s:,(](?:min|max|clamp)\(",
    "gap in a flex box": r"(?<!grid-)(?<![\w-])(?:row-|column-)?gap\s*:",
    "a selector of 2021": r":(?:is|where|has|focus-within)\b",
    "a shorthand of 2020": r"(?<![\w-])(?:inset|aspect-ratio|place-items)\s*:",
    "nesting or layers": r"@(?:layer|container|supports)|&\s*[.:]",
}


def bare(script: str) -> str:
    return TEXT.sub(lambda found: " " if found[0].lstrip().startswith("/") else '""', script)


@pytest.mark.parametrize("name", [*SCRIPTS, "js/display-worker.js", "js/now.js"])
def test_no_script_of_a_display_is_younger_than_its_television(name: str) -> None:
    script = bare((STATIC / name).read_text(encoding="utf-8"))
    found = {word: re.findall(pattern, script, re.M) for word, pattern in NEWER.items()}
    assert {word: hits for word, hits in found.items() if hits} == {}


@pytest.mark.parametrize("name", STYLES)
def test_no_style_of_a_display_is_younger_than_its_television(name: str) -> None:
    style = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.S)
    found = {word: re.findall(pattern, style) for word, pattern in NEWER_CSS.items()}
    assert {word: hits for word, hits in found.items() if hits} == {}
    if name == "css/display.css":
        assert "grid" not in style


@pytest.mark.parametrize(
    "line",
    [
        "var a = b?.c;",
        "const f = async () => 1;",
        "export default 1;",
        "try { x(); } catch { y(); }",
        "f(a, b,);",
        "var o = { ...p };",
        "list.includes(1);",
        "Object.entries(o);",
    ],
)
def test_the_check_itself_would_notice(line: str) -> None:
    assert any(re.search(pattern, bare(line), re.M) for pattern in NEWER.values())


def test_the_check_does_not_mind_what_is_only_said() -> None:
    harmless = 'var a = "x?.y"; // await\n/* import x */ var b = /a??b/.test(c) ? .5 : 1;'
    assert not any(re.search(pattern, bare(harmless), re.M) for pattern in NEWER.values())
