"""The events of a life that bring people here, and which of them this mall serves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Func
from django.db.models.fields import CharField

from services.enums import LifeEvent
from services.models import Service

ICONS = {
    LifeEvent.BIRTH: "baby",
    LifeEvent.MARRIAGE: "marry",
    LifeEvent.MOVING: "move",
    LifeEvent.WORK: "briefcase",
    LifeEvent.BUSINESS: "shop",
    LifeEvent.VEHICLE: "motorbike",
    LifeEvent.LAND: "land",
    LifeEvent.DEATH: "flower",
}


@dataclass(frozen=True)
class ServedEvent:
    """An event with its word and its icon."""

    event: LifeEvent
    icon: str


def served_on(day: date) -> list[ServedEvent]:
    """Return the events for which a service is shown on `day`, in the order of the enum."""
    unnested = Func(F("life_events"), function="unnest", output_field=CharField(), set_returning=True)
    found = set(Service.objects.public(day).order_by().values_list(unnested, flat=True).distinct())
    return [ServedEvent(event, ICONS[event]) for event in LifeEvent if event.value in found]
