"""The writers of meetings: a decision becomes a piece of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.access import require_the_mall
from agreements.models import Attendee, Decision, WorkItem
from mpp.core import audit
from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from agreements.models import Instrument, Meeting
    from tenants.models import Agency, User


@dataclass(frozen=True)
class Minutes:
    """Whom and what a meeting was about, who came, what was decided; agencies and papers by their keys.

    `attendees`: (name, office, agency). `decisions`: (text, owner, due date, agency).
    """

    agencies: Collection[int] = ()
    instruments: Collection[int] = ()
    attendees: Sequence[tuple[str, str, int | None]] = ()
    decisions: Sequence[tuple[str, str, date | None, int | None]] = ()


def write_meeting(*, meeting: Meeting, minutes: Minutes, by: User | None = None) -> Meeting:
    """Write a meeting with its minutes whole. Raises `Refusal` when a decision would go that became work."""
    require_the_mall(by)
    with transaction.atomic():
        meeting.save()
        meeting.agencies.set(minutes.agencies)
        meeting.instruments.set(minutes.instruments)
        meeting.attendees.all().delete()
        Attendee.objects.bulk_create(
            Attendee(meeting=meeting, name=name, office=office, agency_id=agency)
            for name, office, agency in minutes.attendees
        )
        _write_decisions(meeting, list(minutes.decisions))
        audit.record("meeting.write", by=by, target=meeting.title, decisions=len(minutes.decisions))
    return meeting


def _write_decisions(meeting: Meeting, wanted: list[tuple[str, str, date | None, int | None]]) -> None:
    for decision in meeting.decisions.select_for_update(no_key=True, of=("self",)):
        said = (decision.text, decision.owner, decision.due_on, decision.agency_id)
        if said in wanted:
            wanted.remove(said)
        elif decision.work_item_id is not None:
            words = _("“%(text)s” sudah menjadi butir rencana kerja. Biarkan seperti semula.")
            raise Refusal("became_work", words % {"text": decision.text}, field="decisions")
        else:
            decision.delete()
    Decision.objects.bulk_create(
        Decision(meeting=meeting, text=text, owner=owner, due_on=due_on, agency_id=agency)
        for text, owner, due_on, agency in wanted
    )


def make_work_item(
    *,
    decision: Decision,
    agency: Agency,
    target: Decimal,
    unit: str,
    owner: str,
    due_on: date,
    instrument: Instrument | None = None,
    by: User | None = None,
) -> WorkItem:
    """Make a piece of work out of `decision`, once. Raises `Refusal` for an instrument of another agency."""
    require_the_mall(by)
    if instrument is not None and instrument.agency_id != agency.pk:
        raise Refusal("other_agency", _("Naskah itu milik instansi lain."))
    with transaction.atomic():
        decision = Decision.objects.select_for_update(no_key=True, of=("self",)).get(pk=decision.pk)
        if decision.work_item_id is not None:
            raise Refusal("already_work", _("Keputusan ini sudah menjadi butir rencana kerja."))
        item = WorkItem.objects.create(
            agency=agency,
            instrument=instrument,
            title=decision.text,
            target=target,
            unit=unit,
            owner=owner,
            due_on=due_on,
        )
        decision.work_item = item
        decision.save(update_fields=["work_item"])
        audit.record("decision.work", by=by, target=item.title, meeting=decision.meeting_id)
    return item
