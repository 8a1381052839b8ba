"""Tables of agencies, places, duties and people."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field

from mpp.core.errors import Refusal
from mpp.core.tables import cells
from mpp.core.tables.resources import TableResource
from mpp.core.tables.results import TableResult
from mpp.core.tables.rows import Write
from tenants.actions.agencies import set_status
from tenants.actions.people import save_person
from tenants.enums import AgencyStatus
from tenants.models import Agency, AgencyName, Counter, CounterDuty, Placement, User, Zone


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

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "status":
            return StatusField(
                attribute=name, column_name=name, widget=cells.Choice(AgencyStatus.choices, required=True)
            )
        return super().column(name)

    def stored_fields(self) -> list[Field]:
        return [field for field in super().stored_fields() if field.attribute != "status"]

    def finish(self, result: TableResult, *, by: Any = None) -> None:
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


class UserResource(TableResource):
    """People who work here. No file carries a password: a new person has none until it is set by hand."""

    sheet = gettext_lazy("Petugas")
    key = ("username",)
    optional = ("email", "phone", "role", "is_active")
    columns = ("username", "first_name", "last_name", "email", "phone", "role", "is_active")
    examples = {"username": "siti.aminah", "first_name": "Siti", "last_name": "Aminah"}

    class Meta:
        model = User

    def init_instance(self, row: Any = None) -> User:
        person = User()
        person.set_unusable_password()
        return person

    def check(self, instance: Any) -> None:
        if instance.is_superuser and not getattr(self.by, "is_superuser", False):
            raise ValidationError({"username": _("akun ini hanya diubah oleh pengelola sistem.")})

    def write_all(self) -> None:
        """Write person by person: what a role opens follows from it, and its change is recorded."""
        known = [write.instance.pk for write in self.writes if not write.is_new]
        self._before = self.snapshot(known) if self.with_changes else {}
        for write in self.writes:
            save_person(person=write.instance, by=self.by)

    @classmethod
    def notes_after(cls, result: TableResult) -> list[str]:
        new = sum(change.before is None for change in result.changes)
        if not new:
            return []
        words = _("%(count)d orang baru belum bisa masuk. Pasang kata sandinya di halaman tiap orang.")
        return [words % {"count": new}]


class PlacementResource(TableResource):
    """Who works for which agency, and since when."""

    key = ("user", "starts_on")
    optional = ("counter", "ends_on", "letter_number", "competence")
    columns = ("user", "agency", "counter", "starts_on", "ends_on", "letter_number", "competence")

    class Meta:
        model = Placement

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "user":
            widget = cells.Code(User, required=True, name="username")
            return Field(attribute="user_id", column_name=name, widget=widget)
        return super().column(name)
