"""The rows of a table between its file and the database: found by their key, written, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tablib
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from mpp.core.tables.resources import TableResource


@dataclass
class Write:
    """One row that is to be written."""

    number: int
    row: Mapping[str, Any]
    instance: Any
    is_new: bool


class RowsRefused(Exception):
    """Some of the rows could not be written."""

    def __init__(self, rows: list[tuple[Write, ValidationError]]) -> None:
        super().__init__(len(rows))
        self.rows = rows


class ByKey:
    """Finds the row that a line of the file means: by its natural key, all of them read at once."""

    def __init__(self, resource: TableResource, dataset: tablib.Dataset | None = None) -> None:
        self.resource = resource
        self.key_fields = [resource.fields[name] for name in resource.key]
        self.instances: dict[tuple[Any, ...], models.Model] = {}
        self.alike: set[tuple[Any, ...]] = set()
        for instance in resource.reached():
            key = tuple(field.get_value(instance) for field in self.key_fields)
            if key in self.instances:
                self.alike.add(key)
            self.instances[key] = instance

    def get_instance(self, row: Mapping[str, Any]) -> models.Model | None:
        try:
            key = tuple(field.clean(row) for field in self.key_fields)
        except ValueError:
            return None  # a bad key is reported with the other cells of its row
        if key in self.alike:
            words = _("ada lebih dari satu baris seperti ini. Ubah di halamannya.")
            raise ValidationError({self.resource.key[-1]: words})
        return self.instances.get(key)
