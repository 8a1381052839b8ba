"""What the person who starts the portal has given, and what the local portal adds."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from mpp.runtime.places import CHECKOUT, Places, secret_key

# The words that django-environ takes for true.
TRUE = ("true", "on", "ok", "y", "yes", "1")
LINE = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]*)\s*=\s*(?P<value>.*?)\s*$", re.MULTILINE)


def given(name: str, *, checkout: Path = CHECKOUT) -> str:
    """The value of NAME, or the path in NAME_FILE, from the environment or `.env`; empty when not set."""
    noted = _dotenv(checkout)
    for candidate in (name, f"{name}_FILE"):
        value = os.environ.get(candidate) or noted.get(candidate, "")
        if value:
            return value
    return ""


def is_true(value: str) -> bool:
    """Whether settings read the value as true."""
    return value.strip().lower() in TRUE


def is_demo(places: Places) -> bool:
    """Whether `make run` is a demo: unless MPP_DEMO says no."""
    return is_true(given("MPP_DEMO", checkout=places.checkout) or "1")


def local_defaults(places: Places) -> dict[str, str]:
    """What a portal on its own servers needs beside their addresses: to be a demo, and its own secret."""
    defaults: dict[str, str] = {}
    if not given("SECRET_KEY", checkout=places.checkout):
        defaults["SECRET_KEY"] = secret_key(places)
    if not places.instance and not given("MPP_DEMO", checkout=places.checkout):
        defaults["MPP_DEMO"] = "1"
    return defaults


def _dotenv(checkout: Path) -> Mapping[str, str]:
    try:
        text = (checkout / ".env").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return {found["name"]: found["value"].strip("\"'") for found in LINE.finditer(text)}
