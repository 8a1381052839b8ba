"""Who serves, and in which lines, as configured: remembered, for it is asked for with every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from mpp.core import revision
from queueing.models import Queue, QueueService, QueueWave
from services.models import Service
from tenants.models import Agency


@dataclass(frozen=True)
class Roster:
    """Who serves, in which lines, as configured. Shared by all threads: nobody may change a row of it.

    By keys: `queue_of` a service its queue, `quickest` a queue its service of the fewest minutes.
    """

    agencies: Mapping[int, Agency]
    queues: Mapping[int, Queue]
    queue_of: Mapping[int, int]
    quickest: Mapping[int, Service]
    waves: Mapping[int, Sequence[tuple[time, int]]]

    @classmethod
    def read(cls, _key: str) -> Roster:
        """Read it: five queries."""
        agencies = {agency.pk: agency for agency in Agency.objects.select_related("zone")}
        queues = {queue.pk: queue for queue in Queue.objects.active()}
        for queue in queues.values():
            queue.agency = agencies[queue.agency_id]
        links = QueueService.objects.filter(queue__in=queues).values_list("service", "queue")
        queue_of = dict(links)
        services = Service.objects.filter(pk__in=queue_of).only("agency", "minutes").order_by("-minutes")
        quickest = {queue_of[service.pk]: service for service in services}
        waves: dict[int, list[tuple[time, int]]] = {}
        for queue_id, at, percent in QueueWave.objects.order_by("at").values_list("queue", "at", "percent"):
            waves.setdefault(queue_id, []).append((at, percent))
        return cls(agencies, queues, queue_of, quickest, waves)


_rosters: revision.Memory[str, Roster] = revision.Memory(Roster.read)


def roster_at(instant: revision.Instant) -> Roster:
    """Return the roster in force at `instant`: no query once it is known."""
    return _rosters.get(instant.revision, "")
