"""What every CSV of the portal has in common, whether the admin or a pack brings it: all rows or none."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from mpp.core import audit, palette
from mpp.core.models import Mall
from mpp.core.refusals import TITLE_ROWS, explained, row_words, words
from mpp.core.tables import cells
from mpp.core.text import has_control

SHOWN_PROBLEMS = 20
SHOWN_ROWS = 100


class TableResult(Result):
    """The outcome of one file, in words."""

    @property
    def problems(self) -> list[str]:
        """Return what is wrong, one sentence each, in the order of the rows; at most twenty."""
        found = [each for error in self.base_errors for each in words(error.error)]
        rows = [(row.number, row.error) for row in self.invalid_rows]
        rows += [(row.number, error.error) for row in self.error_rows for error in row.errors]
        for number, error in sorted(rows, key=lambda row: row[0]):
            found += row_words(number, error)
        hidden = len(found) - SHOWN_PROBLEMS
        more = [_("Masih ada %(count)d kesalahan lain.") % {"count": hidden}] if hidden > 0 else []
        return found[:SHOWN_PROBLEMS] + more

    @property
    def is_good(self) -> bool:
        """Tell whether every row could be taken."""
        return not self.has_errors() and not self.has_validation_errors()

    @property
    def changes(self) -> list[RowResult]:
        """Return the rows that are new or changed."""
        return [row for row in self.rows if row.is_new() or row.is_update()]

    @property
    def shown_rows(self) -> list[RowResult]:
        """Return what the preview shows of them."""
        return self.changes[:SHOWN_ROWS]

    @property
    def hidden_rows(self) -> int:
        """Return how many more there are."""
        return max(0, len(self.changes) - SHOWN_ROWS)


class TableRowResult(RowResult):
    """The outcome of one row. Names are not asked for: many would need a query each."""

    def add_instance_info(self, instance: models.Model | None) -> None:
        self.object_id = getattr(instance, "pk", None)


@dataclass
class Write:
    """One row that is to be written."""

    number: int
    row: Mapping[str, Any]
    instance: Any
    is_new: bool


class ByKey:
    """Finds the row that a line of the file means: by its natural key, all of them read at once."""

    def __init__(self, resource: TableResource, dataset: tablib.Dataset | None = None) -> None:
        self.resource = resource
        self.key_fields = [resource.fields[name] for name in resource.key]
        self.instances = {
            tuple(field.get_value(instance) for field in self.key_fields): instance
            for instance in resource.get_queryset()
        }

    def get_instance(self, row: Mapping[str, Any]) -> models.Model | None:
        try:
            return self.instances.get(tuple(field.clean(row) for field in self.key_fields))
        except ValueError:
            return None  # a bad key is reported with the other cells of its row


class TableResource(Resource):
    """One kind of row and its CSV file.

    A subclass names the model, the `columns` in the file's order and its natural `key`. A file may leave
    out an `optional` column: rows keep what they have, new ones get the default. Foreign keys are written
    as codes. Everything is written in bulk; when the database refuses, the rows are
    tried one by one to say which. Nothing stays written unless every row could be.
    """

    key: ClassVar[tuple[str, ...]] = ("code",)
    columns: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    _meta: Any

    class Meta:
        model: Any
        use_bulk = True
        skip_unchanged = True
        report_skipped = True
        instance_loader_class = ByKey

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.fields = OrderedDict((name, cls.column(name)) for name in cls.columns)

    def __init__(self, *, with_preview: bool = True, **options: Any) -> None:
        """`with_preview`: also show what changes in each cell; `options` are the admin's, none of ours."""
        super().__init__()
        self._meta = copy.copy(self._meta)
        self._meta.skip_html_diff = not with_preview
        self.writes: list[Write] = []
        self._seen: dict[tuple[str, ...], int] = {}

    @classmethod
    def column(cls, name: str) -> Field:
        """Return how the column is read and written; a subclass overrides it for a column of its own."""
        field = cls.Meta.model._meta.get_field(name)
        return Field(attribute=field.attname, column_name=name, widget=cells.for_field(field))

    @classmethod
    def meaning(cls, name: str) -> str:
        """Return what the column holds, in Indonesian."""
        return str(cls.Meta.model._meta.get_field(name).verbose_name)

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

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        return queryset

    def init_instance(self, row: Any = None) -> models.Model:
        return self._meta.model()

    def get_instance(self, instance_loader: ByKey, row: Mapping[str, Any]) -> models.Model | None:
        return instance_loader.get_instance(row)

    # Reading

    def import_data(self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any) -> TableResult:
        """Read the table and write it, all or nothing; see `TableResult.problems`."""
        if trouble := self._header_trouble(dataset.headers or []):
            result = self.get_result_class()()
            result.append_base_error(Error(ValidationError(trouble)))
            return result
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        return super().import_data(dataset, dry_run, **kwargs)

    def _header_trouble(self, headers: list[str]) -> list[str]:
        known = list(self.fields)
        doubled = sorted({name for name in headers if headers.count(name) > 1})
        unknown = [name for name in headers if name not in known]
        absent = [name for name in known if name not in headers and name not in self.optional]
        trouble = [_("Kolom “%(name)s” tertulis dua kali.") % {"name": name[:40]} for name in doubled]
        trouble += [_("Kolom “%(name)s” tidak dikenal.") % {"name": name[:40]} for name in unknown]
        trouble += [_("Kolom “%(name)s” tidak ada.") % {"name": name} for name in absent]
        if trouble:
            trouble.append(_("Kolom yang benar: %(names)s.") % {"names": ", ".join(known)})
        return trouble

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Lift the limits that keep counters quick: a long file is one act, and may take its time."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '60s'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        hidden = [name for name, cell in row.items() if isinstance(cell, str) and has_control(cell)]
        if hidden:
            words = _("berisi karakter tersembunyi. Ketik ulang tanpa menyalin.")
            raise ValidationError(dict.fromkeys(hidden, words))
        key = tuple(str(row.get(name) or "").strip() for name in self.key)
        first = self._seen.setdefault(key, kwargs["row_number"])
        if first != kwargs["row_number"]:
            reason = _("sama dengan baris %(row)d. Hapus salah satunya.") % {"row": first + TITLE_ROWS}
            raise ValidationError({next(iter(self.key), NON_FIELD_ERRORS): reason})

    def validate_instance(
        self,
        instance: models.Model,
        import_validation_errors: Mapping[str, Any] | None = None,
        validate_unique: bool = True,
    ) -> None:
        """Check every cell by the model's own validators; the constraints are the database's to judge."""
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
        except ValidationError as error:
            result.append_base_error(Error(error))

    def write_all(self) -> None:
        """Write the rows with their history, in as few statements as there are batches."""
        model = self._meta.model
        changed = [write.instance for write in self.writes if not write.is_new]
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
            field for name, field in self.fields.items() if name not in self.key and field.attribute in names
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
        self.follow_up(result, by=kwargs.get("user"))
        if self.writes and kwargs.get("user") and result.is_good:
            totals = {kind: count for kind, count in result.totals.items() if count}
            audit.record("import", by=kwargs["user"], target=self._meta.model._meta.label, **totals)

    def follow_up(self, result: TableResult, *, by: Any = None) -> None:
        """Do what follows from the new rows, in their transaction; use `refuse` when it cannot be done."""


class MallResource(TableResource):
    """The mall's own row: a file with one line."""

    key = ()
    columns = (
        "name",
        "short_name",
        "region",
        "building",
        "address",
        "timezone",
        "accent",
        "motif",
        "manager_name",
        "manager_short",
        "phone",
        "whatsapp",
        "email",
        "dpo_contact",
        "website",
        "is_sample",
        "today_note",
    )

    class Meta:
        model = Mall

    def init_instance(self, row: Any = None) -> Mall:
        return Mall(pk=1)

    def check(self, instance: Any) -> None:
        try:
            palette.palette(instance.accent)
        except palette.UnusableAccent as error:
            raise ValidationError({"accent": str(error)}) from error
