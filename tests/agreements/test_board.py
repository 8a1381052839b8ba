"""The board: every agency on its stage, for how long, and whose turn it is."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements import actions, onboarding
from agreements.admin import road_links
from agreements.board import Board, board_of
from agreements.enums import InstrumentState, RoadStage
from agreements.models import JoiningAgency, ReadinessCheck, Trial
from agreements.onboarding import Gap
from mpp.core import clock
from tenants.actions import set_status
from tenants.enums import AgencyKind, AgencyStatus, Role
from tenants.models import Agency, Placement
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.agreements.ready import make_bank, make_criterion, make_ready, only
from tests.conftest import Place

pytestmark = pytest.mark.django_db
UNSIGNED = {"signed_on": None, "effective_from": None, "effective_to": None}


def board(kind: str = "") -> Board:
    return board_of(Agency.objects.all(), kind=kind)


def stage_of(agency: Agency) -> RoadStage:
    [stage] = [card.stage for card in board().cards if card.agency == agency]
    return stage


def test_an_agency_walks_the_whole_road(place: Place) -> None:
    only(make_criterion())
    admin = make.make_user(Role.ADMIN)
    bank = make_bank(status=AgencyStatus.CANDIDATE)
    walked = [stage_of(bank)]
    set_status(agency=bank, status=AgencyStatus.COMMITTED)
    walked.append(stage_of(bank))
    paper = make_instrument(bank, state=InstrumentState.DRAFT, **UNSIGNED)
    walked.append(stage_of(bank))
    today = clock.today()
    signing: dict[str, Any] = {
        "signed_on": today,
        "effective_from": today,
        "effective_to": today + timedelta(days=365),
    }
    for state in ("REVIEW", "READY", "SIGNED", "IN_FORCE"):
        actions.set_state(instrument=paper, state=state, **signing)
        walked.append(stage_of(bank))
    for status in (AgencyStatus.PREPARING, AgencyStatus.TRIAL, AgencyStatus.OPERATING, AgencyStatus.PAUSED):
        set_status(agency=bank, status=status, by=admin)
        walked.append(stage_of(bank))
    set_status(agency=bank, status=AgencyStatus.ENDED)
    assert [*walked, stage_of(bank)] == list(RoadStage)


def test_how_long_it_stands_there_is_counted_from_the_day_it_came(place: Place) -> None:
    bank = make_bank(status=AgencyStatus.CANDIDATE)
    set_status(agency=bank, status=AgencyStatus.COMMITTED)
    with clock.frozen(clock.now() + timedelta(days=12)):
        [card] = [card for card in board().cards if card.agency == bank]
    assert (card.days, str(card.turn)) == (12, "DPMPTSP: menyusun naskah")


def test_the_signed_and_the_waiting_are_those_from_outside(place: Place) -> None:
    signed = make_bank()
    make_instrument(signed)
    waiting = make_bank(code="LAIN", slug="lain", short_name="Lain")
    make_instrument(waiting, state=InstrumentState.REVIEW, **UNSIGNED)
    shown = board()
    assert (shown.signed, len(shown.external), len(shown.own)) == (1, 2, 1)
    assert [card.agency for card in shown.waiting] == [waiting]


def test_a_filter_shows_some_and_counts_all(place: Place) -> None:
    bank = make_bank()
    for kind in (AgencyKind.BUMD, "LUAR"):
        shown = board(kind)
        assert [card.agency for lane in shown.lanes for card in lane.cards] == [bank]
        assert len(shown.cards) == 2


def test_the_board_asks_no_more_with_more_agencies(
    place: Place, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        make_instrument(make_bank(code=f"B{number}", slug=f"b{number}"))
    with django_assert_max_num_queries(8):
        board()


@pytest.fixture
def admin(client: Client, place: Place) -> Client:
    client.force_login(make.make_user(Role.ADMIN))
    return client


def page(agency: Agency, name: str) -> str:
    return url(JoiningAgency, name, agency.pk)


def test_the_board_leads_to_the_way_in_which_leads_to_each_form(admin: Client, place: Place) -> None:
    only(make_criterion())
    bank = make_bank(status=AgencyStatus.CANDIDATE)
    shown = admin.get(url(JoiningAgency, "changelist"), {"jenis": "BUMD"}).content.decode()
    assert page(bank, "change") in shown
    way = admin.get(page(bank, "change"))
    buttons = [button for _step, gaps in way.context["steps"] for _gap, button in gaps]
    for button in buttons:
        if not button.step and not button.is_off:
            assert admin.get(button.link).status_code == 200, button.link
    paper = next(button for button in buttons if "instrument" in button.link)
    assert f"agency={bank.pk}" in paper.link
    assert "kind=KESEPAKATAN_BERSAMA" in paper.link
    assert "Pemerintah Kabupaten Uji" in admin.get(paper.link).content.decode()


def test_a_new_line_begins_with_the_services_that_have_none(admin: Client, place: Place) -> None:
    service = make.make_service(make_bank())
    way = admin.get(page(service.agency, "change"))
    buttons = [button for _step, gaps in way.context["steps"] for _gap, button in gaps if button]
    line = next(button for button in buttons if "queueing" in button.link)
    shown = admin.get(line.link).content.decode()
    assert f'<option value="{service.pk}" selected' in shown
    # A is the letter of the other line.
    assert 'value="B"' in shown


def test_a_new_line_is_given_a_prefix_that_the_rule_accepts(place: Place) -> None:
    service = make.make_service(make_bank())
    for letter in "BCDEFGHJ":
        make.make_queue(make.make_service(), prefix=letter)
    link = road_links.FIXES["new_queue"](onboarding.way_in(service.agency), Gap("", "new_queue"), "/").link
    # After H and J; there is no I.
    assert "prefix=K" in link
    for letter in "KLMNPQRSTUVWXYZ":
        make.make_queue(make.make_service(), prefix=letter)
    link = road_links.FIXES["new_queue"](onboarding.way_in(service.agency), Gap("", "new_queue"), "/").link
    assert "prefix=AA" in link


def test_a_day_that_the_way_fills_in_is_written_as_days_are(admin: Client, place: Place) -> None:
    bank = make_bank()
    shown = admin.get(url(Placement, "add"), {"agency": str(bank.pk), "starts_on": "2026-03-09"})
    assert 'value="09-03-2026"' in shown.content.decode()
    for broken in ("2026-13-45", "besok"):
        assert admin.get(url(Placement, "add"), {"starts_on": broken}).status_code == 200


def test_a_form_leads_back_to_where_it_was_opened_and_nowhere_else(admin: Client, place: Place) -> None:
    counter = make.make_counter(make.make_agency(), number="77")
    sent = {"number": "78", "code": counter.code, "zone": counter.zone_id, "position": 0}
    sent |= {"duties-TOTAL_FORMS": 0, "duties-INITIAL_FORMS": 0}
    change = url(type(counter), "change", counter.pk)
    for back, goes_to in (("/admin/x/", "/admin/x/"), ("//lain.example/", url(type(counter), "changelist"))):
        answer = admin.post(f"{change}?kembali={back}", sent)
        assert answer.status_code == 302, answer.content
        assert answer["Location"].startswith(goes_to)


def test_the_two_words_of_the_way_are_taken_by_one_press(admin: Client, place: Place) -> None:
    bank = make_bank(status=AgencyStatus.CANDIDATE)
    assert admin.get(page(bank, "step")).status_code == 403
    assert admin.post(page(bank, "step"), {"langkah": "lain"}).status_code == 404
    admin.post(page(bank, "step"), {"langkah": "willing"})
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.COMMITTED


def test_the_checklist_takes_claims_and_verifies_them(admin: Client, place: Place) -> None:
    one, two = make_criterion(), make_criterion("UJI-2", heading="SOP")
    only(one, two)
    bank = make_bank()
    claimed = {"tekan": "nyatakan", "bukti-UJI-1": "Surat", "bukti-UJI-2": ""}
    admin.post(page(bank, "readiness"), claimed | {"berkas-UJI-1": BytesIO(b"\xff\xd8\xff")})
    assert ReadinessCheck.objects.get().criterion == one
    evidence = admin.get(url(JoiningAgency, "evidence", bank.pk, "UJI-1"))
    assert evidence["Content-Disposition"] == 'attachment; filename="bukti-uji-1.jpg"'
    assert admin.get(url(JoiningAgency, "evidence", bank.pk, "UJI-2")).status_code == 404
    own = {"tekan": "periksa", "periksa": ["UJI-1"]}
    refused = admin.post(page(bank, "readiness"), own)
    assert refused.status_code == 409
    assert "Yang memeriksa harus orang lain dari yang menyatakan siap." in refused.content.decode()
    admin.force_login(make.make_user(Role.ADMIN))
    sent = {"tekan": "kembalikan.UJI-1", "kurang-UJI-1": "Nomornya"}
    assert "Nomornya" in admin.post(page(bank, "readiness"), sent, follow=True).content.decode()
    admin.force_login(make.make_user(Role.ADMIN))
    admin.post(page(bank, "readiness"), {"tekan": "nyatakan", "bukti-UJI-1": "Surat 2"})
    admin.force_login(make.make_user(Role.ADMIN))
    admin.post(page(bank, "readiness"), own)
    assert ReadinessCheck.objects.get().state == "VERIFIED"


def test_what_is_refused_is_said_where_it_was_typed_and_the_rest_is_kept(admin: Client, place: Place) -> None:
    only(make_criterion(), make_criterion("UJI-2", heading="SOP"))
    bank = make_bank()
    sent = {"tekan": "nyatakan", "bukti-UJI-1": "Surat", "bukti-UJI-2": "Foto meja"}
    refused = admin.post(page(bank, "readiness"), sent | {"berkas-UJI-2": BytesIO(b"<script>")})
    assert refused.status_code == 409
    shown = refused.content.decode()
    assert "Bukti berupa foto (JPEG, PNG) atau PDF." in shown
    assert ">Foto meja</textarea>" in shown
    assert [check.evidence for check in ReadinessCheck.objects.all()] == ["Surat"]


def test_a_manager_claims_for_the_own_agency_and_decides_nothing(place: Place, client: Client) -> None:
    only(make_criterion())
    bank, other = make_bank(), make_bank(code="LAIN", slug="lain", short_name="Lain")
    client.force_login(make.make_user(Role.AGENCY_MANAGER, bank, is_staff=True))
    board = client.get(url(JoiningAgency, "changelist")).context["board"]
    assert [card.agency.pk for card in board.cards] == [bank.pk]
    way = client.get(page(bank, "change"))
    buttons = [button for _step, gaps in way.context["steps"] for _gap, button in gaps if button]
    assert [button.link for button in buttons] == [page(bank, "readiness")]
    client.post(page(bank, "readiness"), {"tekan": "nyatakan", "bukti-UJI-1": "Surat"})
    assert ReadinessCheck.objects.get().agency == bank
    verified = client.post(page(bank, "readiness"), {"tekan": "periksa", "periksa": ["UJI-1"]})
    assert verified.status_code == 409
    for name in ("change", "readiness", "trial"):
        assert client.get(page(other, name)).status_code == 404
    for name in ("step", "trial"):
        assert client.post(page(bank, name), {"langkah": "willing"}).status_code == 403


def test_a_trial_is_begun_and_decided_on_its_pages(admin: Client, place: Place) -> None:
    only(make_criterion())
    bank = make_ready()
    until = clock.today() + timedelta(days=29)
    half = {"ends_on": until.isoformat(), "opens_at": "08:00"}
    assert admin.post(page(bank, "trial"), half).context["form"].errors
    answer = admin.post(page(bank, "trial"), {"ends_on": until.isoformat()})
    assert answer["Location"] == page(bank, "change")
    way = admin.get(page(bank, "change")).content.decode()
    assert "Ambil nomor uji" in way
    later = {"verdict": "EXTEND", "reason": "Sepi"}
    assert admin.post(page(bank, "decision"), later).context["form"].errors["ends_on"]
    admin.post(page(bank, "decision"), later | {"ends_on": (until + timedelta(days=30)).isoformat()})
    admin.post(page(bank, "decision"), {"verdict": "OPERATE", "reason": "Lancar"})
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.OPERATING
    assert Trial.objects.get().decisions.count() == 2
    assert admin.get(page(bank, "decision")).status_code == 404


def test_a_trial_that_lacks_something_is_refused_on_its_page(admin: Client, place: Place) -> None:
    only(make_criterion())
    bank = make_bank()
    shown = admin.get(page(bank, "trial"))
    assert "Belum ada layanan." in shown.context["gaps"]
    assert admin.post(page(bank, "trial"), {"ends_on": clock.today().isoformat()}).status_code == 409


def test_an_auditor_looks_and_changes_nothing(place: Place, client: Client) -> None:
    only(make_criterion())
    bank = make_ready()
    client.force_login(make.make_user(Role.AUDITOR, is_staff=True))
    for name in ("change", "readiness"):
        shown = client.get(page(bank, name))
        assert shown.status_code == 200
        assert "road-main" not in shown.content.decode()
    for name in ("readiness", "step", "trial"):
        assert client.post(page(bank, name), {"langkah": "willing"}).status_code == 403
    client.force_login(place.officer)
    assert client.get(page(bank, "change")).status_code in {302, 403}
