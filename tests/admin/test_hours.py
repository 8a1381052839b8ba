"""Hours, calendar and trouble in the admin; and two people at one form."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from mpp.core import clock
from services.enums import CalendarKind
from services.models import CalendarDay, Disruption, OpeningHours
from tenants.enums import Role
from tests import factories as make
from tests.admin.conftest import url
from tests.admin.test_forms import errors, filled, save
from tests.conftest import Place
from tests.core.test_revision import elsewhere

TEN = datetime(2026, 11, 23, 2, tzinfo=UTC)
STALE = "Orang lain baru saja mengubah"


def hours(**fields: Any) -> OpeningHours:
    values: dict[str, Any] = {
        "weekday": 1,
        "opens_at": time(8),
        "closes_at": time(15),
        "valid_from": date(2027, 1, 1),
        "valid_to": date(2027, 1, 31),
        "season": "Ramadan",
    } | fields
    return OpeningHours.objects.create(**values)


def trouble(**fields: Any) -> Disruption:
    return Disruption.objects.create(**{"message": "Listrik padam", "started_at": TEN} | fields)


@pytest.fixture
def colleague(place: Place) -> Client:
    client = Client()
    client.force_login(make.make_user(Role.ADMIN, username="rekan"))
    return client


# Two people at one form


@pytest.mark.parametrize("kind", ["hours", "day", "trouble"])
def test_the_later_of_two_forms_is_refused_and_nothing_is_overwritten(
    place: Place, admin: Client, colleague: Client, kind: str
) -> None:
    row, first, second = {
        "hours": (hours(), {"closes_at": "16:00:00"}, {"closes_at": "14:00:00"}),
        "day": (
            CalendarDay.objects.create(date=date(2027, 1, 4), kind="LOCAL_HOLIDAY", name="Hari Jadi"),
            {"name": "Hari Jadi Kabupaten"},
            {"name": "Hari Jadi Kota"},
        ),
        "trouble": (trouble(), {"message": "Genset menyala"}, {"message": "Padam lagi"}),
    }[kind]
    model = type(row)
    mine, theirs = filled(admin, model, row), filled(colleague, model, row)
    assert colleague.post(url(model, "change", row.pk), theirs | first).status_code == 302
    page = admin.post(url(model, "change", row.pk), mine | second)
    assert STALE in errors(page)
    row.refresh_from_db()
    [(name, value)] = first.items()
    assert str(getattr(row, name)) == value
    assert save(admin, model, row, **second).status_code == 302


def test_a_change_by_file_or_action_counts_as_somebody_elses(place: Place, admin: Client) -> None:
    row = hours()
    mine = filled(admin, OpeningHours, row)
    OpeningHours.objects.filter(pk=row.pk).update(last_number_at=time(14))
    page = admin.post(url(OpeningHours, "change", row.pk), mine | {"closes_at": "16:00"})
    assert STALE in errors(page)


def test_a_form_without_its_mark_is_refused(place: Place, admin: Client) -> None:
    row = hours()
    sent = filled(admin, OpeningHours, row)
    del sent["seen"]
    assert STALE in errors(admin.post(url(OpeningHours, "change", row.pk), sent))


def test_the_mark_is_in_the_page_and_not_to_be_seen(place: Place, admin: Client) -> None:
    page = admin.get(url(OpeningHours, "change", hours().pk)).content.decode()
    assert 'type="hidden" name="seen"' in page
    assert 'name="seen"' not in admin.get(url(OpeningHours, "add")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_row_is_locked_between_comparing_and_writing(
    live_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lock the other change would come in between, and be overwritten unseen."""
    from services.admin import OpeningHoursAdmin

    client = Client()
    client.force_login(make.make_user(Role.ADMIN))
    row = hours()
    sent = filled(client, OpeningHours, row)
    plain = OpeningHoursAdmin.save_model
    waited: list[str] = []

    def change() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
                OpeningHours.objects.filter(pk=row.pk).update(closes_at=time(13))
        except Exception as error:
            waited.append(str(error))

    def save_model(self: Any, *args: Any) -> None:
        elsewhere(change)
        plain(self, *args)

    monkeypatch.setattr(OpeningHoursAdmin, "save_model", save_model)
    assert client.post(url(OpeningHours, "change", row.pk), sent | {"closes_at": "16:00"}).status_code == 302
    assert "lock timeout" in waited[0]
    row.refresh_from_db()
    assert row.closes_at == time(16)


# Hours


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closes_at": "07:00"}, "Jam tutup harus sesudah jam buka."),
        ({"break_from": "12:00"}, "Istirahat harus di antara jam buka dan jam tutup."),
        ({"last_number_at": "15:30"}, "Nomor terakhir harus di antara jam buka dan jam tutup."),
        ({"valid_to": "2026-12-31"}, "“Sampai” lebih awal dari “sejak”."),
        ({"valid_to": ""}, "Musim harus punya tanggal akhir"),
        ({"weekday": "2"}, "Jam musim untuk hari itu sudah ada pada masa itu."),
        ({"season": "", "weekday": "3"}, "Jam biasa untuk hari itu sudah ada pada masa itu."),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(
    place: Place, admin: Client, changes: dict[str, str], words: str
) -> None:
    hours(weekday=2, valid_from=date(2027, 1, 31), valid_to=date(2027, 2, 15), season="Pekan MPP")
    row = hours()
    assert words in errors(save(admin, OpeningHours, row, **changes))


