"""An agency as far as its trial, step by step: plain functions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps

from agreements import actions
from agreements.enums import InstrumentKind
from agreements.models import KindRule, ReadinessCriterion
from tenants.enums import AgencyKind, AgencyStatus, OwnerLevel, Role
from tenants.models import Agency, User
from tests import factories as make
from tests.admin.conftest import make_instrument


def make_terms() -> None:
    """Bring back what migrations wrote: tests that commit take it away when they empty the tables."""
    rules = import_module("agreements.migrations.0004_rules_by_kind").RULES
    KindRule.objects.bulk_create(
        [
            KindRule(agency_kind=agency_kind, kind=kind, role=role, is_needed=is_needed, source=source)
            for agency_kind, papers in rules.items()
            for kind, role, is_needed, source in papers
        ],
        ignore_conflicts=True,
    )
    if not ReadinessCriterion.objects.exists():
        import_module("agreements.migrations.0009_readiness_criteria").write(apps, None)


def make_criterion(code: str = "UJI-1", **fields: Any) -> ReadinessCriterion:
    """One criterion; whatever a migration has written is there too."""
    make_terms()
    values: dict[str, Any] = {"heading": "SDM", "text": f"Syarat {code}", "proof": "Surat"} | fields
    return ReadinessCriterion.objects.update_or_create(code=code, defaults=values)[0]


def only(*criteria: ReadinessCriterion) -> None:
    """Ask nothing but these of agencies."""
    ReadinessCriterion.objects.exclude(pk__in=[one.pk for one in criteria]).update(is_active=False)


def make_bank(**fields: Any) -> Agency:
    """An agency that needs an agreement and has nothing yet."""
    make_terms()
    values: dict[str, Any] = {
        "code": "BNK",
        "slug": "bank",
        "short_name": "Bank Uji",
        "summary": "Tabungan",
        "zone": make.make_zone(),
        "kind": AgencyKind.BUMD,
        "owner_level": OwnerLevel.PROVINCE,
        "status": AgencyStatus.PREPARING,
    } | fields
    return make.make_agency(**values)


def sign(agency: Agency, **fields: Any) -> None:
    """Put the umbrella and the PKS under it in force."""
    parent = make_instrument(agency, **fields)
    make_instrument(agency, code=f"PKS-{agency.code}", kind=InstrumentKind.PKS, parent=parent, **fields)
    actions.push_down(agency)


def equip(agency: Agency) -> None:
    """Give it a service in a line, a counter and an officer."""
    make.make_queue(make.make_service(agency))
    make.make_counter(agency)
    make.make_user(agency=agency)


def verify_all(agency: Agency, claimer: User | None = None, verifier: User | None = None) -> None:
    """Claim and verify whatever is asked of the agency."""
    claimer = claimer or make.make_user(Role.ADMIN)
    verifier = verifier or make.make_user(Role.ADMIN)
    for criterion in ReadinessCriterion.objects.asked_of(agency.kind):
        actions.claim(agency=agency, criterion=criterion, evidence="Surat 1/2026", by=claimer)
        actions.verify(agency=agency, criterion=criterion, by=verifier)


def make_ready(**fields: Any) -> Agency:
    """A bank that may begin its trial."""
    agency = make_bank(**fields)
    sign(agency)
    equip(agency)
    verify_all(agency)
    return Agency.objects.get(pk=agency.pk)
