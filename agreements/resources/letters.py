"""The table of letters in and out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models import Instrument, Letter
from mpp.core.tables.resources import TableResource


class LetterResource(TableResource):
    """Letters; the paper itself is attached on the letter's page."""

    key = ("direction", "number", "date", "counterpart")
    columns = (
        "direction",
        "number",
        "date",
        "counterpart",
        "subject",
        "agency",
        "instrument",
        "milestone",
        "is_sample",
    )
    optional = ("agency", "instrument", "milestone", "is_sample")

    class Meta:
        model = Letter

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._owners: dict[int, int] | None = None

    def check(self, instance: Any) -> None:
        """Refuse an instrument of another agency."""
        if self._owners is None:
            self._owners = dict(Instrument.objects.order_by().values_list("pk", "agency"))
        owner = self._owners.get(instance.instrument_id, instance.agency_id)
        if instance.agency_id and owner != instance.agency_id:
            raise ValidationError({"instrument": _("naskah itu milik instansi lain.")})
