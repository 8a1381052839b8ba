"""Tables whose rows only an action may write: row by row, each refusal told by its line and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from import_export.fields import Field

from mpp.core.errors import Refusal
from mpp.core.refusals import explained
from mpp.core.tables import cells
from mpp.core.tables.resources import TableResource
from mpp.core.tables.rows import RowsRefused, Write

LONGEST_REASON = 300


class ActedResource(TableResource):
    """Writes each row through `write_row`, changed rows before new ones."""

    # Word of a refusal → the column that it is about, when the refusal does not say so itself.
    refused_columns: ClassVar[Mapping[str, str]] = {}

    def write_row(self, write: Write) -> None:
        """Write one row by its action; raises `Refusal` or breaks a constraint."""
        raise NotImplementedError

    def write_all(self) -> None:
        known = [write.instance.pk for write in self.writes if not write.is_new]
        self._before = self.snapshot(known) if self.with_changes else {}
        refused = []
        for write in sorted(self.writes, key=lambda write: write.is_new):
            try:
                with transaction.atomic():
                    self.write_row(write)
            except Refusal as refusal:
                refused.append((write, ValidationError(self._placed(refusal))))
            except IntegrityError as error:
                refused.append((write, explained(write.instance, error)))
        if refused:
            raise RowsRefused(refused)

    @staticmethod
    def differs(asked: Any, standing: Any, names: Iterable[str]) -> bool:
        """Tell whether the file asks for something else in one of these columns."""
        fields = [asked._meta.get_field(name).attname for name in names]
        return any(getattr(asked, name) != getattr(standing, name) for name in fields)

    def need(self, given: object, column: str, words: str) -> None:
        """Refuse the row, at this column, unless something is given."""
        if not given:
            raise Refusal("needed", words, field=column)

    def _placed(self, refusal: Refusal) -> dict[str, Any]:
        """Return what is said of each column; what is said of none stands under the row."""
        if by_column := refusal.extra.get("columns"):
            return dict(by_column)
        column = refusal.extra.get("field") or self.refused_columns.get(refusal.code)
        return {column if column in self.columns else NON_FIELD_ERRORS: [str(refusal.message)]}


class Reason(cells.Text):
    """Why the file changes the row, as long as the trail has room for it."""

    def hint(self) -> str:
        return _("alasan perubahan, paling banyak 300 huruf")

    def read(self, text: str) -> str:
        if len(text) > LONGEST_REASON:
            raise ValueError(_("terlalu panjang, paling banyak 300 huruf."))
        return text


class SaidField(Field):
    """The cell of a reason: it goes into the trail of the row, which never shows it in a file again."""

    def __init__(self, name: str) -> None:
        super().__init__(attribute=name, column_name=name, widget=Reason())

    def get_value(self, instance: Any) -> str:
        return ""

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        instance.said = self.clean(row)


class PartField(Field):
    """A part of the row that has tables of its own: what the file asks for, else what stands there."""

    def __init__(self, name: str, widget: cells.Text, standing: Callable[[Any], dict[str, Any]]) -> None:
        """`standing` returns all parts of a row by their columns."""
        super().__init__(attribute=name, column_name=name, widget=widget)
        self.standing = standing

    def get_value(self, instance: Any) -> Any:
        return asked_of(instance, self.standing)[self.attribute]

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        asked_of(instance, self.standing)[self.attribute] = self.clean(row)


def asked_of(instance: Any, standing: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Return the parts that the file asks for, by their columns."""
    if not hasattr(instance, "asked"):
        instance.asked = standing(instance)
    asked: dict[str, Any] = instance.asked
    return asked
