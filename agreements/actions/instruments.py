"""The writers of instruments, and of what an agency's agreements mean for its standing in the mall."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import papers, workflow
from agreements.actions import promises
from agreements.enums import CARRYING, InstrumentState
from agreements.models import AgreementRules, Instrument, InstrumentStep
from agreements.policy import carrying_span, ended
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from tenants.actions.agencies import set_agreement
from tenants.enums import SERVING
from tenants.models import Agency

if TYPE_CHECKING:
    from agreements.models import SigningEvent
    from tenants.models import User

SIGNING_FIELDS = ("signed_on", "place", "effective_from", "effective_to", "event")


def push_down(agency: Agency, *, by: User | None = None) -> bool:
    """Write the span in which `agency` has an agreement in force; return whether it changed.

    Numbers go on for the mall's days of grace after it. Without any agreement, an agency that serves
    keeps a span that ended yesterday: its status waits for a person to decide. One that does not serve
    keeps the span that lapsed last, so that people can be told since when.
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
    span = carrying_span(spans, today) or _past_span(agency, today)
    until = _numbers_until(agency, span[1])
    return set_agreement(agency=agency, start=span[0], end=span[1], until=until, by=by)


def _past_span(agency: Agency, today: date) -> tuple[date | None, date | None]:
    """Return the span that is over, of an agency without any agreement in force."""
    if agency.status in SERVING and agency.agreement_from and agency.agreement_to:
        return ended(agency.agreement_from, agency.agreement_to, today)
    lapsed = agency.instruments.filter(
        kind__in=sorted(CARRYING), state=InstrumentState.EXPIRED, effective_to__lt=today
    )
    return lapsed.order_by("-effective_to").values_list("effective_from", "effective_to").first() or (
        None,
        None,
    )


def _numbers_until(agency: Agency, end: date | None) -> date | None:
    """Return the last day of grace after `end`; an agreement that somebody ended early has none."""
    if end is None or agency.instruments.filter(kind__in=sorted(CARRYING), ended_on__gte=end).exists():
        return end
    grace = rules().grace_days
    return date.max if grace is None else end + timedelta(days=grace)


def rules() -> AgreementRules:
    """Return the mall's rules for agreements; those of the portal while nobody has set them."""
    return AgreementRules.objects.filter(pk=1).first() or AgreementRules(pk=1)


def set_state(
    *, instrument: Instrument, state: str, by: User | None = None, reason: str = "", **signing: Any
) -> Instrument:
    """Move `instrument` to `state`, and its agency's standing and promise with it.

    `signing` holds the `SIGNING_FIELDS` for the step that signs: the table has no room for a signature
    before it. Raises `Refusal` (409) when that state cannot follow, or saying what is missing.
    """
    instrument = _move(instrument, state, by, reason, signing)
    # Quotas lock the days of lines, which is an act of its own: after the transaction, never inside.
    promises.follow_today(agency=instrument.agency, by=by)
    return instrument


def _move(
    instrument: Instrument, state: str, by: User | None, reason: str, signing: dict[str, Any]
) -> Instrument:
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
        changed += _take_end(instrument, reason) if state == InstrumentState.TERMINATED else []
        _refuse_incomplete(instrument, state)
        instrument.state, instrument.state_since = state, clock.now()
        with refused_by(Instrument):
            instrument.save(update_fields=["state", "state_since", *changed])
        _note_step(instrument, before, by, reason)
        _move_promise(instrument, by)
        push_down(instrument.agency, by=by)
    return instrument


def _take_signing(instrument: Instrument, signing: dict[str, Any]) -> list[str]:
    changed = [name for name in SIGNING_FIELDS if signing.get(name)]
    for name in changed:
        setattr(instrument, name, signing[name])
    return changed


def _take_end(instrument: Instrument, reason: str) -> list[str]:
    if not reason:
        raise Refusal("reason_needed", _("Tulis alasan mengakhiri naskah ini."), status=400)
    instrument.ended_on, instrument.end_reason = clock.today(), reason
    return ["ended_on", "end_reason"]


def _refuse_incomplete(instrument: Instrument, state: str) -> None:
    if gaps := missing_for(instrument, state):
        words = _("Lengkapi dulu: %(gaps)s.") % {"gaps": ", ".join(gaps)}
        raise Refusal("incomplete", words, missing=gaps)


