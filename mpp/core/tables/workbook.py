"""Which table each sheet of a workbook is, and in which order tables may be written."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import TopologicalSorter

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from mpp.core.tables.resources import TABLES, TableResource
from mpp.core.tables.sheet import Sheet

Tables = Iterable[type[TableResource]]
# Sheets of the template that hold no rows.
GUIDE = "Petunjuk"


def in_order(tables: Tables) -> list[type[TableResource]]:
    """Return the tables so that each comes after those whose codes it writes."""
    graph = {table.label(): table.points_to() for table in tables}
    order = TopologicalSorter({label: sorted(points & graph.keys()) for label, points in graph.items()})
    return [TABLES[label] for label in order.static_order()]


def one_sheet(sheets: list[Sheet], table: type[TableResource]) -> Sheet:
    """Return the sheet that holds `table`: the one that bears its name, else the first."""
    filled = [sheet for sheet in sheets if sheet.rows and sheet.title != GUIDE]
    named = [sheet for sheet in filled if _plain(sheet.title) in _names(table)]
    if not filled:
        raise ValidationError(_("Berkas ini kosong. Baris pertama judul kolom, lalu isinya."))
    return (named or filled)[0]


def matched(sheets: list[Sheet], tables: Tables) -> list[tuple[type[TableResource], Sheet]]:
    """Return the sheets with their tables, in the order of writing; empty ones are left out.

    Raises `ValidationError` for a sheet that is no table, with the names there are.
    """
    tables = list(tables)
    known = {name: table for table in tables for name in _names(table)}
    found: dict[type[TableResource], Sheet] = {}
    for sheet in sheets:
        table = known.get(_plain(sheet.title))
        if sheet.title == GUIDE or not sheet.body:
            continue
        if table is None:
            words = _("Lembar “%(title)s” tidak dikenal. Nama yang benar: %(names)s.")
            names = ", ".join(table.sheet_title() for table in tables)
            raise ValidationError(words % {"title": sheet.title, "names": names})
        if table in found:
            words = _("Lembar “%(title)s” berisi tabel yang sudah ada di lembar lain.")
            raise ValidationError(words % {"title": sheet.title})
        found[table] = sheet
    if not found:
        raise ValidationError(_("Buku kerja ini kosong. Isi satu lembar atau lebih dari templat."))
    return [(table, found[table]) for table in in_order(found)]


def _names(table: type[TableResource]) -> set[str]:
    names = {table.label().partition(".")[2]}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {table.sheet_title(), table.get_display_name()}
    # A spreadsheet cuts the name of a sheet at 31 characters.
    return {_plain(name) for name in names} | {_plain(name[:31]) for name in names}


def _plain(title: str) -> str:
    return " ".join(title.lower().split())
