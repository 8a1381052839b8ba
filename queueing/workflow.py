"""The life of a number: the whole table. The database enforces the same edges (models.Ticket)."""

from __future__ import annotations

from mpp.core.transitions import Transition, Workflow
from queueing.enums import Step, TicketState


def _edge(step: Step, *sources: TicketState, to: TicketState) -> Transition:
    return Transition(step.value, frozenset(source.value for source in sources), to.value, step.label)


TICKET = Workflow(
    [
        _edge(Step.CALL, TicketState.WAITING, to=TicketState.CALLED),
        _edge(Step.RECALL, TicketState.CALLED, to=TicketState.CALLED),
        _edge(Step.START, TicketState.CALLED, to=TicketState.SERVING),
        _edge(Step.FINISH, TicketState.SERVING, to=TicketState.DONE),
        _edge(Step.NO_SHOW, TicketState.CALLED, to=TicketState.NO_SHOW),
        _edge(Step.HOLD, TicketState.SERVING, to=TicketState.HELD),
        _edge(Step.RESUME, TicketState.HELD, to=TicketState.SERVING),
        _edge(Step.TRANSFER, TicketState.CALLED, TicketState.SERVING, to=TicketState.WAITING),
        _edge(Step.REQUEUE, TicketState.CALLED, to=TicketState.WAITING),
        _edge(Step.REENTER, TicketState.NO_SHOW, to=TicketState.WAITING),
        _edge(Step.STEP_BACK, TicketState.WAITING, to=TicketState.WAITING),
        _edge(Step.PRIORITISE, TicketState.WAITING, to=TicketState.WAITING),
        _edge(Step.WAIVE, TicketState.WAITING, to=TicketState.WAITING),
        _edge(Step.UNDO_CALL, TicketState.CALLED, to=TicketState.WAITING),
        _edge(Step.UNDO_FINISH, TicketState.DONE, to=TicketState.SERVING),
        _edge(Step.UNDO_NO_SHOW, TicketState.NO_SHOW, to=TicketState.CALLED),
        _edge(Step.CANCEL, TicketState.WAITING, TicketState.CALLED, to=TicketState.CANCELLED),
        _edge(Step.CARRY, TicketState.WAITING, to=TicketState.EXPIRED),
        _edge(
            Step.EXPIRE,
            TicketState.WAITING,
            TicketState.CALLED,
            TicketState.SERVING,
            TicketState.HELD,
            to=TicketState.EXPIRED,
        ),
    ]
)


def edges() -> list[tuple[str, str]]:
    """Return every (source, target) pair that changes the state, sorted, for the trigger and the docs."""
    pairs = {(source, edge.target) for edge in TICKET.table.values() for source in edge.sources}
    return sorted(pair for pair in pairs if pair[0] != pair[1])
