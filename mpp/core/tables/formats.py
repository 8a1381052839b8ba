"""The two kinds of file of the portal, as import-export wants them."""

from __future__ import annotations

import json
from typing import Any

import tablib
from django.utils.translation import gettext as _
from import_export.formats.base_formats import CSV, XLSX, Format

from mpp.core.tables import csvfile, xlsxfile
from mpp.core.tables.resources import TableResource
from mpp.core.tables.sheet import Table, from_json, table


class SheetCsv(CSV):
    """For other programs: the names of the fields as titles."""

    def get_title(self) -> str:
        return _("CSV, untuk program lain")

    def export_table(self, kind: type[TableResource], rows: tablib.Dataset) -> str:
        """Return the file."""
        return csvfile.write(rows.headers or [], rows)


class SheetXlsx(XLSX):
    """For people: titles in their language."""

    def get_title(self) -> str:
        return _("XLSX, untuk Excel atau LibreOffice")

    def export_table(self, kind: type[TableResource], rows: tablib.Dataset) -> bytes:
        """Return the file."""
        titles = [kind.title(name) for name in rows.headers or []]
        return xlsxfile.write([(kind.sheet_title(), titles, rows)])


class ReadSheet(Format):
    """What was uploaded, read already by `mpp.core.tables.upload`."""

    def __init__(self, encoding: str | None = None) -> None:
        """As the library makes its own; there is nothing to decode any more."""

    def get_title(self) -> str:
        return _("XLSX atau CSV")

    def is_binary(self) -> bool:
        return False

    def can_import(self) -> bool:
        return True

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Table:
        [sheet] = from_json(json.loads(in_stream))
        return table(sheet)
