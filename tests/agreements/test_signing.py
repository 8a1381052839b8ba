"""Several agencies sign at one occasion: all of them, or none with the list of what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from agreements import actions
from agreements.enums import InstrumentKind, InstrumentState
from agreements.models import (
    Instrument,
    InstrumentStep,
    KindRule,
    Promise,
    PromisedService,
    SigningEvent,
)
from agreements.papers import lacking
from mpp.core import clock
from mpp.core.errors import Refusal
from tenants.enums import AgencyKind, AgencyStatus, Role
from tenants.models import Agency
from tests import factories as make
from tests.admin.conftest import make_instrument, url
from tests.agreements.ready import make_terms
from tests.conftest import Place

pytestmark = pytest.mark.django_db
TERM: dict[str, Any] = {"effective_from": date(2024, 12, 5), "effective_to": date(2029, 12, 4)}


@pytest.fixture(autouse=True)
def terms(db: None) -> None:
    make_terms()


@pytest.fixture
def event() -> SigningEvent:
    return SigningEvent.objects.create(
        code="HST-2024",
        name="Penandatanganan nota kesepakatan",
        held_on=date(2024, 12, 5),
        place="Auditorium Kantor Bupati",
    )


@pytest.fixture
def waiting(place: Place) -> list[Instrument]:
    """Three agencies whose papers wait for a signature."""
    nothing = {
        "state": InstrumentState.READY,
        "signed_on": None,
        "effective_from": None,
        "effective_to": None,
    }
    agencies = [
        make.make_agency(code=code, short_name=code, kind=AgencyKind.VERTICAL, status=AgencyStatus.COMMITTED)
        for code in ("POL", "BPN", "KPP")
    ]
    return [make_instrument(agency, kind=InstrumentKind.NOTA_KESEPAKATAN, **nothing) for agency in agencies]


def test_all_sign_at_one_event_with_its_date_and_place(
    event: SigningEvent, waiting: list[Instrument]
) -> None:
    actions.sign_together(event=event, instruments=waiting, **TERM)
    signed = Instrument.objects.filter(event=event)
    assert {(each.state, each.signed_on, each.place) for each in signed} == {
        (InstrumentState.SIGNED, event.held_on, event.place)
    }
    assert signed.count() == 3
    assert InstrumentStep.objects.filter(after=InstrumentState.SIGNED, reason=event.name).count() == 3


def test_one_without_a_signatory_holds_all_back_and_is_named(
    event: SigningEvent, waiting: list[Instrument]
) -> None:
    waiting[1].parties.update(signatory="")
    with pytest.raises(Refusal) as refused:
        actions.sign_together(event=event, instruments=waiting, **TERM)
    assert "nama dan jabatan penanda tangan tiap pihak" in str(refused.value.message)
    assert not Instrument.objects.filter(state=InstrumentState.SIGNED).exists()


@pytest.mark.django_db(transaction=True)
def test_who_has_a_promise_already_signs_together_too(event: SigningEvent, waiting: list[Instrument]) -> None:
    """Bringing quotas to a promise is an act of its own: inside the signing it would break."""
    service = make.make_service(waiting[0].agency)
    make.make_queue(service)
    promised = Promise.objects.create(
        agency=waiting[0].agency,
        instrument=make_instrument(
            waiting[0].agency, code="NK-LAMA", kind=InstrumentKind.KESEPAKATAN_BERSAMA
        ),
        version=1,
        valid_from=date(2024, 1, 1),
        enacted_at=clock.now(),
    )
    PromisedService.objects.create(promise=promised, service=service, daily_numbers=30)
    actions.sign_together(event=event, instruments=waiting, **TERM)
    assert Instrument.objects.filter(event=event).count() == 3


def test_the_page_of_the_event_signs_what_is_ticked(
    event: SigningEvent, waiting: list[Instrument], client: Client
) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    page = url(SigningEvent, "sign", event.pk)
    assert waiting[0].agency.short_name in client.get(page).content.decode()
    ticked = [waiting[0].pk, waiting[2].pk]
    backwards = {"instruments": ticked, "effective_from": "2029-12-04", "effective_to": "2024-12-05"}
    assert "lebih awal" in client.post(page, backwards).content.decode()
    sent = {"instruments": ticked, "effective_from": "2024-12-05", "effective_to": "2029-12-04"}
    assert client.post(page, sent).status_code == 302
    assert set(Instrument.objects.filter(event=event).values_list("pk", flat=True)) == set(ticked)


def test_a_bank_cannot_sign_what_ministries_sign(place: Place) -> None:
    bank = make.make_agency(
        code="BNK", short_name="Bank", kind=AgencyKind.BUMD, status=AgencyStatus.COMMITTED
    )
    instrument = make_instrument(
        bank,
        kind=InstrumentKind.NOTA_KESEPAKATAN,
        state=InstrumentState.REVIEW,
        signed_on=None,
        effective_from=None,
        effective_to=None,
    )
    with pytest.raises(Refusal) as refused:
        actions.set_state(instrument=instrument, state="READY")
    assert "jenis naskah yang cocok untuk BUMD (kesepakatan bersama" in str(refused.value.message)


def test_the_rules_are_rows_and_may_be_changed(place: Place) -> None:
    bank = make.make_agency(
        code="BNK", short_name="Bank", kind=AgencyKind.BUMD, status=AgencyStatus.COMMITTED
    )
    make_instrument(bank)
    assert [rule.kind for rule in lacking(bank)] == [InstrumentKind.PKS]
    KindRule.objects.filter(agency_kind=AgencyKind.BUMD, kind=InstrumentKind.PKS).update(is_needed=False)
    assert lacking(bank) == []


def test_an_office_of_the_regency_may_sign_a_pks_alone(place: Place) -> None:
    """R002-1: Balangan's own offices were among the eighteen that signed."""
    instrument = make_instrument(
        place.agency, kind=InstrumentKind.PKS, state=InstrumentState.READY, signed_on=None
    )
    assert actions.missing_for(instrument, InstrumentState.READY) == []
    Agency.objects.filter(pk=place.agency.pk).update(kind=AgencyKind.BUMD, status=AgencyStatus.COMMITTED)
    alone = Instrument.objects.get(pk=instrument.pk)
    assert actions.missing_for(alone, InstrumentState.READY) == ["naskah induk yang cocok"]


def test_a_step_once_taken_cannot_be_rewritten(waiting: list[Instrument]) -> None:
    actions.set_state(instrument=waiting[0], state="DRAFT", reason="keliru")
    with pytest.raises(ProgrammingError, match="pgtrigger"), transaction.atomic():
        InstrumentStep.objects.update(reason="tidak pernah")


def test_an_event_without_a_waiting_paper_says_so_and_shows_no_empty_form(
    event: SigningEvent, client: Client
) -> None:
    client.force_login(make.make_user(Role.ADMIN))
    page = client.get(url(SigningEvent, "sign", event.pk), follow=True)
    assert page.redirect_chain[-1][0] == url(SigningEvent, "change", event.pk)
    assert "Belum ada naskah yang siap ditandatangani." in page.content.decode()
