"""Sample papers of the demo, so that lists and reports have something to show; each is marked as a sample."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from agreements import actions
from agreements.enums import Direction, MeetingKind
from agreements.models import Attendee, Decision, Letter, Meeting, WorkItem
from mpp.core import clock
from tenants.models import Agency

# What, target, unit, days from today until it is due, how far it is.
WORK = (
    ("Menempatkan petugas tetap di loket", 2, "petugas", -45, 50),
    ("Mengesahkan SOP layanan di mal", 6, "dokumen", -20, 100),
    ("Melatih petugas memakai konsol antrean", 4, "orang", 14, 25),
    ("Memasang perangkat verifikasi di loket", 1, "unit", 60, 0),
)
OWNER = "Kepala Seksi Pelayanan"


@transaction.atomic
def prepare() -> bool:
    """Write the samples once; return whether there was anything to do."""
    agencies = list(Agency.objects.order_by("position", "pk")[: len(WORK)])
    if not agencies or WorkItem.objects.exists() or Meeting.objects.exists():
        return False
    today = clock.today()
    for agency, work in zip(agencies, WORK, strict=False):
        _work(agency, *work, today=today)
    _letters(today)
    _meeting(agencies, today)
    return True


def _work(
    agency: Agency, title: str, target: int, unit: str, days: int, progress: int, *, today: date
) -> None:
    item = WorkItem.objects.create(
        agency=agency,
        title=title,
        target=target,
        unit=unit,
        owner=OWNER,
        due_on=today + timedelta(days=days),
        is_sample=True,
    )
    if progress:
        actions.report_progress(
            item=item, progress=progress, note="Data contoh.", evidence="Berita acara contoh."
        )


def _letters(today: date) -> None:
    party = "Kementerian PANRB"
    rows = (
        (Direction.IN, "B/45/CONTOH", 30, "Pemantauan tahapan penyelenggaraan mal"),
        (Direction.OUT, "503/12/CONTOH", 21, "Laporan kemajuan penyelenggaraan mal"),
    )
    for direction, number, days, subject in rows:
        Letter.objects.create(
            direction=direction,
            number=number,
            date=today - timedelta(days=days),
            counterpart=party,
            subject=subject,
            is_sample=True,
        )


def _meeting(agencies: list[Agency], today: date) -> None:
    meeting = Meeting.objects.create(
        kind=MeetingKind.MEETING,
        title="Rapat koordinasi instansi di mal",
        date=today - timedelta(days=14),
        place="Ruang rapat lantai 2",
        minutes="Kehadiran petugas dan kelengkapan SOP dibahas bersama.",
        is_sample=True,
    )
    meeting.agencies.set(agencies)
    Attendee.objects.create(meeting=meeting, name="Siti Rahmah", office="Plt. Asisten Administrasi Umum")
    Decision.objects.create(
        meeting=meeting,
        text="Tiap instansi mengirim jadwal petugas sebulan di muka",
        owner="Semua instansi",
        due_on=today + timedelta(days=16),
    )
