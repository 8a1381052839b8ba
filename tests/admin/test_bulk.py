"""Bulk actions: they say how many, keep a trace, and are taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.test import Client

from mpp.core import bulk, clock
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry
from services.models import Facility, Service
from tenants.enums import Role
from tenants.models import Counter, User
from tests import factories as make
from tests.admin.conftest import url
from tests.conftest import Place

pytestmark = pytest.mark.django_db


def press(client: Client, action: str, *rows: models.Model) -> str:
    sent = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url(type(rows[0]), "changelist"), sent, follow=True).content.decode()


def last_entry() -> AuditEntry:
    return AuditEntry.objects.filter(action=bulk.SWITCHED).latest("pk")


@pytest.fixture
def services(place: Place) -> list[Service]:
    hidden = make.make_service(place.agency, is_published=False)
    return [place.service, make.make_service(place.agency), hidden]


def test_it_says_how_many_changed_and_offers_to_take_it_back(admin: Client, services: list[Service]) -> None:
    shown = press(admin, "hide_rows", *services)
    entry = last_entry()
    assert "2 layanan disembunyikan." in shown
    assert f'href="/admin/core/auditentry/{entry.pk}/batalkan/"' in shown
    assert not Service.objects.filter(is_published=True).exists()
    [version] = services[0].history.all()[:1]
    assert (version.is_published, version.history_user.username) == (False, "admin")


def test_taking_back_restores_what_changed_and_nothing_else(admin: Client, services: list[Service]) -> None:
    press(admin, "hide_rows", *services)
    Service.objects.filter(pk=services[1].pk).update(is_published=True)
    page = f"/admin/core/auditentry/{last_entry().pk}/batalkan/"
    asked = admin.get(page).content.decode()
    assert "2 layanan" in asked
    assert "“Ditampilkan” kembali menjadi “ya”." in asked
    assert not Service.objects.get(pk=services[0].pk).is_published
    said = admin.post(page, follow=True).content.decode()
    assert "1 baris kembali seperti semula. 1 sudah diubah orang lain dan dibiarkan." in said
    stands = dict(Service.objects.values_list("pk", "is_published"))
    assert [stands[service.pk] for service in services] == [True, True, False]
    assert admin.post(page).status_code == 409


def test_what_already_stands_so_changes_nothing(admin: Client, services: list[Service]) -> None:
    assert "Tidak ada yang berubah" in press(admin, "show_rows", services[0])
    assert not AuditEntry.objects.filter(action=bulk.SWITCHED).exists()


def test_after_a_month_it_cannot_be_taken_back(admin: Client, services: list[Service]) -> None:
    press(admin, "hide_rows", services[0])
    later = clock.now() + timedelta(days=bulk.UNDO_DAYS, minutes=1)
    with clock.frozen(later), pytest.raises(Refusal, match="too_old"):
        bulk.undo(entry=last_entry(), by=User.objects.get(username="admin"))


def test_counters_and_rows_without_history_too(place: Place, admin: Client) -> None:
    assert "1 loket tidak dipakai lagi." in press(admin, "rest_rows", place.counter)
    assert not Counter.objects.get(pk=place.counter.pk).is_active
    facility = Facility.objects.create(code="RODA", name="Kursi roda", place="Meja")
    assert "1 fasilitas disembunyikan." in press(admin, "hide_rows", facility)
    admin.post(f"/admin/core/auditentry/{last_entry().pk}/batalkan/")
    assert Facility.objects.get().is_published


def test_too_many_rows_at_once_are_refused(
    admin: Client, services: list[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_ROWS", 1)
    assert "Paling banyak 1 baris sekaligus." in press(admin, "hide_rows", *services)
    assert Service.objects.filter(is_published=True).count() == 2


def test_who_only_looks_and_managers_have_no_bulk_actions(
    auditor: Client, admin: Client, place: Place, services: list[Service]
) -> None:
    press(admin, "hide_rows", services[0])
    page = f"/admin/core/auditentry/{last_entry().pk}/batalkan/"
    manager = Client()
    manager.force_login(make.make_user(Role.AGENCY_MANAGER, place.agency))
    assert (auditor.post(page).status_code, manager.post(page).status_code) == (403, 404)
    for client in (auditor, manager):
        press(client, "show_rows", services[0])
        assert not Service.objects.get(pk=services[0].pk).is_published


def test_only_a_bulk_change_offers_to_be_taken_back(admin: Client, services: list[Service]) -> None:
    press(admin, "hide_rows", services[0])
    entry = last_entry()
    change = url(AuditEntry, "change", entry.pk)
    assert "/batalkan/" in admin.get(change).content.decode()
    admin.post(f"/admin/core/auditentry/{entry.pk}/batalkan/")
    assert "/batalkan/" not in admin.get(change).content.decode()
    undone = AuditEntry.objects.get(action=bulk.UNDONE)
    assert admin.get(f"/admin/core/auditentry/{undone.pk}/batalkan/").status_code == 404
