"""What the terminal shows once the portal is there: where everybody goes, and demo sign-ins."""

from __future__ import annotations

import json
from typing import Any

from mpp.runtime.environment import is_demo
from mpp.runtime.places import Places

ROLES = {
    "OFFICER": "Petugas loket",
    "AGENCY_MANAGER": "Pengelola instansi",
    "RECEPTIONIST": "Penerima tamu",
    "FLOOR_MANAGER": "Pengelola lantai",
    "ADMIN": "Admin DPMPTSP",
    "AUDITOR": "Auditor",
}


def board(places: Places, address: str, seconds: float) -> str:
    """The addresses of a running portal and one sign-in of each role, as text for the terminal."""
    note = _note(places) if is_demo(places) else {}
    lines = ["", f"{note.get('mall') or 'Portal'} siap dalam {seconds:.1f} detik.".replace(".", ",", 1), ""]
    lines += table([(name, address + path) for name, path in _addresses(note)])
    if note.get("today"):
        lines += ["", f"  {note['today']}"]
    people = [each for each in note.get("signins", []) if isinstance(each, dict)]
    if people:
        lines += ["", "  Akun contoh, hanya untuk demo ini:"]
        lines += table(_one_of_each_role(people))
    lines += ["", f"  Catatan jalannya: {places.log}", "  Tekan Ctrl-C untuk berhenti.", ""]
    return "\n".join(lines)


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows of text in aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  " + "   ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _addresses(note: dict[str, Any]) -> list[tuple[str, str]]:
    zone = note.get("zone")
    return [
        ("Warga", "/"),
        ("Anjungan", "/anjungan/"),
        *([("Layar", f"/layar/{zone}/")] if zone else []),
        ("Petugas", "/loket/"),
        ("Lantai", "/lantai/"),
        ("Admin", "/admin/"),
        ("API", "/api/v1/docs/"),
    ]


def _one_of_each_role(people: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    first: dict[str, dict[str, Any]] = {}
    for person in people:
        first.setdefault(str(person.get("role", "")), person)
    return [
        (
            ROLES.get(role.upper(), role),
            str(person.get("username", "")),
            str(person.get("password", "")),
            str(person.get("agency") or ""),
        )
        for role, person in first.items()
    ]


def _note(places: Places) -> dict[str, Any]:
    try:
        note = json.loads(places.demo_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
