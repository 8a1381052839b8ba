"""How a zone speaks, as configured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from mpp.core import revision
from queueing.models import ZoneVoice
from queueing.voice import Call, Speech, clips_of, short_clips_of
from queueing.voice_pack import recordings
from tenants.models import Zone

# Every zone of a mall, for the revision in force.
MOST_ZONES = 64


@dataclass(frozen=True)
class HallVoice:
    """The voice of one zone. Shared by all threads: nobody may change it.

    `quiet` are (weekday or None for every day, from, to) in local time.
    """

    is_on: bool
    volume: int
    speech: Speech
    quiet: tuple[tuple[int | None, time, time], ...]

    @classmethod
    def read(cls, zone_id: int) -> HallVoice:
        """Read it: three queries."""
        row = ZoneVoice.objects.filter(zone=zone_id).first() or ZoneVoice(zone_id=zone_id)
        languages = ("id", row.second_language) if row.second_language else ("id",)
        own = frozenset(clip.name for clip in recordings())
        quiet = row.quiet_hours.values_list("weekday", "starts_at", "ends_at") if row.pk else ()
        return cls(row.is_on, row.volume, Speech(languages, row.number_form, own), tuple(quiet))

    def is_silent(self, local: datetime) -> bool:
        """Tell whether nothing is to be heard at this local time."""
        return not self.is_on or any(
            weekday in (None, local.isoweekday()) and starts <= local.time() < ends
            for weekday, starts, ends in self.quiet
        )

    def spoken(self, call: Call, local: datetime) -> dict[str, list[list[str]]]:
        """Return `clips` and `short_clips` of an announcement made at this local time; empty: no sound."""
        if self.is_silent(local):
            return {"clips": [], "short_clips": []}
        return {"clips": clips_of(call, self.speech), "short_clips": short_clips_of(call, self.speech)}


_voices: revision.Memory[int, HallVoice] = revision.Memory(HallVoice.read, most=MOST_ZONES)


def voice_of(zone: Zone, instant: revision.Instant | None = None) -> HallVoice:
    """Return the voice of `zone` in force at `instant`, or now: no query beside the revision's."""
    return _voices.get((instant or revision.read()).revision, zone.pk)
