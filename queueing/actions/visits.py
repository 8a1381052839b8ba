"""One person's numbers of a day, never called at two counters at once."""

from __future__ import annotations

from mpp.core import clock, tokens
from queueing.models import Ticket, Visit


def start_visit() -> Visit:
    """Open a visit of today, to which several numbers can belong."""
    nonce = tokens.new_nonce()
    return Visit.objects.create(
        date=clock.today(),
        nonce=nonce,
        token_digest=tokens.digest(tokens.derived("visit", nonce)),
        started_at=clock.now(),
    )


def claim(visit_id: int) -> bool:
    """Reserve the person of a visit for a counter until the act ends; False when they are elsewhere.

    Never waits for another act that is just claiming: it would wait with lines locked. The person is
    stepped over and keeps their place.
    """
    free = Visit.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=visit_id)
    return free.exists() and not Ticket.objects.at_counter().filter(visit=visit_id).exists()
