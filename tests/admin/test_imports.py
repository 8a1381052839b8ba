"""Tables in the admin: preview, then all rows or none; every refusal in words."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import models
from django.test import Client

from agreements.models import Instrument
from mpp.core.models import AuditEntry, Mall
from mpp.core.tables import csvfile
from queueing.models import Queue
from services.models import CalendarDay, OpeningHours, Service, ServiceStandard
from tenants.enums import AgencyStatus
from tenants.models import Agency, AgencyName, Counter, CounterDuty, Zone
from tests.admin.conftest import send, url
from tests.conftest import Place

Rows = list[dict[str, str]]


def exported(client: Client, model: type[models.Model]) -> Rows:
    page = client.post(url(model, "export"), {"format": "0", "resource": "0"})
    return list(csv.DictReader(io.StringIO(page.content.decode())))


def text(rows: Rows) -> str:
    return csvfile.write(list(rows[0]), [list(row.values()) for row in rows])


def problems(client: Client, model: type[models.Model], content: bytes | str) -> list[str]:
    page = send(client, model, content)
    if "result" in page.context:
        assert page.status_code == 200
        assert "confirm_form" not in page.context
        found = list(page.context["result"].problems)
    else:
        assert page.status_code == 400
        found = list(page.context["form"].errors.get("import_file", []))
    shown = page.content.decode()
    assert "Tidak ada yang disimpan" in shown or "import_file" in shown
    return found


def confirm(client: Client, model: type[models.Model], page: Any) -> Any:
    return client.post(url(model, "process_import"), page.context["confirm_form"].initial)


@pytest.mark.parametrize(
    ("model", "column", "value", "words"),
    [
        (Agency, "zone", "xyz", "Baris 2, kolom zone: Zona “xyz” tidak ditemukan."),
        (Agency, "kind", "DINAS", "Baris 2, kolom kind: “DINAS” tidak ada dalam daftar: OPD, VERTICAL"),
        (Agency, "position", "satu", "Baris 2, kolom position: harus angka bulat"),
        (Agency, "position", "-1", "Baris 2, kolom position: harus angka bulat"),
        (Agency, "is_bank", "mungkin", "Baris 2, kolom is_bank: tulis 1 untuk ya"),
        (Agency, "name", "", "Baris 2, kolom name: wajib diisi."),
        (Agency, "name", "a\x00b", "Baris 2, kolom name: berisi karakter tersembunyi."),
        (Agency, "name", "nama\u202etxt.exe", "Baris 2, kolom name: berisi karakter tersembunyi."),
        (Agency, "name", "x" * 161, "Baris 2, kolom name: Pastikan"),
        (Agency, "website", "javascript:alert(1)", "Baris 2, kolom website:"),
        (Agency, "status", "BUKA", "Baris 2, kolom status: “BUKA” tidak ada dalam daftar"),
        (Counter, "zone", "", "Baris 2, kolom zone: wajib diisi."),
        (CounterDuty, "valid_from", "31-12-2026", "Baris 2, kolom valid_from: “31-12-2026” bukan tanggal."),
        (CounterDuty, "valid_from", "2026-02-30", "Baris 2, kolom valid_from: “2026-02-30” bukan tanggal."),
        (CounterDuty, "weekday", "8", "Baris 2, kolom weekday:"),
        (OpeningHours, "opens_at", "25:00", "Baris 2, kolom opens_at: “25:00” bukan jam."),
        (OpeningHours, "break_from", "11:00", "Baris 2: Istirahat harus di antara jam buka dan jam tutup."),
        (Service, "minutes", "0", "Baris 2, kolom minutes:"),
        (Service, "life_events", "BIRTH,PARTY", "Baris 2, kolom life_events: “PARTY” tidak ada dalam daftar"),
        (ServiceStandard, "fee_amount", "12.500", "Baris 2, kolom fee_amount: harus angka bulat tanpa titik"),
        (ServiceStandard, "fee_amount", "12500", "Baris 2: Biaya: gratis tanpa jumlah"),
        (ServiceStandard, "complaints", "", "Baris 2: Isi dulu keenam komponen"),
        (Queue, "prefix", "OI", "Baris 2, kolom prefix: Satu sampai tiga huruf besar"),
        (Queue, "services", "TIDAK-ADA", "Baris 2, kolom services: Layanan “TIDAK-ADA” tidak ditemukan."),
        (Instrument, "signed_on", "", "Baris 2: Naskah yang ditandatangani memerlukan tanggal"),
        (Instrument, "state", "DRAFT", "Baris 2, kolom state: dari “berlaku” tidak bisa langsung"),
        (Instrument, "parent", "X-1", "Baris 2, kolom parent: Naskah kerja sama “X-1” tidak ditemukan."),
        (Mall, "accent", "#FFFF00", "Baris 2, kolom accent: Warna #FFFF00 terlalu terang"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_written(
    everything: Place, admin: Client, model: Any, column: str, value: str, words: str
) -> None:
    rows = exported(admin, model)
    before = list(model._default_manager.order_by("pk").values())
    rows[0][column] = value
    found = problems(admin, model, text(rows))
    assert any(each.startswith(words) for each in found), found
    assert list(model._default_manager.order_by("pk").values()) == before


def headers(**changes: str) -> str:
    names = ["code", "name", "floor", "directions", "position"]
    return ",".join(changes.get(name, name) for name in names if changes.get(name) != "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{headers(name='sebutan')}\na,b,c,d,1\n", "Kolom “sebutan” tidak dikenal."),
        (f"{headers(name='')}\na,c,d,1\n", "Kolom “name” tidak ada."),
        (f"{headers(name='code')}\na,b,c,d,1\n", "Kolom “code” tertulis dua kali."),
        (f"{headers()}\na,b,c,d\n", "Baris 2 berisi 4 kolom, padahal judulnya 5."),
        (f'{headers()}\na,"b,c,d,1\n', "Berkas tidak dapat dibaca di sekitar baris"),
        (f"{headers()}\n", "Berkas ini kosong."),
        (b"\xff\xfe\x00c", "Berkas bukan CSV UTF-8."),
        (b"x" * (2 * 1024 * 1024 + 1), "Berkas terlalu besar."),
        (f"{headers()}\n" + "a,b,c,d,1\n" * 5_001, "Berkas terlalu panjang."),
        (f"{headers()}\nz1,A,1,x,1\nz1,B,1,x,2\n", "Baris 3, kolom code: sama dengan baris 2."),
    ],
)
def test_a_file_that_is_no_table_of_ours_says_why(
    place: Place, admin: Client, content: Any, words: str
) -> None:
    found = problems(admin, Zone, content)
    assert any(each.startswith(words) for each in found), found
    assert Zone.objects.count() == 1


def test_an_empty_upload_is_refused_in_indonesian(place: Place, admin: Client) -> None:
    page = admin.post(url(Zone, "import"), {"format": "0", "resource": "0"})
    assert page.status_code == 400
    assert page.context["form"].errors["import_file"]


def test_many_mistakes_are_listed_up_to_twenty_and_counted(place: Place, admin: Client) -> None:
    rows = "".join(f"z{n},Nama,1,x,banyak\n" for n in range(30))
    found = problems(admin, Zone, f"{headers()}\n{rows}")
    assert len(found) == 21
    assert found[-1] == "Masih ada 10 kesalahan lain."


def test_a_slug_that_another_row_has_is_named(everything: Place, admin: Client) -> None:
    rows = exported(admin, Agency)
    rows.append(rows[0] | {"code": "BARU"})
    found = problems(admin, Agency, text(rows))
    assert found == [f"Baris {len(rows) + 1}, kolom slug: Instansi dengan Alamat halaman telah ada."]


def test_periods_that_overlap_in_one_file_are_named(everything: Place, admin: Client) -> None:
    name = AgencyName.objects.get()
    row = {"agency": name.agency.code, "name": "N", "short_name": "N", "valid_to": "", "decree": ""}
    rows = [row | {"valid_from": "2030-01-01"}]
    found = problems(admin, AgencyName, text(rows))
    assert found == ["Baris 2: Pada tanggal itu instansi ini sudah punya nama lain."]


def test_ending_a_period_and_beginning_the_next_go_together(everything: Place, admin: Client) -> None:
    name = AgencyName.objects.get()
    old = {"agency": name.agency.code, "name": "Nama lama", "short_name": "Lama", "decree": ""}
    rows = [
        old | {"name": "Nama baru", "valid_from": "2026-01-01", "valid_to": ""},
        old | {"valid_from": "2000-01-01", "valid_to": "2025-12-31"},
    ]
    page = send(admin, AgencyName, text(rows))
    assert page.context["result"].problems == []
    confirm(admin, AgencyName, page)
    assert AgencyName.objects.count() == 2


def test_a_status_without_an_agreement_is_refused_before_anything_is_written(
    place: Place, bank: Agency, admin: Client
) -> None:
    rows = [
        row | {"status": "TRIAL", "summary": "baru"}
        for row in exported(admin, Agency)
        if row["code"] == "BNK"
    ]
    found = problems(admin, Agency, text(rows))
    assert found == ["Baris 2, kolom status: Instansi ini belum punya naskah kerja sama yang berlaku."]
    bank.refresh_from_db()
    assert (bank.status, bank.summary) == (AgencyStatus.PREPARING, "")


def test_importing_an_agreement_opens_the_way_to_the_trial(
    everything: Place, bank: Agency, admin: Client
) -> None:
    rows = exported(admin, Instrument)
    rows[0]["title"] = "Kesepakatan bersama yang diperbaiki"
    confirm(admin, Instrument, send(admin, Instrument, text(rows)))
    bank.refresh_from_db()
    assert bank.agreement_from is not None
    agencies = [row | {"status": "TRIAL"} for row in exported(admin, Agency) if row["code"] == "BNK"]
    confirm(admin, Agency, send(admin, Agency, text(agencies)))
    bank.refresh_from_db()
    assert bank.status == AgencyStatus.TRIAL
    assert AuditEntry.objects.filter(action="agency.status", actor__username="admin").exists()


def test_the_preview_writes_nothing_and_the_confirmation_everything(place: Place, admin: Client) -> None:
    page = send(admin, Zone, f"{headers()}\nkiri,Kiri,Lantai 1,kiri,2\nkanan,Kanan,Lantai 1,kanan,3\n")
    assert "2 baris baru, 0 berubah, 0 tetap." in page.content.decode()
    assert Zone.objects.count() == 1
    done = confirm(admin, Zone, page)
    assert Zone.objects.count() == 3
    assert "2 baru, 0 berubah" in str(next(iter(get_messages(done.wsgi_request))))
    entry = AuditEntry.objects.get(action="import")
    assert (entry.target, entry.detail) == ("tenants.Zone", {"new": 2})


def test_the_history_names_who_imported(everything: Place, admin: Client) -> None:
    rows = exported(admin, Agency)
    rows[0]["summary"] = "ringkasan baru"
    before = Agency.history.count()
    confirm(admin, Agency, send(admin, Agency, text(rows)))
    assert Agency.history.count() == before + 1
    assert Agency.history.latest().history_user.username == "admin"
    assert Agency.objects.filter(summary="ringkasan baru").count() == 1


def test_the_same_file_twice_changes_nothing(everything: Place, admin: Client) -> None:
    content = text(exported(admin, Agency))
    before = Agency.history.count()
    for _time in range(2):
        page = send(admin, Agency, content)
        confirm(admin, Agency, page)
        assert page.context["result"].totals["skip"] == Agency.objects.count()
    assert Agency.history.count() == before
    assert not AuditEntry.objects.filter(action="import").exists()


def test_confirming_twice_says_that_the_preview_is_over(place: Place, admin: Client) -> None:
    page = send(admin, Zone, f"{headers()}\nkiri,Kiri,Lantai 1,kiri,2\n")
    confirm(admin, Zone, page)
    again = confirm(admin, Zone, page)
    assert again.status_code == 302
    assert "kedaluwarsa" in str(list(get_messages(again.wsgi_request))[-1])
    assert Zone.objects.count() == 2


def test_what_changed_since_the_preview_is_refused_at_the_confirmation(place: Place, admin: Client) -> None:
    rows = [{"code": "L90", "number": "90", "zone": place.zone.code, "position": "1"}]
    page = send(admin, Counter, text(rows))
    Counter.objects.create(code="L91", number="90", zone=place.zone)
    done = confirm(admin, Counter, page)
    words = " ".join(str(message) for message in get_messages(done.wsgi_request))
    assert "Loket dengan Nomor telah ada" in words
    assert "Tidak ada yang disimpan" in words
    assert not Counter.objects.filter(code="L90").exists()


@pytest.mark.parametrize(
    "sent", [{}, {"format": "9"}, {"format": "x"}, {"import_file_name": "../../etc/passwd"}]
)
def test_a_forged_confirmation_writes_nothing(place: Place, admin: Client, sent: dict[str, str]) -> None:
    initial = {"import_file_name": "0" * 32, "original_file_name": "a.csv", "format": "0", "resource": "0"}
    done = admin.post(url(Zone, "process_import"), initial | sent if sent else {})
    assert done.status_code in {200, 302}
    assert Zone.objects.count() == 1


def test_semicolons_and_a_byte_order_mark_are_welcome(place: Place, admin: Client) -> None:
    content = f"\ufeff{headers()}\nkiri,Kiri,Lantai 1,kiri,2\n".replace(",", ";")
    confirm(admin, Zone, send(admin, Zone, content))
    assert Zone.objects.filter(code="kiri", name="Kiri").exists()


@pytest.mark.parametrize("payload", ["=1+1", "+62811", "-2", "@SUM(A1)", "＝1+1", "=cmd|' /C calc'!A0"])
def test_formulas_leave_disarmed_and_come_back_unchanged(place: Place, admin: Client, payload: str) -> None:
    Agency.objects.update(phone=payload)
    page = admin.post(url(Agency, "export"), {"format": "0", "resource": "0"})
    cells = [cell for row in csv.reader(io.StringIO(page.content.decode())) for cell in row]
    assert f"'{payload}" in cells
    assert not [cell for cell in cells if cell.startswith(csvfile.FORMULA_STARTS)]
    assert send(admin, Agency, page.content).context["result"].totals["skip"] == 1


def test_moving_a_service_to_another_line_by_file(everything: Place, admin: Client) -> None:
    rows = exported(admin, Queue)
    first = rows[0]
    rows = [first | {"services": ""}, first | {"code": "QBARU", "prefix": "ZZ"}]
    confirm(admin, Queue, send(admin, Queue, text(rows)))
    assert Queue.objects.get(code="QBARU").services.count() == 1
    assert Queue.objects.get(code=first["code"]).services.count() == 0


def test_a_service_in_two_lines_of_one_file_is_refused(everything: Place, admin: Client) -> None:
    first = exported(admin, Queue)[0]
    found = problems(admin, Queue, text([first | {"name": "X"}, first | {"code": "QBARU", "prefix": "ZZ"}]))
    assert found == [f"Baris 3, kolom services: layanan sudah ada di antrean {first['code']}."]


def test_a_service_of_another_agency_is_refused_in_a_line(
    everything: Place, bank: Agency, admin: Client
) -> None:
    first = exported(admin, Queue)[0]
    found = problems(admin, Queue, text([first | {"agency": bank.code}]))
    assert found == ["Baris 2, kolom services: ada layanan milik instansi lain."]


def test_parents_may_stand_below_their_children_in_a_file(
    everything: Place, bank: Agency, admin: Client
) -> None:
    first = exported(admin, Instrument)[0]
    later = {"effective_from": "2040-01-01", "effective_to": "2041-01-01"}
    rows = [
        first | later | {"code": "PKS-1", "kind": "PKS", "parent": "KSB-2"},
        first | later | {"code": "KSB-2"},
    ]
    confirm(admin, Instrument, send(admin, Instrument, text(rows)))
    child = Instrument.objects.get(code="PKS-1")
    assert child.parent is not None
    assert child.parent.code == "KSB-2"


@pytest.mark.parametrize(
    ("parent", "words"),
    [("RK-2", "jenis naskah ini memerlukan naskah induk yang cocok."), ("", "jenis naskah ini memerlukan")],
)
def test_instruments_that_point_at_each_other_are_refused(
    everything: Place, admin: Client, parent: str, words: str
) -> None:
    first = exported(admin, Instrument)[0]
    rows = [
        first | {"code": "RK-1", "kind": "RENCANA_KERJA", "parent": parent},
        first | {"code": "RK-2", "kind": "RENCANA_KERJA", "parent": "RK-1"},
    ]
    assert words in " ".join(problems(admin, Instrument, text(rows)))


def test_a_calendar_row_for_the_whole_mall_is_found_again(everything: Place, admin: Client) -> None:
    rows = exported(admin, CalendarDay)
    rows[0]["name"] = "Hari Kemerdekaan RI"
    page = send(admin, CalendarDay, text(rows))
    assert (page.context["result"].totals["update"], page.context["result"].totals["new"]) == (1, 0)
