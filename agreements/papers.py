"""Which papers an agency needs by its kind: the rules are rows (Permendagri 22/2020; PP 28/2018)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agreements.enums import InstrumentState
from agreements.models import Instrument, KindRule
from agreements.policy import fits_under
from tenants.enums import AgencyKind
from tenants.models import Agency


def misfits(instrument: Instrument) -> list[str]:
    """Return in words what is wrong with the kind of `instrument` for its agency, or with its parent."""
    gaps = []
    parent = instrument.parent
    is_own_office = instrument.agency.kind == AgencyKind.OPD
    if not fits_under(instrument.kind, parent.kind if parent else None, is_own_office=is_own_office):
        gaps.append(_("naskah induk yang cocok"))
    if not is_usual(instrument):
        words = _("jenis naskah yang cocok untuk %(kind)s (%(kinds)s)")
        gaps.append(
            words % {"kind": instrument.agency.get_kind_display(), "kinds": usual_for(instrument.agency)}
        )
    return gaps


def is_usual(instrument: Instrument) -> bool:
    """Tell whether the rules name this kind of paper for this kind of agency; without rules all are."""
    rules = KindRule.objects.filter(agency_kind=instrument.agency.kind)
    kinds = {rule.kind for rule in rules}
    return not kinds or instrument.kind in kinds or instrument.parent_id is not None


def usual_for(agency: Agency) -> str:
    """Return the kinds of paper for this agency in one line of words."""
    rules = KindRule.objects.filter(agency_kind=agency.kind)
    return ", ".join(rule.get_kind_display() for rule in rules)


def lacking(agency: Agency) -> list[KindRule]:
    """Return the papers that must be in force before the agency's trial, and are not."""
    held = set(agency.instruments.filter(state=InstrumentState.IN_FORCE).values_list("kind", flat=True))
    rules = KindRule.objects.filter(agency_kind=agency.kind, is_needed=True)
    return [rule for rule in rules if rule.kind not in held]
