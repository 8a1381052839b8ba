"""How long a waiting number still waits, as a range or not at all."""

from __future__ import annotations

from queueing.places import Place
from queueing.policy import Estimate, estimate
from services.models import Service


def wait_at(place: Place, counters: int) -> Estimate | None:
    """Return the range of minutes for a place in a line that `counters` serve."""
    minutes = dict(
        Service.objects.filter(pk__in=[*place.own, *place.others_waiting]).values_list("pk", "minutes")
    )
    ahead = sum(people * minutes[service] for service, people in place.own.items())
    waiting = sum(place.others_waiting.values())
    if waiting:
        every = sum(people * minutes[service] for service, people in place.others_waiting.items())
        ahead += round(every * place.others / waiting)
    return estimate(ahead, counters)
