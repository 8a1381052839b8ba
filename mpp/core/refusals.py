"""The words for what cannot be written: a constraint's own, and a row's with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from mpp.core.errors import Refusal


def constraint_words(error: IntegrityError, models_: Iterable[type[models.Model]]) -> str | None:
    """Return the message of the constraint of `models_` that was broken, or None for another one."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in models_:
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return None


def explained(instance: models.Model, error: IntegrityError) -> ValidationError:
    """Return why the database refused this row."""
    if words := constraint_words(error, [type(instance)]):
        return ValidationError({NON_FIELD_ERRORS: [words]})
    try:
        instance.validate_unique()
    except ValidationError as found:
        return found
    return ValidationError({NON_FIELD_ERRORS: [_("Bertentangan dengan data lain.")]})


def row_words(line: int, error: ValidationError, titles: Mapping[str, str]) -> list[str]:
    """Return one sentence for each wrong cell of the row that stands in this line of the file."""
    place = {"row": line}
    sentences = []
    for name, found in getattr(error, "error_dict", {NON_FIELD_ERRORS: [error]}).items():
        where = _("Baris %(row)d") % place
        if name != NON_FIELD_ERRORS:
            column = name.removesuffix("_id")
            where = _("Baris %(row)d, kolom %(column)s") % {**place, "column": titles.get(column, column)}
        sentences += [f"{where}: {each}" for one in found for each in words(one)]
    return sentences


def words(error: Any) -> list[str]:
    """Return the sentences of one error; what nobody foresaw is named by its kind."""
    match error:
        case ValidationError(code="blank" | "null"):
            return [_("wajib diisi.")]
        case ValidationError():
            return error.messages
        case Refusal():
            return [str(error.message)]
        case _:
            return [_("Berkas tidak dapat diproses (%(kind)s).") % {"kind": type(error).__name__}]
