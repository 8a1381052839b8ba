"""The table of the mall itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from mpp.core import palette
from mpp.core.models import Mall
from mpp.core.tables.resources import TableResource


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
