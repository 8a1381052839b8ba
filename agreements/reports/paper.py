"""A report before it has a form: facts, tables and pictures, the same for PDF and XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from tenants.models import Agency

Cell = str | int | Decimal | date | None
# "bar": a whole per cent, drawn as a bar with its figure.
Kind = Literal["text", "number", "date", "bar"]


@dataclass(frozen=True)
class Scope:
    """What a report is asked about: one agency or all, from which day to which, seen on which day."""

    agency: Agency | None
    starts_on: date
    ends_on: date
    today: date


@dataclass(frozen=True)
class Column:
    """One column: its title, what stands in it, and its share of the width."""

    title: StrOrPromise
    kind: Kind = "text"
    width: int = 2


@dataclass(frozen=True)
class Table:
    """Rows under their columns; `none` is said when there are no rows."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    none: StrOrPromise


@dataclass(frozen=True)
class Section:
    """A part of a report under its own heading; `picture` is an SVG."""

    title: StrOrPromise
    table: Table
    text: StrOrPromise = ""
    picture: str = ""


@dataclass(frozen=True)
class Fact:
    """A figure that stands out, and what it counts."""

    value: str
    label: StrOrPromise


@dataclass(frozen=True)
class Paper:
    """The whole report."""

    title: StrOrPromise
    about: StrOrPromise
    facts: Sequence[Fact] = ()
    sections: Sequence[Section] = field(default_factory=tuple)
    is_wide: bool = False
