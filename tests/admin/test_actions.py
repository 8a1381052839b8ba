"""Statuses and states move by their actions alone, from a page of their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from agreements.enums import InstrumentState
from agreements.models import Instrument, JoiningAgency
from mpp.core.admin import way_back
from mpp.core.models import AuditEntry
from mpp.dashboard.figures import Figure
from tenants.enums import AgencyKind, AgencyStatus
from tenants.models import Agency
from tests.admin.conftest import make_instrument, url
from tests.conftest import Place

SIGNATURE = {
    "signed_on": "2026-01-02",
    "place": "Uji",
    "effective_from": "2026-01-02",
    "effective_to": "2036-01-01",
}


def status(client: Client, agency: Agency, **sent: Any) -> Any:
    return client.post(f"/admin/tenants/agency/{agency.pk}/keadaan/", sent)


def state(client: Client, instrument: Instrument, **sent: Any) -> Any:
    return client.post(f"/admin/agreements/instrument/{instrument.pk}/keadaan/", sent)


def draft(bank: Agency, **fields: Any) -> Instrument:
    values = {
        "state": InstrumentState.DRAFT,
        "signed_on": None,
        "place": "",
        "effective_from": None,
        "effective_to": None,
    }
    return make_instrument(bank, **values | fields)


def test_looking_changes_nothing(everything: Place, bank: Agency, admin: Client) -> None:
    page = admin.get(f"/admin/tenants/agency/{bank.pk}/keadaan/", {"status": "ENDED"})
    assert page.status_code == 200
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.PREPARING


def test_serving_needs_an_agreement_in_force(place: Place, bank: Agency, admin: Client) -> None:
    """A candidate may be entered as it stands, but not without its paper."""
    Agency.objects.filter(pk=bank.pk).update(status=AgencyStatus.CANDIDATE)
    page = status(admin, bank, status="TRIAL")
    assert page.status_code == 409
    assert "belum punya naskah kerja sama yang berlaku" in page.content.decode()
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.CANDIDATE


def test_a_mall_that_runs_is_entered_as_it_stands(place: Place, bank: Agency, admin: Client) -> None:
    Agency.objects.filter(pk=bank.pk).update(status=AgencyStatus.CANDIDATE)
    instrument = draft(bank)
    for step in ("REVIEW", "READY"):
        assert state(admin, instrument, state=step).status_code == 302
    assert state(admin, instrument, state="SIGNED", **SIGNATURE).status_code == 302
    assert state(admin, instrument, state="IN_FORCE").status_code == 302
    assert status(admin, bank, status="TRIAL", reason="Surat Bupati 1/2026").status_code == 302
    bank.refresh_from_db()
    assert (bank.status, str(bank.agreement_to)) == (AgencyStatus.TRIAL, "2036-01-01")
    entry = AuditEntry.objects.get(action="agency.status")
    assert (entry.actor_name, entry.detail["reason"]) == ("admin", "Surat Bupati 1/2026")
    assert AuditEntry.objects.filter(action="instrument.state").count() == 4


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"status": ""},
        {"status": "BUKA"},
        {"status": "PREPARING"},
        {"status": "PAUSED"},
        # These lead through the trial, which has its own page.
        {"status": "TRIAL"},
        {"status": "OPERATING"},
    ],
)
def test_a_status_that_cannot_follow_is_not_offered(
    place: Place, bank: Agency, admin: Client, sent: dict[str, str]
) -> None:
    page = status(admin, bank, **sent)
    assert page.status_code == 200
    assert page.context["form"].errors["status"]
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.PREPARING


def test_a_reason_too_long_or_hidden_is_refused(place: Place, bank: Agency, admin: Client) -> None:
    for reason in ("x" * 10_000, "a\x00b"):
        assert status(admin, bank, status="ENDED", reason=reason).status_code == 200
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.PREPARING


def test_a_signature_without_its_date_says_what_is_missing(place: Place, bank: Agency, admin: Client) -> None:
    instrument = draft(bank, state=InstrumentState.READY)
    page = state(admin, instrument, state="SIGNED", place="Uji")
    assert page.status_code == 409
    assert "Lengkapi dulu: tanggal tanda tangan, masa berlaku." in page.content.decode()
    instrument.refresh_from_db()
    assert (instrument.state, instrument.place) == (InstrumentState.READY, "")


def test_the_page_lists_what_is_missing_before_the_step(place: Place, bank: Agency, admin: Client) -> None:
    instrument = draft(bank, state=InstrumentState.REVIEW, scope="")
    instrument.parties.all().delete()
    page = admin.get(f"/admin/agreements/instrument/{instrument.pk}/keadaan/")
    assert page.context["gaps"] == ["ruang lingkup", "sedikitnya dua pihak"]


def test_from_what_is_missing_a_link_leads_to_where_it_is_written_and_back(
    place: Place, bank: Agency, admin: Client
) -> None:
    instrument = draft(bank, state=InstrumentState.READY)
    page = f"/admin/agreements/instrument/{instrument.pk}/keadaan/"
    shown = admin.get(f"{page}?kembali=/admin/agreements/joiningagency/{bank.pk}/change/")
    mend = shown.context["mend"]
    assert f'href="{escape(mend)}"' in shown.content.decode()
    form = admin.get(mend)
    assert form.context["original"] == instrument
    assert way_back(form.wsgi_request).startswith(f"{page}?kembali=")


def test_a_second_agreement_of_its_kind_is_refused_in_words(
    place: Place, bank: Agency, admin: Client
) -> None:
    make_instrument(bank)
    second = make_instrument(bank, code="KSB-2", state=InstrumentState.SIGNED)
    page = state(admin, second, state="IN_FORCE")
    assert page.status_code == 409
    assert "Sudah ada naskah sejenis yang berlaku pada masa itu." in page.content.decode()


def test_the_menu_the_marks_and_the_summary_are_in_indonesian(
    everything: Place, bank: Agency, admin: Client
) -> None:
    shown = admin.get("/admin/").content.decode()
    for words in (
        "instansi luar sudah tanda tangan",
        "1 dari 2",
        "1 persiapan",
        "Nomor hari ini",
        "Instansi masuk",
        "Pengawasan",
    ):
        assert words in shown


def agreements_figure(admin: Client) -> Figure:
    figure: Figure = admin.get("/admin/").context["figures"][1]
    return figure


def test_a_mall_of_its_own_offices_alone_needs_no_agreement(place: Place, admin: Client) -> None:
    assert Agency.objects.get().kind == AgencyKind.OPD
    figure = agreements_figure(admin)
    assert (figure.value, figure.note) == ("Tidak perlu", "semua instansi perangkat daerah sendiri")
    assert "0 dari 0" not in admin.get("/admin/").content.decode()
    assert "dari 0 sudah tanda tangan" not in admin.get(url(JoiningAgency, "changelist")).content.decode()


def test_who_has_left_is_not_counted_among_those_who_sign(place: Place, bank: Agency, admin: Client) -> None:
    assert agreements_figure(admin).value == "0 dari 1"
    Agency.objects.filter(pk=bank.pk).update(status=AgencyStatus.ENDED)
    assert agreements_figure(admin).value == "Tidak perlu"


def test_the_summary_names_who_serves_without_an_agreement(
    everything: Place, bank: Agency, admin: Client
) -> None:
    Agency.objects.filter(pk=bank.pk).update(
        agreement_from="2020-01-01", agreement_to="2021-01-01", status=AgencyStatus.OPERATING
    )
    shown = admin.get("/admin/").content.decode()
    assert "Bank Uji melayani, tetapi naskahnya tidak berlaku. Nomornya berhenti." in shown
