"""Tables of instruments and their parties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import Field

from agreements import workflow
from agreements.actions import note_imported, push_down
from agreements.enums import InstrumentState
from agreements.models import Instrument, InstrumentParty, SigningEvent
from agreements.policy import fits_under
from mpp.core.tables import cells
from mpp.core.tables.resources import TableResource
from mpp.core.tables.results import TableResult
from mpp.core.tables.rows import Write
from tenants.enums import AgencyKind
from tenants.models import Agency


class ParentCode(cells.Code):
    """The code of the instrument above; that one may stand in the same file."""

    def __init__(self) -> None:
        super().__init__(Instrument)
        self.in_file: frozenset[str] = frozenset()

    def read(self, text: str) -> Any:
        return None if text in self.in_file and text not in self.keys else super().read(text)


class SigningEventResource(TableResource):
    columns = ("code", "name", "held_on", "place", "attendees", "is_sample")

    class Meta:
        model = SigningEvent


class InstrumentResource(TableResource):
    columns = (
        "code",
        "agency",
        "kind",
        "title",
        "scope",
        "signed_on",
        "place",
        "effective_from",
        "effective_to",
        "state",
        "parent",
        "is_sample",
        "event",
    )
    optional = ("event",)

    class Meta:
        model = Instrument

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Code → (kind, agency) of every instrument, those of the file included, for the parents.
        self._by_code: dict[str, tuple[str | None, int]] = {}
        self._states: dict[int, str] = {}
        self._own_offices: set[int] = set()

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "parent":
            return Field(attribute="parent_id", column_name=name, widget=ParentCode())
        return super().column(name)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.fields["parent"].widget.in_file = frozenset(dataset["code"])
        rows = Instrument.objects.order_by().values_list("pk", "code", "kind", "agency", "state")
        for key, code, kind, agency, state in rows:
            self._by_code[code] = (kind, agency)
            self._states[key] = state
        self._own_offices = set(Agency.objects.filter(kind=AgencyKind.OPD).values_list("pk", flat=True))
        agencies = self.fields["agency"].widget.keys
        for code, kind, agency in zip(dataset["code"], dataset["kind"], dataset["agency"], strict=True):
            self._by_code[code] = (kind, agencies.get(agency, 0))

    def import_instance(self, instance: Any, row: Mapping[str, Any], **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        instance.parent_code = str(row["parent"] or "").strip()

    def check(self, instance: Any) -> None:
        """Refuse an illegal change of state, and a parent of another agency or of the wrong kind."""
        before = self._states.get(instance.pk, instance.state)
        if instance.state != before and instance.state not in workflow.targets(before):
            words = _("dari “%(before)s” tidak bisa langsung menjadi “%(after)s”.")
            labels = {"before": InstrumentState(before).label, "after": InstrumentState(instance.state).label}
            raise ValidationError({"state": words % labels})
        parents = self.fields["parent"].widget
        if (
            instance.pk
            and instance.parent_code in parents.in_file
            and instance.parent_code not in parents.keys
        ):
            raise ValidationError({"parent": _("impor dulu naskah induk ini sendiri.")})
        kind, agency = self._by_code.get(instance.parent_code, (None, instance.agency_id))
        if agency != instance.agency_id:
            raise ValidationError({"parent": _("naskah induk itu milik instansi lain.")})
        is_own_office = instance.agency_id in self._own_offices
        if not fits_under(instance.kind, kind, is_own_office=is_own_office):
            raise ValidationError({"parent": _("jenis naskah ini memerlukan naskah induk yang cocok.")})

    def batches(self) -> Iterator[list[Write]]:
        """Yield parents before their children: a work plan cannot be written without its parent's key."""
        waiting = [write for write in self.writes if write.is_new]
        while waiting:
            new_codes = {write.instance.code for write in waiting}
            ready = [write for write in waiting if _parent_of(write) not in new_codes]
            if not ready:
                raise ValidationError(_("Naskah induk saling menunjuk."))
            yield ready
            waiting = [write for write in waiting if write not in ready]
            written = {write.instance.code: write.instance.pk for write in ready}
            for write in waiting:
                if _parent_of(write) in written:
                    write.instance.parent_id = written[_parent_of(write)]

    def follow_up(self, result: TableResult, *, by: Any = None) -> None:
        for write in self.writes:
            before = None if write.is_new else self._states.get(write.instance.pk)
            note_imported(instrument=write.instance, before=before, by=by)
        self._push_down((write.instance for write in self.writes), by)

    def after_removal(self, rows: list[Any], *, by: Any = None) -> None:
        self._push_down(rows, by)

    def _push_down(self, instruments: Iterable[Instrument], by: Any) -> None:
        for agency in Agency.objects.filter(pk__in={each.agency_id for each in instruments}):
            push_down(agency, by=by)


def _parent_of(write: Write) -> str:
    return str(write.instance.parent_code)


class InstrumentPartyResource(TableResource):
    key = ("instrument", "position")
    columns = ("instrument", "position", "party", "number", "signatory", "office", "acting")

    class Meta:
        model = InstrumentParty
