"""The five founding malls told as stories: what their packs hold is what the portal itself would do.

Balangan's workbook is told in tests/admin/test_workbooks.py.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from agreements import actions
from agreements.actions import promises
from agreements.board import board_of
from agreements.enums import InstrumentKind, InstrumentState, RoadStage, Stage
from agreements.models import Instrument, InstrumentReminder, Milestone, Promise, SigningEvent
from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from mpp.packs import loader
from queueing.models import Queue
from services.models import OpeningHours, ServiceStandard
from tenants.enums import AgencyKind, AgencyStatus, Role
from tenants.models import Agency, CounterDuty
from tests import factories as make
from tests.admin.conftest import url
from tests.agreements.ready import make_terms, verify_all

pytestmark = pytest.mark.django_db
WITA = ZoneInfo("Asia/Makassar")
THE_DAY_BEFORE = datetime(2024, 12, 4, 10, tzinfo=WITA)
THE_DAY_AFTER = datetime(2024, 12, 6, 10, tzinfo=WITA)


def test_hst_signs_eleven_institutions_at_one_event_and_begins_its_trial_only_then() -> None:
    """R000-3, R000-15, R000-16: "sangat diperlukan sebelum uji coba operasional MPP dimulai"."""
    make_terms()
    loader.load("hst")
    event = SigningEvent.objects.get()
    assert (event.held_on, "Auditorium" in event.place) == (date(2024, 12, 5), True)
    signers = Agency.objects.filter(instruments__event=event).distinct()
    assert signers.count() == 11
    assert not signers.filter(kind=AgencyKind.OPD).exists()
    kinds = set(event.instruments.filter(agency__kind=AgencyKind.VERTICAL).values_list("kind", flat=True))
    assert kinds == {InstrumentKind.NOTA_KESEPAKATAN, InstrumentKind.RENCANA_KERJA}
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


def test_kendari_stands_at_fifteen_of_nineteen_and_opened_on_4_october_instead_of_9_may() -> None:
    """R003-1, R003-2, R003-9: the four that have not signed are named, and issue no numbers."""
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
    opening = Milestone.objects.get(stage=Stage.INAUGURATION)
    assert (opening.planned_on, opening.actual_on) == (date(2022, 5, 9), date(2022, 10, 4))
    make.make_always_open()
    for card in board.waiting:
        service = card.agency.services.first()
        assert service is not None
        with pytest.raises(Refusal, match="agency_not_open") as refused:
            make.issue(service)
        assert "Naskah kerja samanya belum berlaku." in str(refused.value.message)


def test_a_mall_that_runs_loads_as_it_stands() -> None:
    loader.load("balangan")
    board = board_of(Agency.objects.all())
    stages = {lane.stage: len(lane.cards) for lane in board.lanes if lane.cards}
    assert stages == {RoadStage.TRIAL: 1, RoadStage.OPERATING: 17}
    assert board.signed == len(board.external)


def week_of(agency: Agency, day: date) -> list[tuple[int, time, time, str]]:
    rows = OpeningHours.objects.filter(agency=agency, season="", valid_from__lte=day).exclude(
        valid_to__lt=day
    )
    return list(rows.values_list("weekday", "opens_at", "closes_at", "origin"))


def everything() -> list[int]:
    models = (
        Promise,
        OpeningHours,
        CounterDuty,
        Queue,
        InstrumentReminder,
        AuditEntry,
        Promise.history.model,
    )
    return [model._default_manager.count() for model in models]


def test_imigrasi_of_kutai_timur_comes_on_tuesdays_with_thirty_numbers_until_its_addendum(
    client: Client,
) -> None:
    """R002-12: hours, counter, officers and quota follow the promise; the file says none of them."""
    with clock.frozen(datetime(2026, 12, 1, 7, tzinfo=WITA)):
        loader.load("kutim")
        imigrasi, line = Agency.objects.get(code="IMI"), Queue.objects.get(code="Q-IMI")
        first, second = Promise.objects.order_by("version")
        eve, start = date(2027, 1, 4), date(2027, 1, 5)
        assert (first.valid_to, second.valid_from, second.instrument.kind) == (eve, start, "ADDENDUM")
        assert week_of(imigrasi, eve) == [(2, time(8, 30), time(14), "NK-IMI-2023 v1")]
        assert week_of(imigrasi, start) == [(2, time(8, 30), time(15), "ADD-IMI-2026 v2")]
        duties = CounterDuty.objects.on(date(2026, 12, 8)).filter(agency=imigrasi)
        assert list(duties.values_list("counter__code", "weekday")) == [("L19", 2)]
        assert (line.daily_quota, line.quota_origin) == (30, "NK-IMI-2023 v1")
        assert imigrasi.promised_officers == 1
        before = everything()
        loader.load("kutim")
        assert everything() == before
        client.force_login(make.make_user(Role.ADMIN))
        page = client.get(url(Promise, "changelist")).content.decode()
        assert "Addendum Nota Kesepakatan" in page
        quota = client.get(url(Queue, "change", line.pk)).content.decode()
        assert "NK-IMI-2023 v1" in quota
        assert 'name="daily_quota"' not in quota
    with clock.frozen(datetime(2027, 1, 5, 7, tzinfo=WITA)):
        promises.follow_today(agency=imigrasi)
    line.refresh_from_db()
    imigrasi.refresh_from_db()
    assert (line.daily_quota, line.quota_origin, imigrasi.promised_officers) == (40, "ADD-IMI-2026 v2", 2)


def test_telkom_of_hulu_sungai_selatan_lapsed_after_six_warnings(client: Client) -> None:
    """What the pack tells of the warnings is what the portal itself would have done on those days."""
    loader.load("hss")
    paper = Instrument.objects.get(code="PKS-TLK-2022")
    assert (paper.state, paper.effective_to, paper.is_sample) == ("EXPIRED", date(2025, 5, 30), True)
    told = [(reminder.days, clock.local(reminder.at).date()) for reminder in paper.reminders.order_by("at")]
    assert [days for days, _day in told] == [180, 90, 60, 30, 7, 0]
    telkom = Agency.objects.get(code="TLK")
    assert (telkom.status, telkom.agreement_to) == (AgencyStatus.PAUSED, date(2025, 5, 30))
    service = telkom.services.first()
    assert service is not None
    with pytest.raises(Refusal, match="agency_not_open") as refused:
        make.issue(service)
    assert str(refused.value.message).endswith("Kerja samanya berakhir 30 Mei 2025.")
    assert "Kerja samanya berakhir 30 Mei 2025." in client.get("/instansi/telkom/").content.decode()
    assert not CounterDuty.objects.on(clock.today()).filter(agency=telkom).exists()
    client.force_login(make.make_user(Role.ADMIN))
    page = client.get(url(Instrument, "change", paper.pk)).content.decode()
    assert page.lower().count("pengingat sebelum berakhir") >= 1
    paper.reminders.all().delete()
    Instrument.objects.filter(pk=paper.pk).update(state=InstrumentState.IN_FORCE)
    for _days, day in told:
        with clock.frozen(datetime.combine(day, time(7), tzinfo=WITA)):
            actions.remind_all()
    again = [(reminder.days, clock.local(reminder.at).date()) for reminder in paper.reminders.order_by("at")]
    assert again == told
