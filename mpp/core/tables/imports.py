"""Importing several tables as one, noting what it did, and undoing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext as _
from import_export.results import Error

from mpp.core import audit, clock
from mpp.core.errors import Refusal
from mpp.core.models import ImportedRow, ImportRun
from mpp.core.tables.cut import Cut
from mpp.core.tables.resources import TABLES, TableResource
from mpp.core.tables.results import TableResult
from mpp.core.tables.sheet import Table
from mpp.core.tables.workbook import in_order

UNDO_FOR = timedelta(hours=24)
NAMED = 10

Rows = dict[type[TableResource], list[ImportedRow]]
Cuts = Mapping[type[TableResource], Cut | None]


@dataclass
class Part:
    """One table of an import, and what became of it."""

    kind: type[TableResource]
    table: Table
    title: str = ""
    cut: Cut | None = None
    result: TableResult | None = None


def run(parts: list[Part], *, by: Any, file_name: str, dry_run: bool = False) -> bool:
    """Import tables that may point into each other, in this order, all or nothing; tell whether all is good.

    The outcome of each stands in `part.result`. With `dry_run` nothing stays.
    """
    with transaction.atomic():
        is_good = _write(parts, by=by)
        if is_good and not dry_run:
            record([part.result for part in parts if part.result], by=by, file_name=file_name)
        transaction.set_rollback(dry_run or not is_good)
    return is_good


def _write(parts: list[Part], *, by: Any) -> bool:
    failed: dict[str, str] = {}
    written: list[tuple[TableResource, TableResult]] = []
    for part in parts:
        label, points = part.kind.label(), part.kind.points_to()
        if waiting := [title for other, title in failed.items() if other in points]:
            part.result = _unseen(waiting)
            failed[label] = part.title
            continue
        resource = part.kind(together=True, cut=part.cut)
        part.result = resource.import_data(part.table, user=by)
        written.append((resource, part.result))
        if not part.result.is_good:
            failed[label] = part.title
    if not failed:
        for resource, result in written:
            resource.conclude(result)
    return all(part.result and part.result.is_good for part in parts)


def _unseen(waiting: list[str]) -> TableResult:
    """A table whose codes stand in another that is wrong: its own mistakes cannot be told from that one's."""
    result = TableResult()
    words = _("Belum diperiksa. Perbaiki dulu lembar %(titles)s.") % {"titles": ", ".join(waiting)}
    result.append_base_error(Error(ValidationError(words)))
    return result


def record(results: Iterable[TableResult], *, by: Any, file_name: str) -> ImportRun | None:
    """Note an import with its rows, in the caller's transaction; None when it changed nothing."""
    found = [(result.kind, result) for result in results if result.kind and result.changes]
    if not found:
        return None
    changes = [change for _kind, result in found for change in result.changes]
    new = sum(change.before is None for change in changes)
    names = [kind.sheet_title() for kind, _result in found]
    run = ImportRun.objects.create(
        at=clock.now(),
        actor=by,
        file_name=file_name[:200],
        tables=", ".join(names)[:400],
        new=new,
        changed=len(changes) - new,
    )
    ImportedRow.objects.bulk_create(
        [
            ImportedRow(
                run=run,
                table=kind.label(),
                line=change.line,
                key=change.key,
                name=change.name[:200],
                before=change.before,
                after=change.after,
            )
            for kind, result in found
            for change in result.changes
        ],
        batch_size=500,
    )
    for kind, result in found:
        totals = {what: count for what, count in result.totals.items() if count}
        audit.record("import", by=by, target=kind.label(), **totals)
    return run


def undo(*, run: ImportRun, by: Any, cuts: Cuts | None = None) -> ImportRun:
    """Take an import back: new rows go, changed ones are written as they were.

    `cuts`: what of the tables `by` may touch, when not all. Raises `Refusal`, and changes nothing:
    later than a day, a row that somebody has changed since, or one that other rows have come to hang on.
    """
    cuts = cuts or {}
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        _refuse_late(run)
        rows = list(run.rows.order_by("table", "pk"))
        by_table = {table: list(group) for table, group in groupby(rows, lambda row: row.table)}
        order = in_order(TABLES[table] for table in by_table)
        _refuse_changed({kind: by_table[kind.label()] for kind in order}, cuts)
        new = {kind: [row for row in by_table[kind.label()] if row.before is None] for kind in order}
        # What is free goes first: its period may be where the old one was. What is not, once the others
        # no longer point at it.
        kept = _remove(new, by=by)
        for kind in order:
            changed = [row for row in by_table[kind.label()] if row.before is not None]
            _write_back(kind, changed, by=by, cut=cuts.get(kind))
        if left := _remove(kept, by=by):
            _refuse_used(left)
        run.undone_at, run.undone_by = clock.now(), by
        run.save(update_fields=["undone_at", "undone_by"])
        audit.record("import.undo", by=by, target=run.file_name, run=run.pk, rows=len(rows))
    return run


