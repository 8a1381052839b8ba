"""How long a waiting number still waits, as a range or not at all."""

from __future__ import annotations

from mpp.core import revision
from queueing.places import Place
from queueing.policy import Estimate, estimate
from services import shelf


def wait_at(place: Place, counters: int) -> Estimate | None:
    """Return the range of minutes for a place in a line that `counters` serve."""
    minutes = shelf.minutes_of(revision.read())
    ahead = sum(people * minutes[service] for service, people in place.own.items())
    waiting = sum(place.others_waiting.values())
    if waiting:
        every = sum(people * minutes[service] for service, people in place.others_waiting.items())
        ahead += round(every * place.others / waiting)
    return estimate(ahead, counters)
