"""Loads a founding mall from its CSV files, through the resources that the admin uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tablib
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.results import RowResult

from agreements.actions import promises
from agreements.resources import (
    InstrumentPartyResource,
    InstrumentResource,
    MilestoneResource,
    SigningEventResource,
)
from mpp.core import audit
from mpp.core.errors import Refusal
from mpp.core.models import Mall
from mpp.core.resources import MallResource
from mpp.core.tables import csvfile
from mpp.core.tables.resources import TableResource
from mpp.core.tables.results import TableResult
from mpp.core.tables.sheet import table
from mpp.packs.deeds import LOADERS
from queueing.resources import QueueResource
from services.resources import (
    CalendarDayResource,
    FacilityResource,
    GuidePageResource,
    NewsResource,
    OpeningHoursResource,
    QuestionResource,
    ServiceResource,
    ServiceStandardResource,
    SynonymResource,
)
from tenants.models import Agency
from tenants.resources import (
    AgencyNameResource,
    AgencyResource,
    CounterDutyResource,
    CounterResource,
    ZoneResource,
)

DATA = Path(__file__).resolve().parent / "data"
# The order in which one file may point into another.
FILES: tuple[tuple[str, type[TableResource]], ...] = (
    ("mall", MallResource),
    ("zones", ZoneResource),
    ("agencies", AgencyResource),
    ("agency_names", AgencyNameResource),
    ("signing_events", SigningEventResource),
    ("instruments", InstrumentResource),
    ("instrument_parties", InstrumentPartyResource),
    ("counters", CounterResource),
    ("counter_duties", CounterDutyResource),
    ("services", ServiceResource),
    ("standards", ServiceStandardResource),
    ("queues", QueueResource),
    ("opening_hours", OpeningHoursResource),
    ("calendar_days", CalendarDayResource),
    ("pages", GuidePageResource),
    ("facilities", FacilityResource),
    ("questions", QuestionResource),
    ("news", NewsResource),
    ("synonyms", SynonymResource),
    ("milestones", MilestoneResource),
)


@dataclass(frozen=True)
class Tally:
    """How many rows of one file were new, changed or as they were."""

    name: str
    label: str
    new: int
    changed: int
    same: int


def load(pack: str, *, data: Path = DATA, check: bool = False) -> list[Tally]:
    """Load `pack` in one transaction; with `check`, only try and write nothing.

    Raises `Refusal`: unknown pack, a database that holds another mall, or a broken file, with the
    file, the row, the column and the reason. Loading twice changes nothing.
    """
    if pack not in packs(data):
        names = {"pack": pack, "names": ", ".join(packs(data))}
        raise Refusal("unknown_pack", _("Paket “%(pack)s” tidak ada. Pilih: %(names)s.") % names, status=404)
    tables = {name: _read(data / pack / f"{name}.csv") for name, _resource in FILES}
    # Not every mall has something to tell of these.
    files = {name: data / pack / f"{name}.csv" for name, _model, _load in LOADERS}
    told = {name: _read(file) for name, file in files.items() if file.is_file()}
    zone = tables["mall"].dict[0].get("timezone") or None
    with timezone.override(zone):
        with transaction.atomic():
            _refuse_another_mall(tables["mall"])
            tallies = [*_load_all(tables), *_load_deeds(told)]
            if any(tally.new or tally.changed for tally in tallies):
                rows = sum(tally.new + tally.changed for tally in tallies)
                audit.record("pack.load", target=pack, rows=rows)
            transaction.set_rollback(check)
        if not check:
            _follow_promises()
    return tallies


def packs(data: Path = DATA) -> list[str]:
    """Return the names of the packs in the folder `data`: those that come with the portal."""
    return sorted(folder.name for folder in data.iterdir() if (folder / "mall.csv").is_file())


def _read(path: Path) -> tablib.Dataset:
    try:
        return table(csvfile.read(path.read_bytes()))
    except FileNotFoundError as error:
        raise Refusal("broken_pack", _("Berkas %(file)s tidak ada.") % {"file": path.name}) from error
    except ValidationError as error:
        raise Refusal("broken_pack", f"{path.name}: {' '.join(error.messages)}") from error


def _refuse_another_mall(table: tablib.Dataset) -> None:
    """The region tells malls apart: names may be edited in the admin."""
    standing = Mall.objects.filter(pk=1).first()
    row = table.dict[0]
    if standing is not None and standing.region != row.get("region"):
        raise Refusal(
            "another_mall",
            _("Portal ini sudah berisi %(mall)s. Pakai basis data kosong untuk %(new)s.")
            % {"mall": standing.name, "new": row.get("name", "")},
        )


def _load_all(tables: dict[str, tablib.Dataset]) -> Iterator[Tally]:
    written: list[tuple[str, TableResource, TableResult]] = []
    for name, kind in FILES:
        resource = kind(with_changes=False, together=True)
        result = resource.import_data(tables[name])
        _refuse_broken(name, result)
        written.append((name, resource, result))
    # What needs the other tables: an agency's status follows from its agreements.
    for name, resource, result in written:
        resource.conclude(result)
        _refuse_broken(name, result)
        yield _tally(name, type(resource), result)


def _load_deeds(tables: dict[str, tablib.Dataset]) -> Iterator[Tally]:
    for name, model, load_ in LOADERS:
        if name in tables:
            try:
                told = load_(tables[name])
            except ValidationError as error:
                raise Refusal("broken_pack", f"{name}.csv:\n  " + "\n  ".join(error.messages)) from error
            except Refusal as refusal:
                raise Refusal("broken_pack", f"{name}.csv:\n  {refusal.message}") from refusal
            yield Tally(name, str(model._meta.verbose_name_plural), told.new, 0, told.same)


def _follow_promises() -> None:
    """Bring quotas and expected officers to what is promised; quotas lock days, an act of its own."""
    for agency in Agency.objects.filter(promises__enacted_at__isnull=False).distinct():
        promises.follow_today(agency=agency)


def _refuse_broken(name: str, result: TableResult) -> None:
    if problems := result.problems:
        raise Refusal("broken_pack", f"{name}.csv:\n  " + "\n  ".join(problems))


def _tally(name: str, kind: type[TableResource], result: TableResult) -> Tally:
    totals = result.totals
    return Tally(
        name,
        kind.get_display_name(),
        totals[RowResult.IMPORT_TYPE_NEW],
        totals[RowResult.IMPORT_TYPE_UPDATE],
        totals[RowResult.IMPORT_TYPE_SKIP],
    )
