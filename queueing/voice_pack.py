"""Where each clip is heard: in the pack, or in the mall's own recording that stands in for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from queueing.clip_packs import pack
from queueing.models import VoiceClip
from queueing.voice import PAUSE, PAUSE_SECONDS, Call, Speech, agency_clip, clips_of, counter_clip
from tenants.models import Agency, Counter


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


@dataclass(frozen=True)
class ClipRow:
    """One line of the list of clips: what is said, how it sounds now, and how to record it anew.

    `clips` is empty when there is nothing to hear; `query` fills in the form for a new recording.
    """

    words: str
    clips: list[str]
    query: str
    own: VoiceClip | None

    @property
    def say(self) -> str:
        """Return the clips as voice.js takes them."""
        return json.dumps([self.clips])


def catalogue(language: str) -> list[tuple[str, list[ClipRow]]]:
    """Return all clips of `language` in groups with a title: the pack, agencies, counters."""
    own = {clip.name: clip for clip in recordings().filter(language=language)}

    def row(words: str, name: str, is_built_in: bool, **what: Any) -> ClipRow:
        name = f"{language}/{name}"
        clips = [name] if is_built_in or name in own else []
        return ClipRow(words, clips, urlencode({"language": language, **what}), own.get(name))

    return [
        (_("Klip bawaan"), [row(clip.words, name, True, clip=name) for name, clip in pack(language).items()]),
        (
            _("Nama instansi: diucapkan sebelum loketnya, bila ada rekamannya"),
            [
                row(agency.short_name, agency_clip(agency.code), False, agency=agency.pk)
                for agency in Agency.objects.all()
            ],
        ),
        (
            _("Nama loket: menggantikan “loket” dan nomornya, bila ada rekamannya"),
            [
                row(str(counter), counter_clip(counter.code), False, counter=counter.pk)
                for counter in Counter.objects.filter(is_active=True)
            ],
        ),
    ]


def sample(language: str) -> list[str]:
    """Return the sentence by which a hall is judged: A-012 to counter 3."""
    (clips,) = clips_of(Call(label="A-012", counter="3"), Speech(languages=(language,)))
    return clips


def recordings() -> Any:
    """Return the mall's own recordings, with what their names are made of."""
    return VoiceClip.objects.select_related("agency", "counter")


def own_url(clip: VoiceClip) -> str:
    """Return the address of a recording; it changes with the recording, so browsers may keep it."""
    return reverse("voice-clip", args=[clip.pk, clip.version])
