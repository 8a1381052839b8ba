"""A report as PDF, set by Typst from one template (docs/decisions/0011-reports.md)."""

from __future__ import annotations

import contextlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.reports.paper import Cell, Paper, Scope, Section
from mpp.core import pictures
from mpp.core.models import Mall
from mpp.core.templatetags.mpp import clock_zone

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "report.typ"
FONTS = HERE / "fonts"
EMBLEM = "512.png"


class Unavailable(RuntimeError):
    """The library that makes PDF files is not installed."""


def render(paper: Paper, scope: Scope, *, mall: Mall, made_at: datetime, asked_by: str) -> bytes:
    """Return the PDF of `paper`; raises `Unavailable` without the extra "documents"."""
    try:
        import typst
    except ImportError as error:
        raise Unavailable from error
    data = _data(paper, scope, mall, made_at, asked_by)
    done: bytes = typst.compile(
        TEMPLATE,
        root=HERE,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return done


def _data(paper: Paper, scope: Scope, mall: Mall, made_at: datetime, asked_by: str) -> dict[str, Any]:
    made = {"day": day_words(scope.today), "time": clock_zone(made_at), "by": asked_by}
    return {
        "language": get_language() or "id",
        "accent": mall.accent,
        "wide": paper.is_wide,
        "mall": _letterhead(mall),
        "title": str(paper.title),
        "about": str(paper.about),
        "subject": scope.agency.name if scope.agency else _("Seluruh instansi"),
        "period": period_words(scope),
        "facts": [{"value": fact.value, "label": str(fact.label)} for fact in paper.facts],
        "sections": [_section(each) for each in paper.sections],
        "words": {
            "page": _("Halaman"),
            "of": _("dari"),
            "place_and_date": f"{place_of(mall)}, {day_words(scope.today)}",
            "head": _("Kepala %(manager)s") % {"manager": mall.manager_short},
            "name_and_number": _("Nama dan NIP"),
            "made": _("Disusun portal pada %(day)s pukul %(time)s atas permintaan %(by)s.") % made,
        },
    }


def _letterhead(mall: Mall) -> dict[str, Any]:
    contact = (mall.building, mall.address, mall.phone, mall.email, mall.website)
    return {
        "government": _("Pemerintah %(region)s") % {"region": mall.region},
        "manager": mall.manager_name,
        "name": mall.name,
        "contact": " · ".join(filter(None, contact)),
        "emblem": _emblem(mall),
    }


def _emblem(mall: Mall) -> list[int]:
    """Return the bytes of the mall's emblem as Typst reads them; none without an emblem."""
    if not mall.emblem:
        return []
    with contextlib.suppress(FileNotFoundError):
        return list(pictures.read(mall.emblem, EMBLEM))
    return []


def place_of(mall: Mall) -> str:
    """Return the place that stands before a date: the region without its kind."""
    kind, _blank, name = mall.region.partition(" ")
    return name if kind in {"Kabupaten", "Kota"} and name else mall.region


def _section(section: Section) -> dict[str, Any]:
    table = section.table
    return {
        "title": str(section.title),
        "text": str(section.text),
        "picture": section.picture,
        "none": str(table.none),
        "columns": [
            {"title": str(column.title), "kind": column.kind, "width": column.width}
            for column in table.columns
        ],
        "rows": [
            [_shown(cell, column.kind) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ],
    }


def _shown(cell: Cell, kind: str) -> Any:
    if cell is None or cell == "":
        return None
    if isinstance(cell, date):
        return date_format(cell, "j M Y")
    if kind == "bar":
        return cell
    return cell if isinstance(cell, str) else number_format(cell, force_grouping=True)


def day_words(day: date) -> str:
    """Return "9 Mei 2022"."""
    return date_format(day, "j F Y")


def period_words(scope: Scope) -> str:
    """Return the period in words, each day written out."""
    return _("%(first)s sampai %(last)s") % {
        "first": day_words(scope.starts_on),
        "last": day_words(scope.ends_on),
    }
