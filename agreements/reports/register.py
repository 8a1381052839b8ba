"""The register of agreements: every instrument with the number of each party."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.enums import InstrumentState
from agreements.models import Instrument
from agreements.reports.paper import Cell, Column, Fact, Paper, Scope, Section, Table

SOON_DAYS = 90


def build(scope: Scope) -> Paper:
    """Return the register: what was in force, or being made, at some time of the period."""
    rows = Instrument.objects.filter(
        Q(effective_from__isnull=True) | Q(effective_from__lte=scope.ends_on),
        Q(effective_to__isnull=True) | Q(effective_to__gte=scope.starts_on),
    )
    if scope.agency is not None:
        rows = rows.filter(agency=scope.agency)
    found = list(rows.select_related("agency").prefetch_related("parties").order_by("agency__name", "pk"))
    return Paper(
        title=_("Daftar Naskah Kerja Sama"),
        about=_("Naskah yang berlaku atau disusun pada masa ini, dengan nomor dari tiap pihak."),
        facts=_facts(found, scope.today),
        sections=[Section(_("Naskah"), _table(found, scope.today))],
        is_wide=True,
    )


def _facts(found: list[Instrument], today: date) -> list[Fact]:
    tally = Counter(row.state for row in found)
    soon = sum(
        row.state == InstrumentState.IN_FORCE
        and row.effective_to is not None
        and (row.effective_to - today).days <= SOON_DAYS
        for row in found
    )
    return [
        Fact(str(len(found)), _("naskah")),
        Fact(str(tally[InstrumentState.IN_FORCE]), _("berlaku")),
        Fact(str(soon), _("berakhir dalam %(days)d hari") % {"days": SOON_DAYS}),
        Fact(str(tally[InstrumentState.EXPIRED] + tally[InstrumentState.TERMINATED]), _("sudah berakhir")),
    ]


def _table(found: list[Instrument], today: date) -> Table:
    columns = [
        Column(_("Instansi"), width=3),
        Column(_("Jenis")),
        Column(_("Judul"), width=4),
        Column(_("Nomor tiap pihak"), width=5),
        Column(_("Tanda tangan"), "date"),
        Column(_("Berlaku sejak"), "date"),
        Column(_("Berlaku sampai"), "date"),
        Column(_("Sisa hari"), "number", width=1),
        Column(_("Keadaan")),
    ]
    cells: list[list[Cell]] = [
        [
            row.agency.short_name,
            row.get_kind_display(),
            row.title,
            "\n".join(f"{party.party}: {party.number or '–'}" for party in row.parties.all()),
            row.signed_on,
            row.effective_from,
            row.effective_to,
            _days_left(row, today),
            row.get_state_display(),
        ]
        for row in found
    ]
    return Table(columns, cells, none=_("Tidak ada naskah pada masa ini."))


def _days_left(row: Instrument, today: date) -> int | None:
    if row.state != InstrumentState.IN_FORCE or row.effective_to is None:
        return None
    return (row.effective_to - today).days
