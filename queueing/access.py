"""Who may touch which counter session or number: the object, or an exception."""

from __future__ import annotations

from mpp.core import clock, tokens
from mpp.core.errors import Forbidden, NotFound
from queueing.models import CounterSession, Ticket, Visit
from tenants.models import User


def access_own_session(user: User, session_id: int) -> CounterSession:
    """Return the open or closed session that `user` runs.

    A session of another agency is 404 (its existence is nobody's business), a colleague's is 403.
    """
    sessions = CounterSession.objects.select_related("counter").order_by()
    if own := sessions.filter(pk=session_id, user=user.pk).first():
        own.user = user
        return own
    if sessions.visible_to(user, clock.today()).filter(pk=session_id).exists():
        raise Forbidden
    raise NotFound


def open_session_of(user: User) -> CounterSession | None:
    """Return the counter session that `user` has open now."""
    sessions = CounterSession.objects.open().select_related("counter", "counter__zone", "agency", "user")
    return sessions.filter(user=user).first()


def access_ticket(token: str) -> Ticket:
    """Return the number that this secret link holds; a wrong token is 404, whatever it is."""
    tickets = Ticket.objects.with_labels().select_related(
        "line",
        "line__queue",
        "queue_day__queue",
        "session__counter__zone",
        "service__agency__zone",
        "visit",
        "for_counter",
    )
    ticket = tickets.filter(token_digest=tokens.digest(token)).first()
    if ticket is None:
        raise NotFound
    return ticket


def access_visit(token: str) -> Visit:
    """Return the visit that this secret link holds; a wrong token is 404, whatever it is."""
    visit = Visit.objects.filter(token_digest=tokens.digest(token)).first()
    if visit is None:
        raise NotFound
    return visit
