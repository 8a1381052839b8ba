"""Saving through a form: the database's refusals are words beside what was typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from agreements.models import Instrument
from mpp.core.models import AuditEntry, Mall
from queueing.models import Queue
from services.models import Service, ServiceStandard
from tenants.enums import AgencyKind, AgencyStatus, Role
from tenants.models import Agency, AgencyName, Counter, CounterDuty, Placement, User, Zone
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place

SHARES_ITS_WORLD = True


def filled(client: Client, model: Any, row: Any) -> dict[str, Any]:
    """What the browser would send back unchanged."""
    page = client.get(url(model, "change", row.pk))
    sent: dict[str, Any] = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                sent[field.html_name] = "on"
            elif value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def save(client: Client, model: Any, row: Any, **changes: Any) -> Any:
    return client.post(url(model, "change", row.pk), filled(client, model, row) | changes)


def errors(page: Any) -> str:
    assert page.status_code == 200
    return " ".join(str(error) for error in page.context["errors"]) + str(
        page.context["adminform"].form.non_field_errors()
    )


def test_an_unchanged_form_saves_and_writes_no_history(everything: Place, admin: Client) -> None:
    before = Agency.history.count()
    assert save(admin, Agency, everything.agency).status_code == 302
    assert Agency.history.count() == before


def test_a_change_is_written_with_who_made_it(everything: Place, admin: Client) -> None:
    assert save(admin, Agency, everything.agency, summary="KTP, KK").status_code == 302
    last = Agency.history.latest()
    assert (last.summary, last.history_user.username) == ("KTP, KK", "admin")
    page = admin.get(url(Agency, "history", everything.agency.pk)).content.decode()
    assert "Ringkasan" in page
    assert "KTP, KK" in page


def test_a_form_writes_only_what_it_changed(
    everything: Place, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's change meanwhile is not undone: control of the race by a change at the last moment."""
    from django.contrib.admin.options import ModelAdmin

    plain = ModelAdmin.save_form

    def save_form(self: Any, request: Any, form: Any, change: bool) -> Any:
        Agency.objects.filter(pk=everything.agency.pk).update(phone="0811", status=AgencyStatus.PAUSED)
        return plain(self, request, form, change)

    monkeypatch.setattr(ModelAdmin, "save_form", save_form)
    save(admin, Agency, everything.agency, summary="baru")
    everything.agency.refresh_from_db()
    agency = everything.agency
    assert (agency.summary, agency.phone, agency.status) == ("baru", "0811", AgencyStatus.PAUSED)


def test_a_status_cannot_be_posted(everything: Place, admin: Client) -> None:
    save(admin, Agency, everything.agency, status="ENDED", agreement_to="2099-01-01")
    everything.agency.refresh_from_db()
    assert everything.agency.status == AgencyStatus.OPERATING
    assert everything.agency.agreement_to is None
    instrument = Instrument.objects.get()
    save(admin, Instrument, instrument, state="DRAFT")
    instrument.refresh_from_db()
    assert instrument.state == "IN_FORCE"


def test_r000_15_at_the_form(everything: Place, admin: Client) -> None:
    """An operating agency cannot become one that needs an agreement while it has none."""
    page = save(admin, Agency, everything.agency, kind=AgencyKind.VERTICAL)
    assert "belum punya naskah kerja sama yang berlaku" in errors(page)
    everything.agency.refresh_from_db()
    assert everything.agency.kind == AgencyKind.OPD


def test_two_new_rows_that_exclude_each_other_are_refused_together(everything: Place, admin: Client) -> None:
    new = {"name": "N", "short_name": "N", "valid_from": "2030-01-01", "valid_to": "", "decree": ""}
    sent = {f"names-{n}-{key}": value for n in (1, 2) for key, value in new.items()}
    AgencyName.objects.update(valid_to="2029-12-31")
    page = save(admin, Agency, everything.agency, **sent, **{"names-TOTAL_FORMS": "3"})
    assert "Pada tanggal itu instansi ini sudah punya nama lain." in errors(page)
    assert "2030" in page.content.decode()
    assert AgencyName.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "kecil"}, "Pakai huruf besar"),
        ({"name": "a\x00b"}, "Karakter null"),
        ({"name": "a\u202eb"}, "Hapus karakter tersembunyi"),
        ({"name": "x" * 10_000}, "paling banyak 160 karakter"),
        ({"slug": "dengan spasi"}, "slug"),
    ],
)
def test_bad_text_is_refused_beside_its_field(
    everything: Place, admin: Client, changes: dict[str, str], words: str
) -> None:
    page = save(admin, Agency, everything.agency, **changes)
    assert words in errors(page)
    assert Agency.objects.get(pk=everything.agency.pk).name == everything.agency.name


def test_a_prefix_in_use_is_refused(everything: Place, admin: Client) -> None:
    other = make.make_queue(make.make_service(everything.agency), prefix="C")
    assert "Awalan ini sudah dipakai antrean lain." in errors(save(admin, Queue, other, prefix="A"))


def test_a_service_of_another_agency_cannot_stand_in_a_line(everything: Place, admin: Client) -> None:
    foreign = make.make_service()
    sent = {"queueservice_set-TOTAL_FORMS": "2", "queueservice_set-1-service": foreign.pk}
    page = save(admin, Queue, everything.queue, **sent)
    assert "bertentangan dengan data lain" in errors(page)
    assert everything.queue.services.count() == 1


