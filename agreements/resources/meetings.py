"""The table of meetings: one line for each, with who came and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field

from agreements.actions.meetings import Minutes, write_meeting
from agreements.models import Attendee, Decision, Instrument, Meeting
from mpp.core.tables import cells
from mpp.core.tables.acted import ActedResource, PartField, asked_of
from mpp.core.tables.results import Cells
from mpp.core.tables.rows import Write
from tenants.models import Agency

PARTS = ("agencies", "instruments", "attendees", "decisions")


class LinesCell(cells.Code):
    """One thing on each line, its parts with "|" between; the last part is the code of an agency."""

    def __init__(self, parts: Sequence[tuple[Any, cells.Text, int]]) -> None:
        """`parts`: what each is called, how it is read, and how long it may be."""
        super().__init__(Agency)
        self.parts = parts
        self.empty: list[Any] = []

    def hint(self) -> str:
        names = " | ".join(str(name) for name, _cell, _most in self.parts)
        return _("satu per baris: %(parts)s | kode instansi. Yang di belakang boleh kosong") % {
            "parts": names
        }

    def permitted(self) -> list[str]:
        return []

    @property
    def sample(self) -> str:  # type: ignore[override]
        return " | ".join(cell.sample or str(name) for name, cell, _most in self.parts)

    def read(self, text: str) -> Any:
        return [self._line(line) for line in text.splitlines() if line.strip()]

    def _line(self, line: str) -> tuple[Any, ...]:
        texts = [part.strip() for part in line.split("|")]
        if len(texts) > len(self.parts) + 1:
            raise ValueError(_("“%(line)s” punya terlalu banyak bagian.") % {"line": line[:40]})
        texts += [""] * (len(self.parts) + 1 - len(texts))
        found = []
        for (name, cell, most), given in zip(self.parts, texts, strict=False):
            if len(given) > most:
                words = _("%(part)s terlalu panjang, paling banyak %(most)d huruf.")
                raise ValueError(words % {"part": name, "most": most})
            try:
                found.append(cell.clean(given))
            except ValueError as error:
                words = _("“%(line)s”, %(part)s: %(words)s")
                raise ValueError(words % {"line": line[:40], "part": name, "words": error}) from error
        return (*found, super().read(texts[-1]) if texts[-1] else None)

    def show(self, value: Any) -> str:
        return "\n".join(self._shown(*each) for each in value)

    def _shown(self, *values: Any) -> str:
        *own, agency = values
        texts = [cell.render(each) for (_name, cell, _most), each in zip(self.parts, own, strict=True)]
        texts.append(super().show(agency) if agency else "")
        return " | ".join(texts).rstrip(" |")


ATTENDEES = (
    (gettext_lazy("nama"), cells.Text(required=True), 120),
    (gettext_lazy("jabatan"), cells.Text(required=True), 160),
)
DECISIONS = (
    (gettext_lazy("keputusan"), cells.Text(required=True), 240),
    (gettext_lazy("penanggung jawab"), cells.Text(), 160),
    (gettext_lazy("tenggat"), cells.Day(empty=None), 10),
)


def _standing(meeting: Meeting) -> dict[str, Any]:
    if meeting.pk is None:
        return {name: [] for name in PARTS}
    decisions = sorted(meeting.decisions.all(), key=lambda row: row.pk)
    return {
        "agencies": sorted(row.pk for row in meeting.agencies.all()),
        "instruments": sorted(row.pk for row in meeting.instruments.all()),
        "attendees": [
            (row.name, row.office, row.agency_id)
            for row in sorted(meeting.attendees.all(), key=lambda row: row.pk)
        ],
        "decisions": [(row.text, row.owner, row.due_on, row.agency_id) for row in decisions],
    }


class MeetingResource(ActedResource):
    """Meetings; the signed minutes are attached on the meeting's page."""

    key = ("date", "title")
    columns = ("date", "title", "kind", "place", "minutes", *PARTS, "is_sample")
    optional = ("minutes", *PARTS, "is_sample")
    titles = {"attendees": gettext_lazy("Peserta"), "decisions": gettext_lazy("Keputusan")}
    examples = {"title": "Rapat persiapan", "place": "Aula"}
    owned = (Attendee, Decision, Meeting.agencies.through, Meeting.instruments.through)

    class Meta:
        model = Meeting

    @classmethod
    def column(cls, name: str) -> Field:
        cell: dict[str, cells.Text] = {
            "agencies": cells.Codes(Agency),
            "instruments": cells.Codes(Instrument),
            "attendees": LinesCell(ATTENDEES),
            "decisions": LinesCell(DECISIONS),
        }
        return PartField(name, cell[name], _standing) if name in cell else super().column(name)

    def get_queryset(self) -> models.QuerySet[Any]:
        return Meeting.objects.prefetch_related(*PARTS)

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        return queryset.prefetch_related(*PARTS)

    def write_row(self, write: Write) -> None:
        asked = asked_of(write.instance, _standing)
        minutes = Minutes(**{name: asked[name] for name in PARTS})
        write_meeting(meeting=write.instance, minutes=minutes, by=self.by)

    def snapshot(self, keys: list[Any]) -> dict[Any, Cells]:
        """Note also which decisions became work: an import is not undone from under them."""
        rows = Decision.objects.filter(meeting__in=keys, work_item__isnull=False).order_by("pk")
        became = list(rows.values_list("meeting", "pk"))
        return {
            key: {**row, "work": " ".join(str(pk) for meeting, pk in became if meeting == key)}
            for key, row in super().snapshot(keys).items()
        }
