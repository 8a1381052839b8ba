"""What a pack tells of acts: promises that hold, and reminders that went out before an agreement lapsed.

A row is not enough here. A promise is enacted by its action, and hours and counters follow it; what was
written once is never written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.actions import promises
from agreements.conflicts import Day, outside_hours, taken_counters
from agreements.enums import InstrumentState
from agreements.models import (
    Instrument,
    InstrumentReminder,
    Promise,
    PromisedCounter,
    PromisedDay,
    PromisedService,
)
from mpp.core import clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.refusals import row_words
from mpp.core.tables import cells
from services.models import Service
from tenants.models import Counter


class Codes(cells.Code):
    """Codes with blanks between; the value is the list of their keys."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.empty: list[int] = []

    def read(self, text: str) -> Any:
        return [super(Codes, self).read(code) for code in text.split()]


class Numbers(cells.Code):
    """Services with blanks between, each with its numbers a day or without: "IMI-01:30 IMI-02"."""

    def __init__(self) -> None:
        super().__init__(Service)
        self.empty: list[tuple[int, int | None]] = []

    def read(self, text: str) -> Any:
        found = []
        for each in text.split():
            code, _colon, count = each.partition(":")
            found.append((super().read(code), cells.WholeNumber(empty=None).clean(count)))
        return found


def _cells_of(model: Any, *names: str) -> dict[str, cells.Text]:
    return {name: cells.for_field(model._meta.get_field(name)) for name in names}


def _promise_cells() -> dict[str, cells.Text]:
    hours = ("weekday", "opens_at", "closes_at", "break_from", "break_to", "officers")
    return {
        **_cells_of(Promise, "instrument", "version", "valid_from", "note"),
        **_cells_of(PromisedDay, *hours),
        "counters": Codes(Counter),
        "services": Numbers(),
    }


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
    """Write the promises of the table, one row for each promised day, and enact those whose paper holds.

    Raises `ValidationError` with the row and the column, `Refusal` for what the database or another
    agency's promise forbids.
    """
    rows = list(_read(table, _promise_cells()))
    new = 0
    for key, days in groupby(rows, key=lambda row: row["instrument"]):
        new += _keep_promise(Instrument.objects.select_related("agency").get(pk=key), list(days))
    return Told(new, len(rows) - new)


def _keep_promise(instrument: Instrument, days: Sequence[Mapping[str, Any]]) -> int:
    """Write one promise; return how many days are new."""
    first = days[0]
    if standing := Promise.objects.filter(instrument=instrument).first():
        if _said(standing) != [_asked(row) for row in days]:
            words = _("Janji %(origin)s sudah tercatat. Perubahan ditulis sebagai versi berikutnya.")
            raise Refusal("broken_pack", words % {"origin": promises.origin_of(standing)})
        return 0
    _refuse_conflicts(instrument, days)
    with refused_by(Promise, PromisedDay, PromisedCounter, PromisedService):
        promise = Promise.objects.create(
            agency=instrument.agency,
            instrument=instrument,
            version=first["version"],
            valid_from=first["valid_from"],
            note=first["note"],
        )
        for row in days:
            hours = dict(zip(DAY_COLUMNS, _asked(row), strict=True))
            PromisedDay.objects.create(promise=promise, **hours)
        for counter in first["counters"]:
            PromisedCounter.objects.create(promise=promise, counter_id=counter)
        for service, numbers in first["services"]:
            PromisedService.objects.create(promise=promise, service_id=service, daily_numbers=numbers)
    if instrument.state == InstrumentState.IN_FORCE:
        promises.enact(promise=promise)
    return len(days)


DAY_COLUMNS = ("weekday", "opens_at", "closes_at", "break_from", "break_to", "officers")


def _asked(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in DAY_COLUMNS)


def _said(promise: Promise) -> list[tuple[Any, ...]]:
    return list(promise.days.values_list(*DAY_COLUMNS))


def _refuse_conflicts(instrument: Instrument, days: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what the form of a promise would refuse: hours outside the mall's, counters of others."""
    since = days[0]["valid_from"]
    asked = [Day(row["weekday"], row["opens_at"], row["closes_at"]) for row in days]
    counters = Counter.objects.filter(pk__in=days[0]["counters"])
    trouble = outside_hours(asked, since)
    trouble += taken_counters(instrument.agency, counters, [day.weekday for day in asked], since)
    if trouble:
        raise Refusal("broken_pack", " ".join(trouble))


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
    ("promises", PromisedDay, load_promises),
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
