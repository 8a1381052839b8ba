"""What changed between two versions of a row, in words people know."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.formats import localize
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

SHOWN_CHARACTERS = 100


def differences(older: Any, newer: Any) -> list[dict[str, str]]:
    """Return what changed from one historical row to the next: the field's name, old and new.

    Statuses too: the library leaves out what no form may edit, and that is what people look for.
    """
    changed = [
        field
        for field in newer.tracked_fields
        if getattr(older, field.attname) != getattr(newer, field.attname)
    ]
    return [
        {"field": capfirst(field.verbose_name), "old": _shown(older, field), "new": _shown(newer, field)}
        for field in changed
    ]


def _shown(record: Any, field: models.Field[Any, Any]) -> str:
    value = getattr(record, field.attname)
    if value is None or value == "":
        return "–"
    if isinstance(field, models.ForeignKey):
        try:
            value = getattr(record, field.name)
        except ObjectDoesNotExist:
            return _("sudah dihapus")
    elif isinstance(value, bool):
        value = _("ya") if value else _("tidak")
    elif field.choices:
        value = dict(field.flatchoices).get(value, value)
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return Truncator(str(localize(value))).chars(SHOWN_CHARACTERS)
