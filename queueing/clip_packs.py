"""The recordings that come with the portal: static/audio/, made by tools/voice."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class PackClip:
    """A recording that comes with the portal."""

    name: str
    words: str
    seconds: float


@functools.cache
def pack(language: str) -> Mapping[str, PackClip]:
    """Return the built-in clips of `language` by name without language, as tools/voice made them."""
    path = Path(settings.BASE_DIR) / "static" / "audio" / language / "manifest.json"
    clips = json.loads(path.read_text(encoding="utf-8"))["clips"]
    return {name: PackClip(name, clip["words"], clip["seconds"]) for name, clip in clips.items()}