def test_a_standard_is_published_only_when_complete(everything: Place, admin: Client) -> None:
    standard = ServiceStandard.objects.get(service=everything.service)
    page = save(admin, ServiceStandard, standard, complaints="")
    assert "Isi dulu keenam komponen yang wajib diumumkan." in errors(page)


def test_a_colour_on_which_white_cannot_be_read_is_refused(everything: Place, admin: Client) -> None:
    page = save(admin, Mall, Mall.objects.get(), accent="#FFEE00")
    assert "terlalu terang" in errors(page)


def test_there_is_one_mall_and_it_stays(everything: Place, admin: Client) -> None:
    assert admin.get(url(Mall, "add")).status_code == 403
    assert admin.post(url(Mall, "delete", 1), {"post": "yes"}).status_code == 403


def test_what_others_refer_to_is_not_deleted(everything: Place, admin: Client) -> None:
    page = admin.post(url(Agency, "delete", everything.agency.pk), {"post": "yes"})
    assert page.status_code == 200
    assert Agency.objects.filter(pk=everything.agency.pk).exists()
    admin.post(url(Zone, "delete", everything.zone.pk), {"post": "yes"})
    assert Zone.objects.filter(pk=everything.zone.pk).exists()


def test_what_nobody_refers_to_may_be_deleted(everything: Place, admin: Client) -> None:
    zone = make.make_zone()
    assert admin.post(url(Zone, "delete", zone.pk), {"post": "yes"}).status_code == 302
    assert not Zone.objects.filter(pk=zone.pk).exists()


def test_nothing_is_deleted_in_bulk(everything: Place, admin: Client) -> None:
    zone = make.make_zone()
    admin.post(
        url(Zone, "changelist"), {"action": "delete_selected", "_selected_action": zone.pk, "post": "yes"}
    )
    assert Zone.objects.filter(pk=zone.pk).exists()


def test_an_old_version_is_looked_at_and_never_put_back(everything: Place, admin: Client) -> None:
    save(admin, Agency, everything.agency, summary="baru")
    version = Agency.history.earliest()
    address = f"/admin/tenants/agency/{everything.agency.pk}/history/{version.pk}/"
    assert admin.get(address).status_code == 200
    assert admin.post(address, filled(admin, Agency, everything.agency)).status_code == 403


def test_a_person_made_admin_may_enter_and_the_change_is_recorded(everything: Place, admin: Client) -> None:
    person = make.make_user(Role.OFFICER)
    assert save(admin, User, person, role="ADMIN").status_code == 302
    person.refresh_from_db()
    assert person.is_staff
    assert person.check_password(make.PASSWORD)
    entry = AuditEntry.objects.get(action="account.role", target=person.username)
    assert (entry.detail["before"], entry.detail["after"]) == ("OFFICER", "ADMIN")
    save(admin, User, person, role="OFFICER")
    person.refresh_from_db()
    assert not person.is_staff


def test_people_are_set_inactive_and_never_deleted(everything: Place, admin: Client) -> None:
    assert admin.post(url(User, "delete", everything.officer.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", [Placement, AgencyName, CounterDuty])
def test_a_span_that_ends_before_it_starts_is_refused_in_words(
    place: Place, admin: Client, model: type[Model]
) -> None:
    start, end = ("starts_on", "ends_on") if model is Placement else ("valid_from", "valid_to")
    sent: dict[str, Any] = {"user": place.officer.pk, "agency": place.agency.pk, "counter": place.counter.pk}
    sent |= {"name": "Nama", "short_name": "Nama", start: "1999-03-02", end: "1999-03-01"}
    page = admin.post(url(model, "add"), sent)
    assert page.status_code == 200
    assert "lebih awal dari" in page.content.decode()


def test_overlapping_placements_are_refused(everything: Place, bank: Agency, admin: Client) -> None:
    sent = {
        "placements-TOTAL_FORMS": "2",
        "placements-1-agency": bank.pk,
        "placements-1-starts_on": "2026-01-01",
    }
    page = save(admin, User, everything.officer, **sent)
    assert page.status_code == 200
    assert "Siti masih ditempatkan di Dukcapil, sejak 1 Januari 2020." in page.content.decode()


def test_an_agreement_edited_by_hand_moves_the_agency_with_it(
    everything: Place, bank: Agency, admin: Client
) -> None:
    instrument = Instrument.objects.get()
    assert save(admin, Instrument, instrument, effective_to="2035-06-30").status_code == 302
    bank.refresh_from_db()
    assert str(bank.agreement_to) == "2035-06-30"


def test_what_was_signed_cannot_be_deleted(everything: Place, admin: Client) -> None:
    instrument = Instrument.objects.get()
    assert admin.post(url(Instrument, "delete", instrument.pk), {"post": "yes"}).status_code == 403


def test_a_parent_of_another_agency_is_refused(everything: Place, admin: Client) -> None:
    instrument = Instrument.objects.get()
    page = save(admin, Instrument, instrument, kind="PKS", agency=everything.agency.pk, parent=instrument.pk)
    assert page.status_code == 200
    assert "Naskah induk itu milik instansi lain." in page.content.decode()


def test_a_counter_number_in_use_is_refused(everything: Place, admin: Client) -> None:
    other = make.make_counter(everything.agency, number="77")
    assert "Nomor" in errors(save(admin, Counter, other, number=everything.counter.number))


def test_life_events_are_boxes(everything: Place, admin: Client) -> None:
    assert save(admin, Service, everything.service, life_events=["BIRTH", "MOVING"]).status_code == 302
    everything.service.refresh_from_db()
    assert everything.service.life_events == ["BIRTH", "MOVING"]
