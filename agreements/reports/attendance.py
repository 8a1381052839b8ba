"""Who came to the counters, against what was promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.attendance import months_people, sheets
from agreements.presence import MINUTE, DaySheet
from agreements.reports.paper import Cell, Column, Fact, Paper, Scope, Section, Table
from agreements.templatetags.monev import leave_days, notes, presence
from mpp.core import clock
from tenants.models import Agency

HOUR = timedelta(hours=1)
TENTH = Decimal("0.1")
# Of the days on which nobody came; the first of them say enough.
MOST_DAYS = 300


def build(scope: Scope) -> Paper:
    """Return the report of attendance, of one agency or of all that owed something."""
    agencies = [scope.agency] if scope.agency else list(Agency.objects.all())
    found: dict[int, list[DaySheet]] = defaultdict(list)
    for (agency, _day), sheet in sheets(agencies, scope.starts_on, scope.ends_on, at=clock.now()).items():
        found[agency].append(sheet)
    owing = [agency for agency in agencies if agency.pk in found]
    everything = [sheet for days in found.values() for sheet in days]
    sections = [_by_agency(owing, found), _empty_days(owing, found)]
    if scope.agency is not None:
        sections += [_days(everything), _people(everything)]
    return Paper(
        title=_("Kehadiran terhadap Janji"),
        about=_("Sesi loket di dalam jam yang dijanjikan. Hari libur dan istirahat tidak dihitung."),
        facts=_facts(everything),
        sections=sections,
        is_wide=True,
    )


def _facts(days: Sequence[DaySheet]) -> list[Fact]:
    share = _share(days)
    return [
        Fact("–" if share is None else f"{share} %", _("jam petugas terpenuhi")),
        Fact(str(sum(sheet.came > 0 for sheet in days)), _("hari buka")),
        Fact(str(sum(sheet.came == 0 for sheet in days)), _("hari tanpa petugas")),
        Fact(str(sum(sheet.late_opening > 0 for sheet in days)), _("kali terlambat buka")),
        Fact(str(sum(sheet.unexcused for sheet in days)), _("petugas tidak hadir tanpa izin")),
    ]


def _share(days: Sequence[DaySheet]) -> int | None:
    promised = sum((sheet.owed.promised for sheet in days), timedelta())
    kept = sum((sheet.kept for sheet in days), timedelta())
    return round(100 * (kept / promised)) if promised else None


def _by_agency(agencies: Sequence[Agency], found: dict[int, list[DaySheet]]) -> Section:
    columns = [
        Column(_("Instansi"), width=4),
        Column(_("Hari dijanjikan"), "number"),
        Column(_("Hari buka"), "number"),
        Column(_("Jam petugas dijanjikan"), "number"),
        Column(_("Jam petugas terpenuhi"), "number"),
        Column(_("Terpenuhi"), "bar"),
        Column(_("Terlambat buka (hari)"), "number"),
        Column(_("Petugas kurang (orang-hari)"), "number"),
        Column(_("Di antaranya izin"), "number"),
        Column(_("Ditinggal jeda (menit)"), "number"),
    ]
    cells = [_agency_row(agency, found[agency.pk]) for agency in agencies]
    return Section(_("Menurut instansi"), Table(columns, cells, none=_("Tidak ada janji pada masa ini.")))


def _agency_row(agency: Agency, days: Sequence[DaySheet]) -> list[Cell]:
    return [
        agency.name,
        len(days),
        sum(sheet.came > 0 for sheet in days),
        round(sum((sheet.owed.promised for sheet in days), timedelta()) / HOUR),
        round(sum((sheet.kept for sheet in days), timedelta()) / HOUR),
        _share(days),
        sum(sheet.late_opening > 0 for sheet in days),
        sum(sheet.missing for sheet in days),
        sum(sheet.uncovered for sheet in days),
        sum((sheet.left_empty for sheet in days), timedelta()) // MINUTE,
    ]


def _empty_days(agencies: Sequence[Agency], found: dict[int, list[DaySheet]]) -> Section:
    columns = [
        Column(_("Tanggal"), "date"),
        Column(_("Instansi"), width=6),
        Column(_("Dijanjikan"), "number"),
    ]
    empty = [
        (sheet.owed.day, agency.name, sheet.owed.officers)
        for agency in agencies
        for sheet in found[agency.pk]
        if not sheet.came
    ]
    text = _("Ditampilkan %(most)d hari pertama.") % {"most": MOST_DAYS} if len(empty) > MOST_DAYS else ""
    table = Table(columns, sorted(empty)[:MOST_DAYS], none=_("Tidak ada hari tanpa petugas."))
    return Section(_("Hari tanpa petugas"), table, text=text)


def _days(days: Sequence[DaySheet]) -> Section:
    columns = [
        Column(_("Tanggal"), width=3),
        Column(_("Janji"), width=3),
        Column(_("Buka")),
        Column(_("Jam petugas terpenuhi"), "number"),
        Column(_("Petugas"), width=5),
        Column(_("Catatan"), width=4),
    ]
    cells: list[list[Cell]] = [
        [
            date_format(sheet.owed.day, "l, j F"),
            f"{sheet.owed.opens:%H.%M}–{sheet.owed.closes:%H.%M}",
            f"{sheet.first:%H.%M}" if sheet.first else None,
            Decimal(sheet.kept / HOUR).quantize(TENTH),
            presence(sheet),
            notes(sheet),
        ]
        for sheet in sorted(days, key=lambda sheet: sheet.owed.day)[:MOST_DAYS]
    ]
    return Section(_("Hari demi hari"), Table(columns, cells, none=_("Tidak ada janji pada masa ini.")))


def _people(days: Sequence[DaySheet]) -> Section:
    columns = [
        Column(_("Petugas"), width=4),
        Column(_("Hari hadir"), "number"),
        Column(_("Izin (hari)"), width=3),
        Column(_("Jam di loket"), "number"),
        Column(_("Terlambat (hari)"), "number"),
        Column(_("Pulang lebih awal (hari)"), "number"),
    ]
    cells: list[list[Cell]] = [
        [
            str(row.user),
            row.days,
            leave_days(row.leaves),
            round(row.served / HOUR),
            row.late_days,
            row.early_days,
        ]
        for row in months_people(days)
    ]
    return Section(_("Menurut petugas"), Table(columns, cells, none=_("Tidak ada yang hadir.")))
