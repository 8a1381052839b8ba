"""`manage.py load_mall`: whole or not at all, and twice is once."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from agreements.models import Instrument, InstrumentParty
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry, Mall
from mpp.core.tables import csvfile, sheet
from mpp.packs import loader
from queueing.models import Queue, QueueService
from services.models import Service, ServiceStandard
from tenants.enums import AgencyStatus
from tenants.models import Agency, CounterDuty

pytestmark = pytest.mark.django_db

TABLES: tuple[type[models.Model], ...] = (
    Mall,
    Agency,
    Instrument,
    InstrumentParty,
    CounterDuty,
    Service,
    ServiceStandard,
    Queue,
    QueueService,
    Agency.history.model,
    Service.history.model,
    ServiceStandard.history.model,
    Instrument.history.model,
    AuditEntry,
)


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in TABLES}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("load_mall", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pack Balangan in a place where a test may spoil it."""
    shutil.copytree(loader.DATA / "balangan", tmp_path / "balangan")
    return tmp_path / "balangan"


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(copy: Path) -> str:
    with pytest.raises(Refusal) as refused:
        loader.load("balangan", data=copy.parent)
    assert not any(counts().values())
    return str(refused.value.message)


def test_loading_twice_changes_nothing_not_even_the_history() -> None:
    assert "116 baru" in run("balangan")
    before = counts()
    again = run("balangan")
    assert counts() == before
    assert " 1 baru" not in again
    assert "116 tetap" in again


def test_the_statuses_of_the_file_are_set_by_their_action() -> None:
    run("balangan")
    entries = AuditEntry.objects.filter(action="agency.status")
    assert entries.count() == Agency.objects.exclude(status=AgencyStatus.CANDIDATE).count()


def test_check_writes_nothing() -> None:
    assert "Tidak ada yang disimpan" in run("balangan", "--check")
    assert not any(counts().values())


def test_an_unknown_pack_names_the_five() -> None:
    with pytest.raises(CommandError, match="balangan, hss, hst, kendari, kutim"):
        run("bandung")


@pytest.mark.parametrize("name", ["../balangan", "", "balangan/", "data"])
def test_a_name_that_is_a_path_is_unknown_too(name: str) -> None:
    with pytest.raises(CommandError, match="tidak ada"):
        run(name)


def test_another_mall_is_refused_unless_the_database_is_empty() -> None:
    run("balangan")
    with pytest.raises(CommandError, match="Portal ini sudah berisi MPP Balangan"):
        run("kutim")
    assert Mall.objects.get().region == "Kabupaten Balangan"


def test_a_renamed_mall_still_takes_its_own_pack() -> None:
    run("balangan")
    Mall.objects.update(name="Mal Pelayanan Publik Balangan Baru")
    assert "1 berubah" in run("balangan")


def test_a_changed_row_is_one_change(copy: Path) -> None:
    loader.load("balangan", data=copy.parent)
    spoil(copy / "agencies.csv", "PBB, BPHTB, pajak restoran", "PBB dan BPHTB")
    tallies = {tally.name: tally for tally in loader.load("balangan", data=copy.parent)}
    assert (tallies["agencies"].new, tallies["agencies"].changed) == (0, 1)
    assert sum(tally.changed for tally in tallies.values()) == 1


def test_a_broken_date_says_file_row_and_column(copy: Path) -> None:
    spoil(copy / "counter_duties.csv", "L01,DKC,,2026-01-01", "L01,DKC,,01/13/2026")
    words = refusal(copy)
    assert "counter_duties.csv" in words
    assert "Baris 2, kolom valid_from: “01/13/2026” bukan tanggal." in words


def test_a_missing_reference_is_named(copy: Path) -> None:
    spoil(copy / "counter_duties.csv", "L01,DKC,", "L01,XYZ,")
    assert "Baris 2, kolom agency: Instansi “XYZ” tidak ditemukan." in refusal(copy)


def test_a_wrong_column_is_named(copy: Path) -> None:
    spoil(copy / "zones.csv", "code,name,floor", "code,sebutan,floor")
    words = refusal(copy)
    assert "Kolom “sebutan” tidak dikenal." in words
    assert "Kolom “name” tidak ada." in words


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "queues.csv").unlink()
    assert "queues.csv tidak ada" in refusal(copy)


def test_operating_without_an_agreement_is_refused_with_the_row(copy: Path) -> None:
    for name in ("instruments.csv", "instrument_parties.csv"):
        lines = (copy / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if "-SAM-" not in line]
        (copy / name).write_text("".join(kept), encoding="utf-8")
    words = refusal(copy)
    assert "agencies.csv" in words
    assert "Baris 5, kolom status: Instansi ini belum punya naskah kerja sama yang berlaku." in words


def test_two_agencies_at_one_counter_are_refused_with_the_row(copy: Path) -> None:
    with (copy / "counter_duties.csv").open("a", encoding="utf-8") as file:
        file.write("L01,DPM,1,2026-01-01,\n")
    assert "Loket ini sudah dipakai instansi lain pada hari itu." in refusal(copy)


def test_a_published_standard_without_its_six_components_is_refused(copy: Path) -> None:
    table = sheet.table(csvfile.read((copy / "standards.csv").read_bytes()))
    rows = [row | {"complaints": ""} if number == 7 else row for number, row in enumerate(table.dict)]
    text = csvfile.write(table.headers, [list(row.values()) for row in rows])
    (copy / "standards.csv").write_text(text, encoding="utf-8")
    assert "Baris 9: Isi dulu keenam komponen yang wajib diumumkan." in refusal(copy)
