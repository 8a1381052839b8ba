"""axe-core 4.14.1 (MPL-2.0, see LICENSE): what a machine can find of barriers on a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name("axe.min.js")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, *, contrast: int = 0) -> list[str]:
    """Return what axe finds on the page as it stands; `contrast=7` also asks for 7:1."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    rules = {"color-contrast-enhanced": {"enabled": True}} if contrast == 7 else {}
    found = page.evaluate(
        "([values, rules]) => axe.run({runOnly: {type: 'tag', values}, rules, resultTypes: ['violations']})",
        [STANDARDS, rules],
    )
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes']][:3]}"
        for one in found["violations"]
    ]
