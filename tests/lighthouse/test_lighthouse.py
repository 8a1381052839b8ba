"""`make lighthouse`: ten key pages as Lighthouse judges them on a cheap phone (U-05).

What a server on this machine cannot show is named, not excused: TLS and HTTP/2 belong to the proxy
(deploy/proxy), so Lighthouse speaks HTTP to loopback here, which it takes for secure.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.e2e.conftest import chromium
from tests.pictures.pages import pages_of
from tests.pictures.scene import Scene
from tests.support.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

AUDIT = Path(settings.BASE_DIR) / "tools" / "lighthouse" / "audit.mjs"
LIMITS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
KEY_PAGES = (
    "beranda",
    "layanan",
    "cari",
    "satu-layanan",
    "instansi",
    "ambil",
    "nomor-menunggu",
    "pesan-waktu",
    "berkas",
    "mal",
)
# These are not to be found by search engines, and must say so: the one audit that asks for the opposite.
UNLISTED = frozenset({"cari", "ambil", "nomor-menunggu", "pesan-waktu"})


def test_ten_key_pages_on_a_phone(scene: Scene, server: Server, folder: Path, reports: list[str]) -> None:
    paths = pages_of(scene)
    plan = {
        "folder": str(folder),
        "chromium": chromium(),
        "limits": LIMITS,
        "pages": [
            {
                "name": name,
                "url": server.url + paths[name],
                "skipped": ["is-crawlable"] if name in UNLISTED else [],
            }
            for name in KEY_PAGES
        ],
    }
    orders = folder / "plan.json"
    orders.write_text(json.dumps(plan), encoding="utf-8")
    ended = subprocess.run(["node", AUDIT, orders], capture_output=True, text=True, timeout=3000)
    assert ended.returncode == 0, ended.stderr
    rows = json.loads(ended.stdout)
    reports.extend(table(rows))
    too_low = {row["name"]: row["found"] for row in rows if is_too_low(row)}
    assert too_low == {}


def is_too_low(row: dict[str, Any]) -> bool:
    return any(row["scores"][category] < limit for category, limit in LIMITS.items())


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the figures of each page as a table of Markdown."""
    head = ["page", *LIMITS, "largest paint", "shift", "blocked"]
    body = [
        [
            row["name"],
            *(f"{row['scores'][category]}" for category in LIMITS),
            f"{row['paint'] / 1000:.2f} s",
            f"{row['shift']:.3f}",
            f"{row['blocked']:.0f} ms",
        ]
        for row in rows
    ]
    limits = ["limit", *(str(limit) for limit in LIMITS.values()), "", "", ""]
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body, limits)]