def test_agency_and_service_at_once_are_refused(place: Place, admin: Client) -> None:
    sent = {"agency": place.agency.pk, "service": place.service.pk}
    assert "jangan keduanya" in errors(save(admin, OpeningHours, hours(), **sent))


def test_the_coming_days_show_what_the_rules_make_of_the_rows(
    place: Place, admin: Client, auditor: Client
) -> None:
    make.make_service()
    with clock.frozen(TEN):
        OpeningHours.objects.update(opens_at=time(8), closes_at=time(15), last_number_at=time(14))
        CalendarDay.objects.create(date=date(2026, 11, 24), kind=CalendarKind.JOINT_LEAVE, name="Cuti uji")
        CalendarDay.objects.create(
            date=date(2026, 11, 24),
            kind=CalendarKind.SPECIAL_OPENING,
            agency=place.agency,
            name="Tetap buka",
            is_open=True,
            opens_at=time(9),
            closes_at=time(12),
            break_from=time(10),
            break_to=time(11),
        )
        address = "/admin/services/openinghours/pratinjau/"
        mall = admin.get(address).context["days"]
        own = admin.get(address, {"service": place.service.pk}).context["days"]
        page = auditor.get(address, {"agency": place.agency.pk})
        wrong = admin.get(address, {"agency": "abc", "service": "999999"})
    assert [day.day for day in mall] == [date(2026, 11, 23) + timedelta(days=n) for n in range(15)]
    assert (mall[0].hours, mall[0].last_number, mall[0].whose) == ("08.00–15.00", "14.00", "seluruh mal")
    assert (mall[1].is_open, mall[1].note) == (False, "Cuti uji")
    assert (own[1].hours, own[1].pause, own[1].whose) == ("09.00–12.00", "10.00–11.00", "instansi")
    assert "Selasa, 24 November 2026" in page.content.decode()
    assert wrong.status_code == 200


# The calendar


def test_the_calendar_is_filled_with_one_press_and_says_how_many(place: Place, admin: Client) -> None:
    address = "/admin/services/calendarday/isi/"
    with clock.frozen(TEN):
        assert admin.get(address).status_code == 200
        assert not CalendarDay.objects.exists()
        page = admin.post(address, {"year": "2026"}, follow=True)
        assert "25 hari ditambahkan, 0 sudah ada." in page.content.decode()
        again = admin.post(address, {"year": "2026"}, follow=True)
        assert "0 hari ditambahkan, 25 sudah ada." in again.content.decode()
        assert "tanggal perkiraan" in admin.post(address, {"year": "2027"}, follow=True).content.decode()
        assert admin.post(address, {"year": "1999"}).status_code == 200
    assert CalendarDay.objects.filter(date__year=2026).count() == 25


def test_the_auditor_fills_nothing(place: Place, auditor: Client) -> None:
    assert auditor.post("/admin/services/calendarday/isi/", {"year": "2026"}).status_code == 403
    assert not CalendarDay.objects.exists()


def test_an_open_date_needs_its_hours(place: Place, admin: Client) -> None:
    row = CalendarDay.objects.create(date=date(2027, 1, 4), kind="ELECTION", name="Pemilu")
    page = save(admin, CalendarDay, row, is_open="on")
    assert "Hari buka memerlukan jam" in errors(page)


# Trouble


def test_trouble_is_declared_changed_and_ended_in_the_admin(place: Place, admin: Client) -> None:
    with clock.frozen(TEN):
        sent = {"message": "Server pusat mati", "expected_until": "11:00", "stops_numbers": "on"}
        assert admin.post(url(Disruption, "add"), sent).status_code == 302
        row = Disruption.objects.get()
        assert (row.agency, str(row.started_by)) == (None, "admin")
        changed = {"expected_until_0": "2026-11-24", "expected_until_1": "09:00"}
        assert save(admin, Disruption, row, **changed).status_code == 302
        row.refresh_from_db()
        assert row.expected_until == datetime(2026, 11, 24, 1, tzinfo=UTC)
        past = {"expected_until_0": "2026-11-22", "expected_until_1": "09:00"}
        assert "sesudah sekarang" in errors(save(admin, Disruption, row, **past))
        second = admin.post(url(Disruption, "add"), sent)
        assert second.status_code == 409
        assert "sudah dinyatakan" in second.content.decode()
        address = f"/admin/services/disruption/{row.pk}/akhiri/"
        assert admin.get(address).status_code == 200
        assert admin.post(address).status_code == 302
    row.refresh_from_db()
    assert (row.ended_at, str(row.ended_by)) == (TEN, "admin")


def test_what_is_over_is_only_looked_at(place: Place, admin: Client, auditor: Client) -> None:
    row = trouble(ended_at=TEN + timedelta(minutes=5))
    assert admin.get(url(Disruption, "change", row.pk)).status_code == 200
    assert admin.post(url(Disruption, "change", row.pk), {"message": "x"}).status_code == 403
    assert admin.post(f"/admin/services/disruption/{row.pk}/akhiri/").status_code == 403
    assert admin.post(url(Disruption, "delete", row.pk), {"post": "yes"}).status_code == 403
    going_on = trouble(agency=place.agency)
    assert auditor.post(f"/admin/services/disruption/{going_on.pk}/akhiri/").status_code == 403
    assert auditor.post(url(Disruption, "add"), {"message": "x"}).status_code == 403
