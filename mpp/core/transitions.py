"""Transition tables: which step leads from which state to which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Transition:
    """One edge: `name` may be taken from any of `sources` and ends in `target`."""

    name: str
    sources: frozenset[str]
    target: str
    label: StrOrPromise


class Workflow:
    """A table of transitions with one question: may this step be taken now?"""

    def __init__(self, transitions: Iterable[Transition]) -> None:
        self.table: Mapping[str, Transition] = {edge.name: edge for edge in transitions}

    def available(self, state: str) -> list[str]:
        """Return the names of the steps that may be taken from `state`; buttons follow from it."""
        return [name for name, edge in self.table.items() if state in edge.sources]

    def check(self, name: str, state: str) -> Transition:
        """Return the edge `name`, or raise `Refusal` (409) when it does not start in `state`."""
        edge = self.table[name]
        if state not in edge.sources:
            raise Refusal(
                "illegal_transition",
                _("Langkah “%(step)s” tidak berlaku untuk keadaan sekarang. Muat ulang halaman.")
                % {"step": edge.label},
                step=name,
                state=state,
            )
        return edge
