"""One person's numbers of a day, never called at two counters at once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks, tokens
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing.actions import lines, trail
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


def join(*, ticket: Ticket, visit: Visit | None = None) -> Visit:
    """Let a running number belong to `visit`, else to a new one; return the visit it belongs to.

    A number that has a visit keeps it. Raises `Refusal` (409) for a number that has ended or moved on,
    for a visit of another day, and while this number and another of the visit are both at a counter.
    """
    with locks.transaction_of_one_act(), refused_by(Ticket):
        held = locks.hold(lines.main_rows().filter(pk=ticket.line_id))
        fresh = Ticket.objects.select_related("visit").get(pk=ticket.pk)
        if fresh.visit is not None:
            return fresh.visit
        if fresh.line_id != ticket.line_id:
            raise Refusal("moved", _("Nomor ini baru saja berpindah. Muat ulang halaman."))
        if not fresh.is_active or (visit is not None and visit.date != held[0].date):
            raise Refusal("not_running", _("Nomor ini sudah selesai. Kunjungan hanya untuk nomor hari ini."))
        fresh.visit = _locked(visit) if visit else start_visit()
        fresh.save(update_fields=["visit"])
        # Whoever follows this number alone is sent to the stream of the visit.
        trail.publish(held)
    return fresh.visit


def _locked(visit: Visit) -> Visit:
    # Who is just being called for this visit must see that this number belongs to it, too.
    return Visit.objects.select_for_update(no_key=True).get(pk=visit.pk)


def claim(visit_id: int) -> bool:
    """Reserve the person of a visit for a counter until the act ends; False when they are elsewhere.

    Never waits for another act that is just claiming: it would wait with lines locked. The person is
    stepped over and keeps their place.
    """
    free = Visit.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=visit_id)
    return free.exists() and not Ticket.objects.at_counter().filter(visit=visit_id).exists()
