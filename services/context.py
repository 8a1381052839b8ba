"""What the foot of every citizen page shows of the week."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from mpp.core import revision
from services.week import WeekLine, week_of

# By date, zone of time and language: all else is the configuration.
_weeks: revision.Memory[tuple[date, str, str | None], list[WeekLine]] = revision.Memory(
    lambda key: week_of(key[0], key[1])
)


def mall_week(request: HttpRequest) -> dict[str, Any]:
    """Return the mall's week in words; read only when a template shows it."""
    mall = getattr(request, "mall", None)

    def lines() -> list[WeekLine]:
        instant = revision.at_entry()
        return _weeks.get(instant.revision, (instant.day, mall.zone_suffix, get_language())) if mall else []

    return {"mall_week_lines": SimpleLazyObject(lines)}