def may_be_undone(run: ImportRun) -> bool:
    """Tell whether `undo` would be tried."""
    return run.undone_at is None and clock.now() <= run.at + UNDO_FOR


def _refuse_late(run: ImportRun) -> None:
    if run.undone_at:
        raise Refusal("undone", _("Impor ini sudah dibatalkan."))
    if not may_be_undone(run):
        raise Refusal("too_late", _("Impor ini lebih dari 24 jam lalu. Ubah barisnya satu per satu."))


def _refuse_changed(rows: Rows, cuts: Cuts) -> None:
    changed = [name for kind, group in rows.items() for name in _changed(kind, group, cuts.get(kind))]
    if changed:
        words = _("Tidak dibatalkan. Baris ini sudah berubah sesudah diimpor: %(rows)s.")
        raise Refusal("changed_since", words % {"rows": _listed(changed)})


def _changed(kind: type[TableResource], rows: list[ImportedRow], cut: Cut | None) -> Iterator[str]:
    resource = kind(cut=cut)
    reached = resource.reached().filter(pk__in=[row.key for row in rows]).values_list("pk", flat=True)
    keys = {str(key): cells for key, cells in resource.snapshot(list(reached)).items()}
    for row in rows:
        if keys.get(row.key) != row.after:
            yield f"{kind.sheet_title()} {row.name}"


def _remove(rows: Rows, *, by: Any) -> Rows:
    """Delete new rows that nothing else hangs on, dependents first; return those that were kept."""
    kept: Rows = {}
    for kind in reversed(rows):
        found = list(kind.Meta.model._default_manager.filter(pk__in=[row.key for row in rows[kind]]))
        gone = _delete(kind, found)
        if gone:
            kind().after_removal([each for key, each in gone.items()], by=by)
        if left := [row for row in rows[kind] if row.key not in gone]:
            kept[kind] = left
    return dict(reversed(kept.items()))


def _delete(kind: type[TableResource], found: list[Any]) -> dict[str, Any]:
    """Delete what is free of `found`, with its history; return it by key."""
    model = kind.Meta.model
    gone: dict[str, Any] = {}
    for group in _leaves_first(model, found):
        collector = NestedObjects(using=DEFAULT_DB_ALIAS)
        collector.collect(group)
        theirs = {model, *kind.owned}
        hangs = collector.protected or collector.data.keys() - theirs
        loosened = any(bool(rows) for updates in collector.field_updates.values() for rows in updates)
        if not hangs and not loosened:
            gone |= {str(each.pk): each for each in group}
            collector.delete()
    return gone


def _leaves_first(model: Any, found: list[Any]) -> Iterator[list[Any]]:
    """Yield rows in groups that can go together: children before the parents they point at."""
    upward = [field.attname for field in model._meta.fields if field.related_model is model]
    while found:
        parents = {getattr(each, name) for each in found for name in upward}
        leaves = [each for each in found if each.pk not in parents]
        # A circle has none; what points at it will say so.
        yield leaves or found
        found = [each for each in found if each not in leaves] if leaves else []


def _write_back(kind: type[TableResource], rows: list[ImportedRow], *, by: Any, cut: Cut | None) -> None:
    """Import the rows as they were, by the same rules as any file."""
    if not rows:
        return
    said = {name: str(words) for name, words in kind.when_undone.items()}
    lines = [{**(row.before or {}), **said} for row in rows]
    table = Table(*[[line[name] for name in kind.columns] for line in lines], headers=list(kind.columns))
    table.lines = [row.line for row in rows]
    result = kind(with_changes=False, cut=cut).import_data(table, user=by)
    if not result.is_good:
        words = _("Tidak dibatalkan. Isi yang lama tidak bisa ditulis lagi: %(problems)s")
        raise Refusal("not_written_back", words % {"problems": " ".join(result.problems[:NAMED])})


def _refuse_used(rows: Rows) -> None:
    used = [f"{kind.sheet_title()} {row.name}" for kind, group in rows.items() for row in group]
    words = _("Tidak dibatalkan. Data lain sudah memakai baris baru ini: %(rows)s.")
    raise Refusal("used_since", words % {"rows": _listed(used)})


def _listed(names: list[str]) -> str:
    hidden = len(names) - NAMED
    more = [_("dan %(count)d baris lain") % {"count": hidden}] if hidden > 0 else []
    return ", ".join(names[:NAMED] + more)
