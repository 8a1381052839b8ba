"""The life of a file in process: the whole table. The database enforces the same edges."""

from __future__ import annotations

from mpp.core.transitions import Transition, Workflow
from services.enums import SubmissionState as State
from services.enums import SubmissionStep as Step


def _edge(step: Step, *sources: State, to: State) -> Transition:
    return Transition(step.value, frozenset(source.value for source in sources), to.value, step.label)


SUBMISSION = Workflow(
    [
        _edge(Step.RECEIVE, State.WITHDRAWN, to=State.RECEIVED),
        _edge(Step.WITHDRAW, State.RECEIVED, to=State.WITHDRAWN),
        _edge(Step.PROCESS, State.RECEIVED, to=State.IN_PROCESS),
        _edge(Step.COMPLETE, State.INCOMPLETE, to=State.IN_PROCESS),
        _edge(Step.READY, State.IN_PROCESS, to=State.READY),
        _edge(Step.HAND_OVER, State.READY, to=State.COLLECTED),
        _edge(Step.LACK, State.RECEIVED, State.IN_PROCESS, to=State.INCOMPLETE),
        _edge(Step.REJECT, State.RECEIVED, State.IN_PROCESS, State.INCOMPLETE, to=State.REJECTED),
        _edge(Step.NOT_READY, State.READY, to=State.IN_PROCESS),
        _edge(Step.TAKE_BACK, State.COLLECTED, to=State.READY),
    ]
)
# The one button of each state; the others stand behind it.
NEXT: dict[str, Step] = {
    State.RECEIVED: Step.PROCESS,
    State.IN_PROCESS: Step.READY,
    State.INCOMPLETE: Step.COMPLETE,
    State.READY: Step.HAND_OVER,
}
# Taken at the counter together with the number, never on the agency's page.
AT_COUNTER_ONLY = frozenset({Step.RECEIVE, Step.WITHDRAW})


def edges() -> list[tuple[str, str]]:
    """Return every (source, target) pair, sorted, for the trigger."""
    return sorted({(source, edge.target) for edge in SUBMISSION.table.values() for source in edge.sources})
