"""How one visitor wants the kiosk: language, priority, help to see and reach.

It is carried from touch to touch in the address and nowhere else, so it ends with its visitor: the start
screen knows nothing of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import HttpRequest

# What the address says when a wish is on.
CARRIED = {
    "priority": ("didahulukan", "1"),
    "english": ("bahasa", "en"),
    "large": ("huruf", "besar"),
    "contrast": ("kontras", "tinggi"),
    "low": ("tombol", "bawah"),
    "sound": ("suara", "1"),
}
# What else of an address belongs to the screen itself: it stays when a wish is turned over.
OF_THE_SCREEN = ("hal", "cari", "awalan", "kode")
CLASSES = {"large": "large-type", "contrast": "high-contrast", "low": "low-reach", "sound": "aloud"}


@dataclass(frozen=True)
class Manner:
    """The wishes of the visitor who stands here."""

    priority: bool = False
    english: bool = False
    large: bool = False
    contrast: bool = False
    low: bool = False
    sound: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> Manner:
        """Read the wishes that this address or form carries; nonsense is no wish."""
        values = request.POST if request.method == "POST" else request.GET
        return cls(**{name: values.get(key) == on for name, (key, on) in CARRIED.items()})

    @property
    def carried(self) -> dict[str, str]:
        """Return what an address or form must carry on."""
        return dict(CARRIED[field.name] for field in fields(self) if getattr(self, field.name))

    @property
    def classes(self) -> str:
        """Return the classes of the page's body, each after a space."""
        return "".join(f" {CLASSES[name]}" for name in CLASSES if getattr(self, name))

    @property
    def language(self) -> str:
        """Return the language of the kiosk's own texts; names and services stay as they are called."""
        return "en" if self.english else "id"

    def link(self, path: str, said: Mapping[str, str] | None = None, *, screen: int = 1) -> str:
        """Return `path` with what is `said`, these wishes, and the screen's number unless it is the first."""
        query = ({"hal": str(screen)} if screen > 1 else {}) | dict(said or {}) | self.carried
        return f"{path}?{urlencode(query)}" if query else path

    def turned(self, name: str) -> Manner:
        """Return these wishes with one of them turned over."""
        return replace(self, **{name: not getattr(self, name)})


def same_screen(request: HttpRequest, manner: Manner) -> str:
    """Return the address of the screen that `request` shows, in another manner."""
    kept = {key: request.GET[key] for key in OF_THE_SCREEN if request.GET.get(key)}
    return manner.link(request.path, kept)
