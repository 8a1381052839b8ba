"""An agency's standing in the mall: its status, and the agreement that carries it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from tenants.actions.duties import end_duties
from tenants.enums import SERVING, AgencyStatus
from tenants.models import Agency

if TYPE_CHECKING:
    from tenants.models import User

# What may follow a status. A candidate may become anything: a mall that already runs is entered as it stands.
NEXT: dict[str, tuple[AgencyStatus, ...]] = {
    AgencyStatus.CANDIDATE: tuple(status for status in AgencyStatus if status != AgencyStatus.CANDIDATE),
    AgencyStatus.COMMITTED: (
        AgencyStatus.PREPARING,
        AgencyStatus.TRIAL,
        AgencyStatus.OPERATING,
        AgencyStatus.CANDIDATE,
        AgencyStatus.ENDED,
    ),
    AgencyStatus.PREPARING: (
        AgencyStatus.TRIAL,
        AgencyStatus.OPERATING,
        AgencyStatus.COMMITTED,
        AgencyStatus.ENDED,
    ),
    AgencyStatus.TRIAL: (
        AgencyStatus.OPERATING,
        AgencyStatus.PAUSED,
        AgencyStatus.PREPARING,
        AgencyStatus.ENDED,
    ),
    AgencyStatus.OPERATING: (AgencyStatus.PAUSED, AgencyStatus.ENDED),
    AgencyStatus.PAUSED: (AgencyStatus.OPERATING, AgencyStatus.TRIAL, AgencyStatus.ENDED),
    AgencyStatus.ENDED: (AgencyStatus.CANDIDATE,),
}


def set_status(*, agency: Agency, status: str, by: User | None = None, reason: str = "") -> Agency:
    """Give `agency` the status `status`; the same status again changes nothing.

    Raises `Refusal` (409) when that status cannot follow, when an agency that needs an agreement
    would serve without one in force today (R000-15), or when its trial is still to be decided.
    """
    with transaction.atomic():
        agency = Agency.objects.select_for_update(of=("self",), no_key=True).get(pk=agency.pk)
        before = AgencyStatus(agency.status)
        if status == before:
            return agency
        if status not in NEXT[before]:
            raise Refusal(
                "illegal_status",
                _("Dari “%(before)s” tidak bisa langsung menjadi “%(after)s”.")
                % {"before": before.label, "after": dict(AgencyStatus.choices).get(status, status)},
            )
        _refuse_serving_without_agreement(agency, status)
        if status == AgencyStatus.ENDED:
            end_duties(agency=agency, last_day=clock.today(), by=by)
        agency.status, agency.status_since = status, clock.now()
        with refused_by(Agency):
            agency.save(update_fields=["status", "status_since"])
        audit.record("agency.status", by=by, target=agency.code, before=before, after=status, reason=reason)
    return agency


def _refuse_serving_without_agreement(agency: Agency, status: str) -> None:
    """Refuse a span that does not hold today; that there is any span, the database itself demands."""
    if status not in SERVING or not agency.needs_agreement or agency.agreement_from is None:
        return
    if agency.agreement_to is None or not agency.agreement_from <= clock.today() <= agency.agreement_to:
        raise Refusal("agreement_not_in_force", _("Instansi ini belum punya naskah kerja sama yang berlaku."))


def set_agreement(
    *,
    agency: Agency,
    start: date | None,
    end: date | None,
    until: date | None = None,
    by: User | None = None,
) -> bool:
    """Write the span in which an agreement carries `agency`; return whether anything changed.

    Both ends count; `until` is the last day on which it gives numbers, None for `end` itself. Only
    agreements.actions calls this: it knows the instruments. Raises `Refusal` (409) when an agency that
    serves would be left without any span.
    """
    with transaction.atomic():
        agency = Agency.objects.select_for_update(of=("self",), no_key=True).get(pk=agency.pk)
        if (agency.agreement_from, agency.agreement_to, agency.numbers_until) == (start, end, until):
            return False
        agency.agreement_from, agency.agreement_to, agency.numbers_until = start, end, until
        with refused_by(Agency):
            agency.save(update_fields=["agreement_from", "agreement_to", "numbers_until"])
        dates = {"start": start, "end": end, "until": until}
        told = {name: str(day or "") for name, day in dates.items()}
        audit.record("agency.agreement", by=by, target=agency.code, **told)
    return True


def set_promised_officers(*, agency: Agency, officers: int | None) -> bool:
    """Write how many officers `agency` has promised today, None for no promise; tell whether that is new."""
    if agency.promised_officers == officers:
        return False
    Agency.objects.filter(pk=agency.pk).update(promised_officers=officers)
    return True


def set_trial_end(*, agency: Agency, until: date | None, by: User | None = None) -> None:
    """Write until when the trial of `agency` runs; None: it has been decided.

    Only agreements.actions calls this: it knows the trials. Raises `Refusal` (409) when the agency
    is not in its trial.
    """
    with transaction.atomic():
        agency = Agency.objects.select_for_update(of=("self",), no_key=True).get(pk=agency.pk)
        if agency.trial_until == until:
            return
        agency.trial_until = until
        with refused_by(Agency):
            agency.save(update_fields=["trial_until"])
        audit.record("agency.trial", by=by, target=agency.code, until=str(until or ""))
