"""What one run of the demo leaves for the terminal and for tools: var/run/demo.json, for its owner only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from mpp.core import clock
from mpp.core.mall import current
from mpp.demo import days, files, people
from mpp.runtime.places import locate
from queueing import actions
from tenants.models import Zone


def path() -> Path:
    """Return where the note of this checkout is."""
    return locate().demo_file


def renew() -> dict[str, Any]:
    """Give everybody a new password, open the mall as asked, and write the note; return it."""
    mall = current()
    password = secrets.token_urlsafe(9)
    with timezone.override(mall.timezone):
        days.keep_open()
        if settings.LOAD_TEST:
            actions.lift_quotas(clock.today())
        people.prepare(password)
        files.prepare()
        zones = list(Zone.objects.values_list("code", flat=True))
        note = {
            "mall": mall.name,
            "today": ""
            if settings.OPEN_REAL_HOURS
            else "Hari ini buka sepanjang hari, khusus demo. Jam asli: OPEN=real",
            "zone": next(iter(zones), ""),
            "zones": zones,
            "password": password,
            "signins": [entry.as_dict() for entry in people.sign_ins(password)],
        }
    _write(note)
    return note


def sign_ins() -> list[dict[str, Any]]:
    """Return the sign-ins of the current run, as counters are used today."""
    note = _read() or renew()
    with timezone.override(current().timezone):
        return [entry.as_dict() for entry in people.sign_ins(note["password"])]


def _read() -> dict[str, Any] | None:
    try:
        note = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) and isinstance(note.get("password"), str) else None


def _write(note: dict[str, Any]) -> None:
    """Put the note in place whole; nobody else may read it, not even for a moment."""
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(note, file, ensure_ascii=False, indent=1)
    draft.replace(target)
