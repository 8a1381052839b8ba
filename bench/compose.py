"""The commands of docker-compose.yml, to run them on this machine without containers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PORTAL_IMAGE = "mpp-portal"
# Where the processes listen inside their container.
EVERYWHERE = "0.0.0.0"  # noqa: S104


def services() -> dict[str, dict[str, Any]]:
    """Return the services of docker-compose.yml."""
    content = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = content["services"]
    return found


def own_services() -> dict[str, dict[str, Any]]:
    """Return those that run the portal's own code."""
    return {name: each for name, each in services().items() if each["image"].startswith(PORTAL_IMAGE)}


def local_command(name: str, *, web: int, live: int, scratch: Path) -> list[str]:
    """Return the command of one service with this machine's programs, ports and a scratch directory."""
    instead: Mapping[str, str] = {
        f"{EVERYWHERE}:8000": f"127.0.0.1:{web}",
        EVERYWHERE: "127.0.0.1",
        "8001": str(live),
        "/tmp/beat-schedule": str(scratch / "beat-schedule"),  # noqa: S108  a container's own /tmp
    }
    program, *arguments = [instead.get(word, word) for word in own_services()[name]["command"]]
    beside = Path(sys.executable).parent / program
    return [str(beside), *arguments]
