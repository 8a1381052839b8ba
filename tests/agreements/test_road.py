"""Where an agency stands, by its status and its paper alone."""

from __future__ import annotations

import pytest

from agreements.enums import InstrumentKind, InstrumentState, RoadStage
from agreements.road import NEXT_TURN, paper_kinds, rank, stage_of, turn_of
from tenants.enums import AgencyKind, AgencyStatus


@pytest.mark.parametrize(
    ("status", "paper", "stage"),
    [
        ("CANDIDATE", None, RoadStage.CANDIDATE),
        ("CANDIDATE", "DRAFT", RoadStage.DRAFTED),
        ("COMMITTED", None, RoadStage.WILLING),
        ("COMMITTED", "DRAFT", RoadStage.DRAFTED),
        ("COMMITTED", "REVIEW", RoadStage.REVIEWED),
        ("COMMITTED", "READY", RoadStage.READY),
        ("COMMITTED", "SIGNED", RoadStage.SIGNED),
        ("COMMITTED", "IN_FORCE", RoadStage.IN_FORCE),
        ("PREPARING", None, RoadStage.WILLING),
        ("PREPARING", "REVIEW", RoadStage.REVIEWED),
        ("PREPARING", "IN_FORCE", RoadStage.PREPARING),
        ("TRIAL", "IN_FORCE", RoadStage.TRIAL),
        ("OPERATING", None, RoadStage.OPERATING),
        ("PAUSED", "IN_FORCE", RoadStage.PAUSED),
        ("ENDED", "DRAFT", RoadStage.ENDED),
    ],
)
def test_an_external_agency_is_no_further_than_its_paper(
    status: str, paper: str | None, stage: RoadStage
) -> None:
    assert stage_of(status, paper, needs_agreement=True) == stage


def test_an_office_of_the_regency_prepares_without_an_agreement() -> None:
    assert stage_of(AgencyStatus.PREPARING, None, needs_agreement=False) == RoadStage.PREPARING
    assert stage_of(AgencyStatus.PREPARING, "REVIEW", needs_agreement=False) == RoadStage.PREPARING


def test_every_stage_has_a_turn_but_those_with_nothing_left_to_do() -> None:
    assert set(RoadStage) - set(NEXT_TURN) == {RoadStage.OPERATING, RoadStage.ENDED}


def test_the_head_signs_the_umbrella_and_the_dinas_what_lies_under_it() -> None:
    umbrella = turn_of(RoadStage.READY, InstrumentKind.NOTA_KESEPAKATAN)
    below = turn_of(RoadStage.READY, InstrumentKind.PKS)
    assert str(umbrella) == "Kepala daerah dan pimpinan instansi: menandatangani"
    assert str(below) == "Kepala DPMPTSP dan pimpinan instansi: menandatangani"


def test_papers_are_ranked_by_how_far_they_are_and_what_has_ended_comes_last() -> None:
    order = sorted(InstrumentState, key=rank)
    assert order[-1] == InstrumentState.IN_FORCE
    assert {rank(InstrumentState.EXPIRED), rank(InstrumentState.TERMINATED)} == {-1}


def test_an_assignment_carries_the_regencys_own_offices_only() -> None:
    assert InstrumentKind.SURAT_PENUGASAN in paper_kinds(AgencyKind.OPD)
    assert InstrumentKind.SURAT_PENUGASAN not in paper_kinds(AgencyKind.BUMN)
