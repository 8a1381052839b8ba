"""The writers of meetings: a decision becomes a piece of work."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.access import require_the_mall
from agreements.models import Decision, WorkItem
from mpp.core import audit
from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from agreements.models import Instrument
    from tenants.models import Agency, User


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