def _note_step(instrument: Instrument, before: str, by: User | None, reason: str) -> None:
    InstrumentStep.objects.create(
        instrument=instrument,
        before=before,
        after=instrument.state,
        at=instrument.state_since or clock.now(),
        by=by,
        reason=reason,
    )
    after = instrument.state
    audit.record("instrument.state", by=by, target=instrument.code, before=before, after=after, reason=reason)


def note_imported(*, instrument: Instrument, before: str | None, by: User | None = None) -> None:
    """Give an instrument that a file brought its step and the time of its state, and move its promise.

    `before` is its state before the file, None when the file brought it. What was signed long ago has
    stood there since then.
    """
    if before == instrument.state:
        return
    since = _long_since(instrument)
    instrument.state_since = clock.aware(datetime.combine(since, time.min)) if since else clock.now()
    instrument.save(update_fields=["state_since"])
    if before is not None:
        _note_step(instrument, before, by, _("impor"))
        _move_promise(instrument, by)


def _long_since(instrument: Instrument) -> date | None:
    """Return since when an instrument that a file brought has stood in its state, as far as its dates say."""
    if instrument.state in {InstrumentState.SIGNED, InstrumentState.IN_FORCE}:
        return instrument.signed_on
    if instrument.state == InstrumentState.EXPIRED and instrument.effective_to:
        return instrument.effective_to + timedelta(days=1)
    return None


def _move_promise(instrument: Instrument, by: User | None) -> None:
    promise = getattr(instrument, "promise", None)
    if instrument.state == InstrumentState.IN_FORCE and promise is not None:
        promises.enact(promise=promise, by=by)
    if instrument.state == InstrumentState.EXPIRED and instrument.effective_to:
        promises.end(instrument=instrument, last_day=instrument.effective_to)
    if instrument.state == InstrumentState.TERMINATED and instrument.ended_on:
        promises.end(instrument=instrument, last_day=instrument.ended_on)


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
    gaps += papers.misfits(instrument)
    if state != InstrumentState.READY:
        gaps += _missing_signature(instrument)
    return gaps


def _missing_signature(instrument: Instrument) -> list[str]:
    parties = list(instrument.parties.all())
    gaps = [] if instrument.signed_on else [_("tanggal tanda tangan")]
    if not (instrument.effective_from and instrument.effective_to):
        gaps.append(_("masa berlaku"))
    if not all(party.number for party in parties):
        gaps.append(_("nomor naskah tiap pihak"))
    if not all(party.signatory and party.office for party in parties):
        gaps.append(_("nama dan jabatan penanda tangan tiap pihak"))
    return gaps


def refresh_all() -> int:
    """End the instruments whose time is over and push down what follows; return how many agencies changed.

    Safe to run at any time and twice: what has ended already is not looked at.
    """
    today = clock.today()
    over = Instrument.objects.filter(state=InstrumentState.IN_FORCE, effective_to__lt=today)
    for instrument in over.select_related("agency"):
        set_state(instrument=instrument, state=InstrumentState.EXPIRED, reason="effective_to")
    changed = 0
    for agency in Agency.objects.all():
        changed += push_down(agency)
        promises.follow_today(agency=agency)
    return changed


def sign_together(
    *,
    event: SigningEvent,
    instruments: list[Instrument],
    effective_from: date,
    effective_to: date,
    by: User | None = None,
) -> list[Instrument]:
    """Record that all of these were signed at `event` (R000-3): all of them, or none with the list of gaps.

    Each party's own number and signatory stand in the instruments already; date and place are the
    event's. Raises `Refusal` (409) naming each instrument and what it lacks.
    """
    signing = {
        "signed_on": event.held_on,
        "place": event.place,
        "effective_from": effective_from,
        "effective_to": effective_to,
        "event": event,
    }
    refused = []
    with transaction.atomic():
        for instrument in instruments:
            try:
                _move(instrument, InstrumentState.SIGNED, by, event.name, signing)
            except Refusal as refusal:
                refused.append(f"{instrument.title}: {refusal.message}")
        if refused:
            raise Refusal("incomplete", " ".join(refused), missing=refused)
        audit.record("event.sign", by=by, target=event.code, instruments=len(instruments))
    return instruments
