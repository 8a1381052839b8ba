"""What every table of the portal has in common, whether a file or a pack brings it: all rows or none."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import Resource
from import_export.results import Error
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from mpp.core.refusals import explained
from mpp.core.tables import cells, headings
from mpp.core.tables.cut import Cut
from mpp.core.tables.results import SHOWN_PROBLEMS, Cells, Change, TableResult, TableRowResult
from mpp.core.tables.rows import ByKey, RowsRefused, Write
from mpp.core.tables.sheet import Table
from mpp.core.text import has_control

# What a spreadsheet shows where a formula has failed.
BROKEN_FORMULAS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
# Every table by the name of its model, in the order in which they were met.
TABLES: dict[str, type[TableResource]] = {}


class TableResource(Resource):
    """One kind of row and its table in a file.

    A subclass names the model, the `columns` in the file's order and its natural `key`. A file may leave
    out an `optional` column: rows keep what they have, new ones get the default. Foreign keys are written
    as codes. Everything is written in bulk; when the database refuses, the rows are
    tried one by one to say which. Nothing stays written unless every row could be.
    """

    key: ClassVar[tuple[str, ...]] = ("code",)
    columns: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    # The name of its sheet in a workbook, when the name of the model does not serve.
    sheet: ClassVar[Any] = ""
    # Titles of columns, when the name of the field does not serve; what the template shows as an example.
    titles: ClassVar[Mapping[str, Any]] = {}
    examples: ClassVar[Mapping[str, str]] = {}
    # What people should know before they fill in a file, in a sentence or two.
    about: ClassVar[Any] = ""
    # What is written into these columns when an import is undone.
    when_undone: ClassVar[Mapping[str, Any]] = {}
    # Tables whose rows are part of a row of this one, and go with it.
    owned: ClassVar[tuple[type[models.Model], ...]] = ()
    _meta: Any

    class Meta:
        model: Any
        use_bulk = True
        skip_unchanged = True
        skip_html_diff = True
        report_skipped = True
        instance_loader_class = ByKey

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.fields = OrderedDict((name, cls.column(name)) for name in cls.columns)
        if cls.columns:
            TABLES[cls.label()] = cls

    def __init__(
        self,
        *,
        with_changes: bool = True,
        together: bool = False,
        cut: Cut | None = None,
        **options: Any,
    ) -> None:
        """`with_changes`: note each row before and after, for preview and undoing.

        `together`: other tables come in the same transaction, and the caller calls `conclude` after the
        last of them. `cut`: what of the table the file may touch, when not all. `options` are the
        admin's, none of ours.
        """
        super().__init__()
        self._meta = copy.copy(self._meta)
        self.with_changes = with_changes
        self.together = together
        self.cut = cut
        # The columns that are filled in; others may stand in the file as they are.
        self.offered = cut.columns(type(self)) if cut else self.columns
        for field in self.fields.values():
            if cut and isinstance(field.widget, cells.Code):
                field.widget.reached = cut.choices(field.widget.model)
        self._standing: dict[Any, Cells] = {}
        self._closed: list[Cells] = []
        self.by: Any = None
        self.writes: list[Write] = []
        self._before: dict[Any, Cells] = {}
        self._lines: list[int] = []
        self._seen: dict[tuple[str, ...], int] = {}

    @classmethod
    def label(cls) -> str:
        """Return the name of the model, as "tenants.Agency"."""
        return str(cls.Meta.model._meta.label)

    @classmethod
    def column(cls, name: str) -> Field:
        """Return how the column is read and written; a subclass overrides it for a column of its own."""
        field = cls.Meta.model._meta.get_field(name)
        return Field(attribute=field.attname, column_name=name, widget=cells.for_field(field))

    @classmethod
    def title(cls, name: str) -> str:
        """Return the title of the column, in the language of the page."""
        return str(cls.titles.get(name) or capfirst(cls.Meta.model._meta.get_field(name).verbose_name))

    @classmethod
    def sheet_title(cls) -> str:
        """Return the name of the table's sheet in a workbook."""
        return str(cls.sheet or capfirst(cls.get_display_name()))

    @classmethod
    def points_to(cls) -> set[str]:
        """Return the tables whose codes stand in this one, without itself."""
        widgets = [field.widget for field in cls.fields.values()]
        return {each.model._meta.label for each in widgets if isinstance(each, cells.Code)} - {cls.label()}

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls.Meta.model._meta.verbose_name_plural)

    @classmethod
    def get_result_class(cls) -> type[TableResult]:
        return TableResult

    @classmethod
    def get_row_result_class(cls) -> type[TableRowResult]:
        return TableRowResult

    def get_queryset(self) -> models.QuerySet[Any]:
        return self._meta.model._default_manager.all()

    def reached(self) -> models.QuerySet[Any]:
        """Return the rows that the file may mean."""
        rows = self.get_queryset()
        return rows.filter(pk__in=self.cut.rows.order_by().values("pk")) if self.cut else rows

    def needed(self) -> list[str]:
        """Return the columns that the file must have."""
        if self.cut:
            return list(self.key)
        return [name for name in self.columns if name not in self.optional]

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        return queryset

    def init_instance(self, row: Any = None) -> models.Model:
        return self._meta.model()

    def get_instance(self, instance_loader: ByKey, row: Mapping[str, Any]) -> models.Model | None:
        return instance_loader.get_instance(row)

    # Reading

    def import_data(self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any) -> TableResult:
        """Read the table and write it, all or nothing; see `TableResult.problems`."""
        found = headings.match(type(self), dataset.headers or [], self.needed())
        if found.trouble:
            result = self.get_result_class()()
            result.append_base_error(Error(ValidationError(found.trouble)))
            return result
        named = self._opened([found.names[heading] for heading in dataset.headers], dataset)
        self._lines = getattr(dataset, "lines", None) or list(range(2, len(dataset) + 2))
        self.by = kwargs.get("user")
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        result = super().import_data(named, dry_run, **kwargs)
        result.kind, result.lines = type(self), self._lines
        result.titles = {name: heading for heading, name in found.names.items()}
        return result

    def _opened(self, names: list[str], dataset: tablib.Dataset) -> Table:
        """Return the columns that are filled in; lay aside the others, which must be as they are."""
        rows = [dict(zip(names, row, strict=True)) for row in dataset]
        filled = [name for name in names if name in self.offered]
        if self.cut:
            self._closed = [{name: row[name] for name in names if name not in filled} for row in rows]
        return Table(*[[row[name] for name in filled] for row in rows], headers=filled)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Lift the limits that keep counters quick: a long file is one act, and may take its time."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '60s'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
        if self.cut:
            self._standing = self.snapshot(list(self.reached().values_list("pk", flat=True)))

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        hidden = [name for name, cell in row.items() if isinstance(cell, str) and has_control(cell)]
        if hidden:
            words = _("berisi karakter tersembunyi. Ketik ulang tanpa menyalin.")
            raise ValidationError(dict.fromkeys(hidden, words))
        if broken := [name for name, cell in row.items() if cell in BROKEN_FORMULAS]:
            raise ValidationError(dict.fromkeys(broken, _("rumusnya galat. Tulis isinya langsung.")))
        key = tuple(str(row.get(name) or "").strip() for name in self.key)
        line = self._lines[kwargs["row_number"] - 1]
        first = self._seen.setdefault(key, line)
        if first != line:
            reason = _("sama dengan baris %(row)d. Hapus salah satunya.") % {"row": first}
            raise ValidationError({next(iter(self.key), NON_FIELD_ERRORS): reason})

    def after_init_instance(self, instance: Any, new: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        if self.cut:
            self._refuse_beyond(self.cut, instance, new, row, self._closed[kwargs["row_number"] - 1])

    def _refuse_beyond(
        self, cut: Cut, instance: Any, is_new: bool, row: Mapping[str, Any], closed: Cells
    ) -> None:
        """Refuse what is not theirs, in the same words whether it is another's or nobody's."""
        whose = cut.column_of_owner(type(self))
        given = _plain({**closed, **row}.get(whose))
        widget = self.fields[whose].widget
        is_theirs = given in widget.keys if isinstance(widget, cells.Code) else not is_new
        if given and not is_theirs:
            words = _("“%(code)s” tidak ada di antara data instansi Anda.")
            raise ValidationError({whose: words % {"code": given[:40]}})
        if is_new and not cut.adds:
            words = _("baris ini belum ada. Mintalah pengelola mal menambahkannya.")
            raise ValidationError({self.key[0]: words})
        standing = self._shown(instance) if is_new else self._standing[instance.pk]
        changed = [name for name, cell in closed.items() if _plain(cell) not in {"", _plain(standing[name])}]
        if changed:
            words = _("hanya diisi pengelola mal. Kembalikan isinya, atau hapus kolom ini.")
            raise ValidationError(dict.fromkeys(changed, words))

    def _shown(self, instance: Any) -> Cells:
        return {name: str(field.export(instance)) for name, field in self.fields.items()}

    def validate_instance(
        self,
        instance: models.Model,
        import_validation_errors: Mapping[str, Any] | None = None,
        validate_unique: bool = True,
    ) -> None:
        """Check every cell by the model's own validators; the constraints are the database's to judge."""
        if self.cut and instance.pk and not self.cut.may_change(instance):
            raise ValidationError(_("Baris ini tidak bisa Anda ubah lagi. Hubungi pengelola mal."))
        errors = dict(import_validation_errors or {})
        relations = [field.name for field in instance._meta.fields if field.is_relation]
        try:
            instance.clean_fields(exclude={*errors, *relations})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if not errors:
            self.check(instance)
        if errors:
            raise ValidationError(errors)

    def check(self, instance: Any) -> None:
        """Raise `ValidationError` when the row breaks a rule that no constraint carries."""

    # Writing

    def save_instance(
        self, instance: models.Model, is_create: bool, row: Mapping[str, Any], **kwargs: Any
    ) -> None:
        self.writes.append(Write(kwargs["row_number"], row, instance, is_create))

    def bulk_create(self, *args: Any, **kwargs: Any) -> None:
        """Nothing here: `bulk_update`, which is called next, writes changed rows before new ones.

        In that order a period that ends earlier makes room for the one that follows it.
        """

    def bulk_update(
        self,
        using_transactions: bool,
        dry_run: bool,
        raise_errors: bool,
        batch_size: int | None = None,
        result: TableResult | None = None,
    ) -> None:
        if result is None or not result.is_good:
            return
        try:
            with transaction.atomic():
                self.write_all()
        except IntegrityError:
            self._find_refused(result)
        except RowsRefused as refused:
            for write, error in refused.rows:
                self.refuse(result, write, error)
        except ValidationError as error:
            result.append_base_error(Error(error))

    def write_all(self) -> None:
        """Write the rows with their history, in as few statements as there are batches."""
        model = self._meta.model
        changed = [write.instance for write in self.writes if not write.is_new]
        if changed and self.with_changes:
            self._before = self.snapshot([instance.pk for instance in changed])
        if changed:
            names = [field.attribute for field in self.stored_fields()]
            if hasattr(model, "history"):
                bulk_update_with_history(changed, model, names, batch_size=200)
            else:
                model._default_manager.bulk_update(changed, names, batch_size=200)
        for batch in self.batches():
            instances = [write.instance for write in batch]
            if hasattr(model, "history"):
                bulk_create_with_history(instances, model, batch_size=500)
            else:
                model._default_manager.bulk_create(instances, batch_size=500)
        self.write_links()

    def stored_fields(self) -> list[Field]:
        """Return the columns that are columns of the table too, without the key."""
        names = {field.attname for field in self._meta.model._meta.concrete_fields}
        return [
            field
            for name, field in self.fields.items()
            if name in self.offered and name not in self.key and field.attribute in names
        ]

    def batches(self) -> Iterator[list[Write]]:
        """Yield the new rows in the order in which they can be written."""
        new = [write for write in self.writes if write.is_new]
        if new:
            yield new

    def write_links(self) -> None:
        """Write what hangs on the rows, once they are there."""

    def _find_refused(self, result: TableResult) -> None:
        """Write row by row, each in its savepoint, and note the rows that the database refuses."""
        for write in self.writes:
            if write.is_new:
                write.instance.pk, write.instance._state.adding = self.init_instance().pk, True
        in_order = [write for write in self.writes if not write.is_new]
        for batch in [in_order, *self.batches()]:
            for write in batch:
                try:
                    with transaction.atomic():
                        write.instance.save(force_insert=write.is_new)
                except IntegrityError as error:
                    self.refuse(result, write, explained(write.instance, error))
                    if len(result.invalid_rows) >= SHOWN_PROBLEMS:
                        return
        if result.is_good:
            self._find_refused_links(result)

    def _find_refused_links(self, result: TableResult) -> None:
        try:
            with transaction.atomic():
                self.write_links()
        except IntegrityError as error:
            result.append_base_error(Error(explained(self._meta.model(), error)))

    def refuse(self, result: TableResult, write: Write, error: ValidationError) -> None:
        """Note that this row cannot be taken, so that nothing is."""
        result.append_invalid_row(write.number, write.row, error)

    def after_import(self, dataset: tablib.Dataset, result: TableResult, **kwargs: Any) -> None:
        if not result.is_good:
            return
        self.follow_up(result, by=self.by)
        if result.is_good and not self.together:
            self.conclude(result)

    def follow_up(self, result: TableResult, *, by: Any = None) -> None:
        """Do what follows from the new rows, in their transaction; use `refuse` when it cannot be done."""

    def finish(self, result: TableResult, *, by: Any = None) -> None:
        """Do what can only be done once every other table of the import is written, as `follow_up`."""

    def conclude(self, result: TableResult) -> None:
        """Finish, and note in `result` what each row was and is."""
        self.finish(result, by=self.by)
        if not (result.is_good and self.with_changes and self.writes):
            return
        after = self.snapshot([write.instance.pk for write in self.writes])
        result.changes = [
            Change(
                self._lines[write.number - 1],
                str(write.instance.pk),
                self.name_of(after[write.instance.pk]),
                None if write.is_new else self._before[write.instance.pk],
                after[write.instance.pk],
            )
            for write in self.writes
        ]

    def snapshot(self, keys: list[Any]) -> dict[Any, Cells]:
        """Return the rows with these keys as a file would show them now."""
        # Codes are read once per resource, and others may have come since.
        fresh = type(self)(with_changes=False)
        return {row.pk: fresh._shown(row) for row in fresh.get_queryset().filter(pk__in=keys)}

    @classmethod
    def name_of(cls, row: Cells) -> str:
        """Return what tells this row from the others, for people."""
        return " · ".join(row[name] for name in cls.key if row[name])

    @classmethod
    def notes_after(cls, result: TableResult) -> list[str]:
        """Return what is still to be done by hand after this import, if anything."""
        return []

    def after_removal(self, rows: list[Any], *, by: Any = None) -> None:
        """Do what follows when new rows of an import were taken away again."""


def _plain(cell: Any) -> str:
    return str(cell if cell is not None else "").replace("\r\n", "\n").strip()
