"""What the foot of every citizen page shows of the week."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mpp.core import clock
from services.week import WeekLine, week_of


def mall_week(request: HttpRequest) -> dict[str, Any]:
    """Return the mall's week in words; read only when a template shows it."""
    mall = getattr(request, "mall", None)

    def lines() -> list[WeekLine]:
        return week_of(clock.today(), mall.zone_suffix) if mall else []

    return {"mall_week_lines": SimpleLazyObject(lines)}
