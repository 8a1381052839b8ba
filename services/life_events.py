"""The events of a life that bring people here, and which of them this mall serves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

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


LEADS = {
    LifeEvent.BIRTH: _("Yang diurus saat bayi lahir."),
    LifeEvent.MARRIAGE: _("Yang diurus sebelum dan sesudah menikah."),
    LifeEvent.MOVING: _("Yang diurus saat pindah rumah."),
    LifeEvent.WORK: _("Yang diurus untuk melamar dan mulai bekerja."),
    LifeEvent.BUSINESS: _("Yang diurus untuk membuka dan menjalankan usaha."),
    LifeEvent.VEHICLE: _("Yang diurus untuk motor dan mobil."),
    LifeEvent.LAND: _("Yang diurus untuk tanah dan rumah."),
    LifeEvent.DEATH: _("Yang diurus saat keluarga meninggal."),
}


@dataclass(frozen=True)
class ServedEvent:
    """An event with its word and its icon."""

    event: LifeEvent
    icon: str


def served_by(services: Iterable[Service]) -> list[ServedEvent]:
    """Return the events to which one of these services belongs, in the order of the enum."""
    found = {event for service in services for event in service.life_events}
    return [ServedEvent(event, ICONS[event]) for event in LifeEvent if event.value in found]
