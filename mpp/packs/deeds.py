"""What a pack tells of acts: promises that hold, and reminders that went out before an agreement lapsed.

A row is not enough here. A promise is enacted by its action, and hours and counters follow it; what was
written once is never written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.results import RowResult

from agreements.actions import promises
from agreements.models import Instrument, InstrumentReminder, Promise
from agreements.resources import PromiseResource
from mpp.core import clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.refusals import row_words
from mpp.core.tables import cells


def _cells_of(model: Any, *names: str) -> dict[str, cells.Text]:
    return {name: cells.for_field(model._meta.get_field(name)) for name in names}


def _reminder_cells() -> dict[str, cells.Text]:
    return {
        **_cells_of(InstrumentReminder, "instrument", "days", "recipients"),
        "sent_on": cells.Day(required=True),
    }


@dataclass(frozen=True)
class Told:
    """How many rows of one file were new, or as they were."""

    new: int
    same: int


def load_promises(table: tablib.Dataset) -> Told:
    """Write the promises of the table as an import does, and enact those whose paper holds.

    Raises `ValidationError` with what is wrong in which row, `Refusal` for what forbids enacting.
    """
    result = PromiseResource(with_changes=False).import_data(table)
    if result.problems:
        raise ValidationError(result.problems)
    told = Promise.objects.waiting().filter(instrument__code__in=table["instrument"])
    for promise in told.order_by("version"):
        promises.enact(promise=promise)
    totals = result.totals
    return Told(totals[RowResult.IMPORT_TYPE_NEW], totals[RowResult.IMPORT_TYPE_SKIP])


def load_reminders(table: tablib.Dataset) -> Told:
    """Write which reminders went out before an agreement lapsed; raises `ValidationError` for a bad cell."""
    new = same = 0
    for row in _read(table, _reminder_cells()):
        instrument = Instrument.objects.get(pk=row["instrument"])
        if instrument.effective_to is None:
            words = _("Naskah %(code)s belum punya masa berlaku, jadi belum diingatkan.")
            raise Refusal("broken_pack", words % {"code": instrument.code})
        with refused_by(InstrumentReminder):
            _reminder, is_new = InstrumentReminder.objects.get_or_create(
                instrument=instrument,
                effective_to=instrument.effective_to,
                days=row["days"],
                defaults={
                    "at": clock.aware(datetime.combine(row["sent_on"], time(7))),
                    "recipients": row["recipients"],
                },
            )
        new, same = new + is_new, same + (not is_new)
    return Told(new, same)


LOADERS: tuple[tuple[str, Any, Callable[[tablib.Dataset], Told]], ...] = (
    ("promises", Promise, load_promises),
    ("reminders", InstrumentReminder, load_reminders),
)


def _read(table: tablib.Dataset, columns: Mapping[str, cells.Text]) -> Iterator[dict[str, Any]]:
    """Yield the rows as values; raises `ValidationError` with the first wrong cell and its place."""
    if unknown := set(table.headers) ^ set(columns):
        words = _("Kolom tidak cocok: %(columns)s.")
        raise ValidationError(words % {"columns": ", ".join(sorted(unknown))})
    for number, row in enumerate(table.dict, start=2):
        values = {}
        for name, cell in columns.items():
            try:
                values[name] = cell.clean(row[name])
            except ValueError as error:
                raise ValidationError(row_words(number, ValidationError({name: str(error)}), {})) from error
        yield values
