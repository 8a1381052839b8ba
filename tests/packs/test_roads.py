"""The road of agencies as two founding malls walked it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from agreements import actions
from agreements.board import board_of
from agreements.enums import InstrumentState, RoadStage
from agreements.models import Instrument
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.packs import loader
from services.models import OpeningHours, ServiceStandard
from tenants.enums import AgencyStatus, Role
from tenants.models import Agency, CounterDuty
from tests import factories as make
from tests.agreements.ready import make_terms, verify_all

pytestmark = pytest.mark.django_db
WITA = ZoneInfo("Asia/Makassar")
THE_DAY_BEFORE = datetime(2024, 12, 4, 10, tzinfo=WITA)
THE_DAY_AFTER = datetime(2024, 12, 6, 10, tzinfo=WITA)


def test_hst_begins_its_trial_only_after_the_signing_of_5_december_2024() -> None:
    """R000-15: "perjanjian kerja sama … sangat diperlukan sebelum uji coba operasional MPP dimulai"."""
    make_terms()
    loader.load("hst")
    land = Agency.objects.get(code="BPN")
    Agency.objects.filter(pk=land.pk).update(status=AgencyStatus.PREPARING)
    # The work plan that was signed with it, as it stood then; all else was ready.
    plan = Instrument.objects.filter(code="RK-BPN-2025")
    plan.update(state=InstrumentState.IN_FORCE, effective_from=date(2024, 12, 5))
    ServiceStandard.objects.filter(service__agency=land).update(valid_from=date(2024, 11, 1))
    CounterDuty.objects.filter(agency=land).update(valid_from=date(2024, 11, 1))
    OpeningHours.objects.update(valid_from=date(2024, 11, 1))
    make.make_user(agency=land)
    verify_all(land)
    admin = make.make_user(Role.ADMIN)
    until = date(2025, 1, 4)
    with clock.frozen(THE_DAY_BEFORE):
        with pytest.raises(Refusal) as refused:
            actions.start_trial(agency=land, ends_on=until, by=admin)
        missing = refused.value.extra["missing"]
        assert len(missing) == 2, missing
        assert all("baru berlaku sejak 5 Desember 2024" in words for words in missing)
    with clock.frozen(THE_DAY_AFTER):
        actions.start_trial(agency=land, ends_on=until, by=admin)
    land.refresh_from_db()
    assert (land.status, land.trial_until) == (AgencyStatus.TRIAL, until)


def test_kendari_stands_at_fifteen_of_nineteen_and_names_the_four() -> None:
    """R003-1, R003-9."""
    loader.load("kendari")
    board = board_of(Agency.objects.all())
    assert (board.signed, len(board.external), len(board.own)) == (15, 19, 8)
    assert {card.agency.code: card.stage for card in board.waiting} == {
        "KPP": RoadStage.READY,
        "PAG": RoadStage.REVIEWED,
        "TSP": RoadStage.REVIEWED,
        "ASO": RoadStage.DRAFTED,
    }
    assert all(card.turn for card in board.waiting)


def test_a_mall_that_runs_loads_as_it_stands() -> None:
    loader.load("balangan")
    board = board_of(Agency.objects.all())
    stages = {lane.stage: len(lane.cards) for lane in board.lanes if lane.cards}
    assert stages == {RoadStage.TRIAL: 1, RoadStage.OPERATING: 17}
    assert board.signed == len(board.external)
