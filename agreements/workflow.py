"""The life of an instrument: the whole table, each step forward before a step back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from agreements.enums import InstrumentState as State
from mpp.core.transitions import Transition, Workflow

INSTRUMENT = Workflow(
    [
        Transition("submit", frozenset({State.DRAFT.value}), State.REVIEW.value, _("ajukan telaah")),
        Transition("approve", frozenset({State.REVIEW.value}), State.READY.value, _("siapkan tanda tangan")),
        Transition("sign", frozenset({State.READY.value}), State.SIGNED.value, _("catat tanda tangan")),
        Transition("enact", frozenset({State.SIGNED.value}), State.IN_FORCE.value, _("berlakukan")),
        Transition("expire", frozenset({State.IN_FORCE.value}), State.EXPIRED.value, _("catat berakhir")),
        Transition(
            "terminate",
            frozenset({State.SIGNED.value, State.IN_FORCE.value}),
            State.TERMINATED.value,
            _("akhiri"),
        ),
        Transition(
            "revise", frozenset({State.REVIEW.value, State.READY.value}), State.DRAFT.value, _("susun ulang")
        ),
    ]
)


def targets(state: str) -> list[str]:
    """Return the states that may follow `state`; buttons and imports go by it."""
    return [INSTRUMENT.table[name].target for name in INSTRUMENT.available(state)]
