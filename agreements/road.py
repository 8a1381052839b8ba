"""Where an agency stands on its road into the mall, and whose turn it is: pure rules, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from agreements.enums import CARRYING, InstrumentKind, InstrumentState, RoadStage
from tenants.enums import AgencyKind, AgencyStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# An agency whose paper is on one of these is not further than the paper.
BY_PAPER: dict[str, RoadStage] = {
    InstrumentState.DRAFT: RoadStage.DRAFTED,
    InstrumentState.REVIEW: RoadStage.REVIEWED,
    InstrumentState.READY: RoadStage.READY,
    InstrumentState.SIGNED: RoadStage.SIGNED,
    InstrumentState.IN_FORCE: RoadStage.IN_FORCE,
}
BY_STATUS: dict[str, RoadStage] = {
    AgencyStatus.TRIAL: RoadStage.TRIAL,
    AgencyStatus.OPERATING: RoadStage.OPERATING,
    AgencyStatus.PAUSED: RoadStage.PAUSED,
    AgencyStatus.ENDED: RoadStage.ENDED,
}
# From the signature on, the line that the board draws.
AFTER_SIGNATURE = tuple(RoadStage)[tuple(RoadStage).index(RoadStage.SIGNED) :]
PAPER_STAGES = frozenset(BY_PAPER.values())


@dataclass(frozen=True)
class Turn:
    """Whose turn it is at a stage, and to do what."""

    who: StrOrPromise
    what: StrOrPromise

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"


MANAGER = _("DPMPTSP")
NEXT_TURN: dict[RoadStage, Turn] = {
    RoadStage.CANDIDATE: Turn(_("Instansi"), _("menyatakan bersedia")),
    RoadStage.WILLING: Turn(MANAGER, _("menyusun naskah")),
    RoadStage.DRAFTED: Turn(MANAGER, _("mengajukan telaah")),
    RoadStage.REVIEWED: Turn(_("Bagian Hukum dan TKKSD"), _("menyelesaikan telaah")),
    RoadStage.READY: Turn(_("Kepala daerah dan pimpinan instansi"), _("menandatangani")),
    RoadStage.SIGNED: Turn(MANAGER, _("memberlakukan naskah")),
    RoadStage.IN_FORCE: Turn(MANAGER, _("memulai persiapan")),
    RoadStage.PREPARING: Turn(_("Instansi"), _("melengkapi kesiapan")),
    RoadStage.TRIAL: Turn(MANAGER, _("memutuskan uji coba")),
    RoadStage.PAUSED: Turn(_("Instansi"), _("melayani lagi")),
}
# These are signed one level below the head of the regency (domain of Permendagri 22/2020 and PP 28/2018).
BELOW_THE_HEAD = frozenset({InstrumentKind.PKS, InstrumentKind.RENCANA_KERJA, InstrumentKind.SURAT_PENUGASAN})


def paper_kinds(agency_kind: str) -> frozenset[str]:
    """Return the kinds of paper that carry an agency of this kind: an assignment is enough for the OPD."""
    own = {InstrumentKind.SURAT_PENUGASAN} if agency_kind == AgencyKind.OPD else set[InstrumentKind]()
    return frozenset(CARRYING | own)


def rank(paper_state: str) -> int:
    """Return how far a paper is: a larger number is further; what has ended stands before the start."""
    order = list(BY_PAPER)
    return order.index(paper_state) if paper_state in order else -1


def stage_of(status: str, paper_state: str | None, *, needs_agreement: bool) -> RoadStage:
    """Return the stage of an agency by its status and the state of its most advanced carrying paper.

    `paper_state` is None without a living paper. Who serves, pauses or has left stands by its status
    alone. Before that the paper decides; preparing counts once the paper holds, and for the regency's
    own offices (`needs_agreement` false) at once.
    """
    if stage := BY_STATUS.get(status):
        return stage
    by_paper = BY_PAPER.get(paper_state or "")
    if status == AgencyStatus.PREPARING and (by_paper == RoadStage.IN_FORCE or not needs_agreement):
        return RoadStage.PREPARING
    if by_paper:
        return by_paper
    return RoadStage.CANDIDATE if status == AgencyStatus.CANDIDATE else RoadStage.WILLING


def turn_of(stage: RoadStage, paper_kind: str = "") -> Turn | None:
    """Return whose turn it is at `stage`, by the kind of paper that waits; None when nobody's."""
    if stage == RoadStage.READY and paper_kind in BELOW_THE_HEAD:
        return Turn(_("Kepala DPMPTSP dan pimpinan instansi"), _("menandatangani"))
    return NEXT_TURN.get(stage)
