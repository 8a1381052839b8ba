"""What somebody uploaded: its name, its first bytes and its reader must agree (trust.md S-045)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mpp.core.tables import csvfile, xlsxfile
from mpp.core.tables.sheet import Sheet

MAX_BYTES = csvfile.MAX_BYTES
ZIPPED = b"PK"


def read(file: Any) -> list[Sheet]:
    """Return the sheets of an uploaded .xlsx or .csv; raises `ValidationError` with words for the person."""
    if file.size > MAX_BYTES:
        raise ValidationError(_("Berkas terlalu besar. Paling besar 2 MB."))
    name = (file.name or "").lower()
    file.seek(0)
    data = file.read()
    if name.endswith((".xlsm", ".xltm", ".xlsb", ".xls", ".ods")):
        raise ValidationError(_("Jenis berkas ini tidak diterima. Simpan sebagai .xlsx biasa."))
    if not name.endswith((".xlsx", ".csv")):
        raise ValidationError(_("Unggah berkas .xlsx atau .csv."))
    is_book = name.endswith(".xlsx")
    if is_book != data.startswith((ZIPPED, xlsxfile.COMPOUND)):
        raise ValidationError(_("Nama dan isi berkas ini tidak cocok. Simpan ulang sebagai .xlsx atau CSV."))
    return xlsxfile.read(data) if is_book else [csvfile.read(data)]
