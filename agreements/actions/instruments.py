"""The writers of instruments, and of what an agency's agreements mean for its standing in the mall."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import workflow
from agreements.enums import CARRYING, InstrumentState
from agreements.models import Instrument
from agreements.policy import carrying_span, ended, fits_under
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from tenants.actions.agencies import set_agreement
from tenants.enums import SERVING
from tenants.models import Agency

if TYPE_CHECKING:
    from tenants.models import User

SIGNING_FIELDS = ("signed_on", "place", "effective_from", "effective_to")


def push_down(agency: Agency, *, by: User | None = None) -> bool:
    """Write the span in which `agency` has an agreement in force; return whether it changed.

    Without any, an agency that serves keeps a span that ended yesterday: it issues no more numbers,
    and its status waits for a person to decide.
    """
    today = clock.today()
    agency = Agency.objects.get(pk=agency.pk)
    in_force = agency.instruments.filter(
        kind__in=sorted(CARRYING),
        state=InstrumentState.IN_FORCE,
        effective_from__isnull=False,
        effective_to__isnull=False,
    )
    pairs = in_force.order_by().values_list("effective_from", "effective_to")
    spans = [(start, end) for start, end in pairs if start and end]
    span: tuple[date | None, date | None] = carrying_span(spans, today) or (None, None)
    if span == (None, None) and agency.status in SERVING and agency.agreement_from and agency.agreement_to:
        span = ended(agency.agreement_from, agency.agreement_to, today)
    return set_agreement(agency=agency, start=span[0], end=span[1], by=by)


def set_state(
    *, instrument: Instrument, state: str, by: User | None = None, reason: str = "", **signing: Any
) -> Instrument:
    """Move `instrument` to `state`, and its agency's standing with it.

    `signing` holds signed_on, place, effective_from and effective_to, for the step that signs: the
    table has no room for a signature before it. Raises `Refusal` (409) when that state cannot
    follow, or saying what is missing.
    """
    with transaction.atomic():
        instrument = Instrument.objects.select_for_update(of=("self",), no_key=True).get(pk=instrument.pk)
        before = InstrumentState(instrument.state)
        if state == before:
            return instrument
        if state not in workflow.targets(before):
            raise Refusal(
                "illegal_transition",
                _("Naskah “%(before)s” tidak bisa langsung menjadi “%(after)s”.")
                % {"before": before.label, "after": dict(InstrumentState.choices).get(state, state)},
            )
        changed = _take_signing(instrument, signing) if state == InstrumentState.SIGNED else []
        _refuse_incomplete(instrument, state)
        instrument.state = state
        with refused_by(Instrument):
            instrument.save(update_fields=["state", *changed])
        push_down(instrument.agency, by=by)
        audit.record(
            "instrument.state", by=by, target=instrument.code, before=before, after=state, reason=reason
        )
    return instrument


def _take_signing(instrument: Instrument, signing: dict[str, Any]) -> list[str]:
    changed = [name for name in SIGNING_FIELDS if signing.get(name)]
    for name in changed:
        setattr(instrument, name, signing[name])
    return changed


def _refuse_incomplete(instrument: Instrument, state: str) -> None:
    if gaps := missing_for(instrument, state):
        words = _("Lengkapi dulu: %(gaps)s.") % {"gaps": ", ".join(gaps)}
        raise Refusal("incomplete", words, missing=gaps)


def missing_for(instrument: Instrument, state: str) -> list[str]:
    """Return what the instrument still lacks for `state`, in words; a checklist before the button."""
    if state == InstrumentState.EXPIRED:
        to_come = instrument.effective_to is None or instrument.effective_to >= clock.today()
        return [_("masa berlaku yang sudah lewat")] if to_come else []
    if state not in {InstrumentState.READY, InstrumentState.SIGNED, InstrumentState.IN_FORCE}:
        return []
    parties = list(instrument.parties.all())
    gaps = [] if instrument.scope else [_("ruang lingkup")]
    if len(parties) < 2:
        gaps.append(_("sedikitnya dua pihak"))
    if not fits_under(instrument.kind, instrument.parent.kind if instrument.parent else None):
        gaps.append(_("naskah induk yang cocok"))
    if state != InstrumentState.READY:
        gaps += _missing_signature(instrument, [party.number for party in parties])
    return gaps


def _missing_signature(instrument: Instrument, numbers: list[str]) -> list[str]:
    gaps = [] if instrument.signed_on else [_("tanggal tanda tangan")]
    if not (instrument.effective_from and instrument.effective_to):
        gaps.append(_("masa berlaku"))
    if not all(numbers):
        gaps.append(_("nomor naskah tiap pihak"))
    return gaps


def refresh_all() -> int:
    """End the instruments whose time is over and push down what follows; return how many agencies changed.

    Safe to run at any time and twice: what has ended already is not looked at.
    """
    today = clock.today()
    over = Instrument.objects.filter(state=InstrumentState.IN_FORCE, effective_to__lt=today)
    for instrument in over.select_related("agency"):
        set_state(instrument=instrument, state=InstrumentState.EXPIRED, reason="effective_to")
    return sum(push_down(agency) for agency in Agency.objects.all())
