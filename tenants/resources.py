"""CSV files of agencies, places and duties."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from mpp.core.errors import Refusal
from mpp.core.tables import cells
from mpp.core.tables.resources import TableResource, TableResult, Write
from tenants.actions.agencies import set_status
from tenants.enums import AgencyStatus
from tenants.models import Agency, AgencyName, Counter, CounterDuty, Zone


class ZoneResource(TableResource):
    columns = ("code", "name", "floor", "directions", "position")

    class Meta:
        model = Zone


class StatusField(Field):
    """The status that the file asks for; the row itself keeps the one it has."""

    def get_value(self, instance: Agency) -> str:
        return getattr(instance, "asked_status", instance.status)

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        instance.asked_status = self.clean(row)


class AgencyResource(TableResource):
    """Agencies. Their status changes last and by its action, once the agreements are known."""

    columns = (
        "code",
        "slug",
        "name",
        "short_name",
        "kind",
        "owner_level",
        "is_bank",
        "status",
        "zone",
        "summary",
        "phone",
        "website",
        "position",
        "is_sample",
        "source",
    )

    class Meta:
        model = Agency

    def __init__(self, *, statuses_later: bool = False, **kwargs: Any) -> None:
        """`statuses_later`: the caller calls `apply_statuses` itself, after the agreements."""
        super().__init__(**kwargs)
        self.statuses_later = statuses_later

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "status":
            return StatusField(
                attribute=name, column_name=name, widget=cells.Choice(AgencyStatus.values, required=True)
            )
        return super().column(name)

    def stored_fields(self) -> list[Field]:
        return [field for field in super().stored_fields() if field.attribute != "status"]

    def follow_up(self, result: TableResult, *, by: Any = None) -> None:
        if not self.statuses_later:
            self.apply_statuses(result, by=by)

    def apply_statuses(self, result: TableResult, *, by: Any = None) -> None:
        """Give each agency the status its row asks for; a refused one is noted in `result`."""
        for write in self.writes:
            self._apply_status(result, write, by)

    def _apply_status(self, result: TableResult, write: Write, by: Any) -> None:
        agency = Agency.objects.get(pk=write.instance.pk)
        asked = getattr(write.instance, "asked_status", agency.status)
        try:
            set_status(agency=agency, status=asked, by=by)
        except Refusal as refusal:
            self.refuse(result, write, ValidationError({"status": str(refusal.message)}))


class AgencyNameResource(TableResource):
    key = ("agency", "valid_from")
    columns = ("agency", "name", "short_name", "valid_from", "valid_to", "decree")

    class Meta:
        model = AgencyName


class CounterResource(TableResource):
    columns = ("code", "number", "zone", "position")

    class Meta:
        model = Counter


class CounterDutyResource(TableResource):
    key = ("counter", "agency", "weekday", "valid_from")
    columns = ("counter", "agency", "weekday", "valid_from", "valid_to")

    class Meta:
        model = CounterDuty
