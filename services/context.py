"""What the foot of every citizen page shows: the week, and where the mall tells of itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mpp.core import revision
from services.guide import guide_at
from services.week import WeekLine, week_at


def mall_week(request: HttpRequest) -> dict[str, Any]:
    """Return the mall's week in words; read only when a template shows it."""
    mall = getattr(request, "mall", None)

    def lines() -> list[WeekLine]:
        return week_at(revision.at_entry(), mall.zone_suffix) if mall else []

    return {"mall_week_lines": SimpleLazyObject(lines)}


def mall_guide(request: HttpRequest) -> dict[str, Any]:
    """Return what the mall says of itself; read only when a template links to it."""
    return {"mall_guide": SimpleLazyObject(lambda: guide_at(revision.at_entry()))}
