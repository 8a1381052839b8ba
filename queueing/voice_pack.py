"""Which recordings there are: the packs in static/audio/, and the mall's own."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from queueing.models import VoiceClip
from queueing.voice import PAUSE, PAUSE_SECONDS


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


def manifest(languages: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return where each clip of these languages is heard: {name: {"url", "seconds"}}."""
    languages = list(languages)
    entries: dict[str, dict[str, Any]] = {PAUSE: {"url": "", "seconds": PAUSE_SECONDS}}
    for language in languages:
        for name, clip in pack(language).items():
            address = static(f"audio/{language}/{name}.mp3")
            entries[f"{language}/{name}"] = {"url": address, "seconds": clip.seconds}
    for own in recordings().filter(language__in=languages):
        entries[own.name] = {"url": own_url(own), "seconds": float(own.seconds)}
    return entries


def recordings() -> Any:
    """Return the mall's own recordings, with what their names are made of."""
    return VoiceClip.objects.select_related("agency", "counter")


def own_url(clip: VoiceClip) -> str:
    """Return the address of a recording; it changes with the recording, so browsers may keep it."""
    return reverse("voice-clip", args=[clip.pk, clip.version])
