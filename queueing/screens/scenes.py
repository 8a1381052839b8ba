"""What a display is about: its parts, its layout, its running text, what it plays between calls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from queueing.enums import Half, ScreenLayout
from queueing.models import CounterSession, Medium, PlaylistItem, Screen, ScreenSource
from tenants.models import Agency, Counter, CounterDuty, Zone

# Of this many letters on, the floor has no room beside the name of the zone.
MOST_LETTERS_WITH_FLOOR = 20


@dataclass(frozen=True)
class Part:
    """Zones and agencies, by key, whose calls stand together."""

    name: str
    zones: frozenset[int]
    agencies: frozenset[int]

    def sessions(self, prefix: str = "session__") -> Q:
        """Return the condition that a counter session belongs here."""
        return Q(**{f"{prefix}counter__zone__in": self.zones}) | Q(**{f"{prefix}agency__in": self.agencies})

    def serving_on(self, day: date) -> list[Agency]:
        """Return the agencies that have a counter here on `day`, in their order."""
        duties = CounterDuty.objects.on(day).filter(counter__is_active=True, counter__zone__in=self.zones)
        here = Q(pk__in=duties.values("agency")) | Q(pk__in=self.agencies)
        return list(Agency.objects.serving_on(day).filter(here).order_by("position", "code"))


@dataclass(frozen=True)
class Showing:
    """A picture or a video between calls."""

    url: str
    kind: str
    seconds: int


@dataclass(frozen=True)
class Scene:
    """One display as configured; two parts in the layout of two halves, else one."""

    code: str
    name: str
    layout: str
    parts: tuple[Part, ...]
    note: str = ""
    shows_waiting: bool = True
    shows_next: bool = True
    showings: tuple[Showing, ...] = ()

    @property
    def whole(self) -> Part:
        """Return both parts as one."""
        zones = frozenset[int]().union(*(part.zones for part in self.parts))
        agencies = frozenset[int]().union(*(part.agencies for part in self.parts))
        return Part(self.name, zones, agencies)

    @property
    def look(self) -> str:
        """Return a digest of everything that the page is built from: another one means another page."""
        drawn: dict[str, Any] = asdict(self) | {"note": ""}
        drawn["parts"] = [(part.name, sorted(part.zones), sorted(part.agencies)) for part in self.parts]
        return hashlib.sha256(repr(sorted(drawn.items())).encode()).hexdigest()[:12]

    def agencies(self) -> frozenset[int]:
        """Return the keys of every agency that may be called here: by name, or by a counter of a zone."""
        zones = self.whole.zones
        duties = CounterDuty.objects.filter(counter__zone__in=zones).values_list("agency")
        sitting = CounterSession.objects.open().filter(counter__zone__in=zones).values_list("agency")
        return self.whole.agencies | {agency for (agency,) in duties.union(sitting)}

    def voices(self) -> list[Zone]:
        """Return the zones whose voice is heard here, the first of which sets the volume."""
        named = Q(pk__in=self.whole.zones) | Q(counters__duties__agency__in=self.whole.agencies)
        return list(Zone.objects.filter(named).distinct())

    def has_counters(self) -> bool:
        """Tell whether anybody can ever be called here."""
        whole = self.whole
        duties = Q(duties__agency__in=whole.agencies)
        return Counter.objects.filter(Q(zone__in=whole.zones) | duties, is_active=True).exists()


def scene_of(code: str) -> Scene | None:
    """Return the display `code`: a configured one, else the default of the zone with this code."""
    screen = Screen.objects.filter(code=code, is_active=True).first()
    if screen is not None:
        return _scene_of_screen(screen)
    zone = Zone.objects.filter(code=code).first()
    return scene_of_zone(zone) if zone else None


def scene_of_zone(zone: Zone) -> Scene:
    """Return the default display of a zone."""
    name = f"{zone.name} · {zone.floor}" if len(zone.name) <= MOST_LETTERS_WITH_FLOOR else zone.name
    return Scene(zone.code, name, ScreenLayout.ONE, (Part(zone.name, frozenset({zone.pk}), frozenset()),))


def scenes() -> list[Scene]:
    """Return every display: the configured ones, then the zones without one of their own code."""
    screens = {screen.code: screen for screen in Screen.objects.filter(is_active=True)}
    zones = Zone.objects.exclude(code__in=screens)
    return [*map(_scene_of_screen, screens.values()), *map(scene_of_zone, zones)]


def _scene_of_screen(screen: Screen) -> Scene:
    sources = list(screen.sources.select_related("zone", "agency"))
    if screen.layout == ScreenLayout.HALVES:
        parts = tuple(_part([source for source in sources if source.half == half]) for half in Half)
    else:
        parts = (_part(sources),)
    items = screen.playlist.select_related("medium") if screen.layout == ScreenLayout.ONE else ()
    return Scene(
        code=screen.code,
        name=screen.name,
        layout=screen.layout,
        parts=parts,
        note=screen.note,
        shows_waiting=screen.shows_waiting,
        shows_next=screen.shows_next,
        showings=tuple(_showing(item) for item in items),
    )


def _part(sources: Iterable[ScreenSource]) -> Part:
    sources = list(sources)
    names = [str(source) for source in sources]
    zones = frozenset(source.zone_id for source in sources if source.zone_id)
    agencies = frozenset(source.agency_id for source in sources if source.agency_id)
    return Part(" · ".join(names), zones, agencies)


def _showing(item: PlaylistItem) -> Showing:
    return Showing(medium_url(item.medium), item.medium.kind, item.seconds)


def medium_url(medium: Medium) -> str:
    """Return the address of a picture or a video, which never changes."""
    return reverse("display-medium", args=[medium.key])


def gaps_of(screen: Screen) -> list[str]:
    """Return what keeps this display from showing calls, in sentences for whoever set it up."""
    sources = list(screen.sources.select_related("zone", "agency"))
    gaps = [
        _("%(source)s belum punya loket. Layar mengatakannya dengan tenang sampai loketnya ada.")
        % {"source": source}
        for source in sources
        if not _counters_of(source).exists()
    ]
    if not sources:
        gaps.append(_("Layar ini belum berisi zona atau instansi. Tambahkan satu di “isi layar”."))
    elif screen.layout == ScreenLayout.HALVES and len({source.half for source in sources}) < len(Half):
        gaps.append(_("Satu bagian masih kosong. Pindahkan satu zona atau instansi ke bagian itu."))
    return gaps


def _counters_of(source: ScreenSource) -> Any:
    where = Q(zone=source.zone_id) if source.zone_id else Q(duties__agency=source.agency_id)
    return Counter.objects.filter(where, is_active=True)
