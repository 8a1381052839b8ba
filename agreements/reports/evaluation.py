"""The evaluation sheet: what was measured at each agency, what was found, and what is still owed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.enums import Indicator
from agreements.indicators import MEASURES, Figure, in_percent, percent, shown
from agreements.measuring import measure
from agreements.models import EvaluationSheet, Finding, WorkItem
from agreements.reports.paper import Cell, Column, Fact, Paper, Scope, Section, Table
from mpp.core import clock
from tenants.models import Agency

Figures = Mapping[Indicator, Figure]


def build(scope: Scope) -> Paper:
    """Return the sheet of one agency, or a sheet for each agency that owed or gave something."""
    agencies = [scope.agency] if scope.agency else list(Agency.objects.all())
    measured = measure(agencies, scope.starts_on, scope.ends_on, at=clock.now())
    sheets = _sheets(agencies, scope)
    # What was signed is printed as it was signed.
    measured |= {key: _signed(sheet) for key, sheet in sheets.items() if sheet.approved_at}
    shown_ones = agencies if scope.agency else [row for row in agencies if row.pk in measured]
    sections = [
        _indicators(
            agency, measured.get(agency.pk, {}), sheets.get(agency.pk), alone=scope.agency is not None
        )
        for agency in shown_ones
    ]
    findings = Finding.objects.filter(agency__in=agencies, found_on__range=(scope.starts_on, scope.ends_on))
    work = WorkItem.objects.filter(agency__in=agencies).late(scope.today)
    sections += [_findings(findings), _late(work, scope)]
    return Paper(
        title=_("Lembar Evaluasi Instansi"),
        about=_("Dihitung portal dari nomor, sesi loket, dan janji pada masa ini."),
        facts=[
            *(_of_one(measured.get(scope.agency.pk, {})) if scope.agency else _of_all(shown_ones)),
            Fact(str(findings.unsettled().count()), _("temuan belum ditutup")),
            Fact(str(work.count()), _("butir lewat tenggat")),
        ],
        sections=sections,
        # One sheet fits a page that stands; many have wide tables of findings below them.
        is_wide=scope.agency is None,
    )


def _of_all(agencies: Collection[Agency]) -> list[Fact]:
    return [Fact(str(len(agencies)), _("instansi dinilai"))]


def _of_one(figures: Figures) -> list[Fact]:
    """Return the figures that say most of one agency."""
    found = []
    for code, label in ((Indicator.OFFICER_HOURS, _("jam petugas")), (Indicator.SERVED, _("dilayani"))):
        figure = figures.get(code)
        share = percent(code, figure.value, figure.compared) if figure else None
        found.append(Fact("–" if share is None else in_percent(share), label))
    return found


def _sheets(agencies: Collection[Agency], scope: Scope) -> dict[int, EvaluationSheet]:
    """Return the evaluation sheets of exactly this span, by agency."""
    rows = EvaluationSheet.objects.filter(
        agency__in=agencies, period__starts_on=scope.starts_on, period__ends_on=scope.ends_on
    )
    return {sheet.agency_id: sheet for sheet in rows.prefetch_related("figures")}


def _signed(sheet: EvaluationSheet) -> dict[Indicator, Figure]:
    return {Indicator(row.code): Figure(row.value, row.compared, row.cases) for row in sheet.figures.all()}


def _standing(sheet: EvaluationSheet | None) -> str:
    """Return who has signed the sheet and what was said to its figures; empty without a sheet."""
    if sheet is None:
        return ""
    signed = _("Belum disahkan.")
    if sheet.approved_at:
        signed = _("Disahkan %(day)s oleh %(name)s, %(office)s. Angka sesuai saat disahkan.") % {
            "day": date_format(clock.local(sheet.approved_at), "j F Y"),
            "name": sheet.evaluator,
            "office": sheet.office,
        }
    return f"{signed}\n{sheet.remarks}".strip()


def _indicators(agency: Agency, figures: Figures, sheet: EvaluationSheet | None, *, alone: bool) -> Section:
    columns = [
        Column(_("Indikator"), width=4),
        Column(_("Nilai"), width=2),
        Column(_("Dibanding"), width=3),
        Column(_("Bagian"), "bar", width=3),
        Column(_("Cara menghitung"), width=7),
    ]
    cells = [_indicator(code, figures[code]) for code in Indicator if code in figures]
    title = _("Indikator") if alone else agency.short_name
    table = Table(columns, cells, none=_("Belum ada yang dapat dihitung pada masa ini."))
    return Section(title, table, text=_standing(sheet))


def _indicator(code: Indicator, figure: Figure) -> list[Cell]:
    how = MEASURES[code]
    share = percent(code, figure.value, figure.compared)
    return [
        str(code.label),
        f"{shown(figure.value)} {how.unit}",
        f"{shown(figure.compared)} {how.against}",
        None if share is None else int(share),
        str(how.source),
    ]


def _findings(rows: QuerySet[Finding]) -> Section:
    columns = [
        Column(_("Instansi"), width=2),
        Column(_("Ditemukan"), "date"),
        Column(_("Jenis")),
        Column(_("Yang ditemukan"), width=4),
        Column(_("Langkah perbaikan"), width=4),
        Column(_("Batas waktu"), "date"),
        Column(_("Keadaan")),
    ]
    cells: list[list[Cell]] = [
        [
            row.agency.short_name,
            row.found_on,
            row.get_kind_display(),
            row.what,
            row.step,
            row.due_on,
            row.get_state_display(),
        ]
        for row in rows.select_related("agency").order_by("agency__short_name", "found_on")
    ]
    return Section(_("Temuan"), Table(columns, cells, none=_("Tidak ada temuan pada masa ini.")))


def _late(rows: QuerySet[WorkItem], scope: Scope) -> Section:
    columns = [
        Column(_("Instansi"), width=2),
        Column(_("Yang dikerjakan"), width=5),
        Column(_("Tenggat"), "date"),
        Column(_("Terlambat (hari)"), "number"),
        Column(_("Kemajuan"), "bar"),
    ]
    cells: list[list[Cell]] = [
        [row.agency.short_name, row.title, row.due_on, (scope.today - row.due_on).days, row.progress]
        for row in rows.select_related("agency").order_by("agency__short_name", "due_on")
    ]
    return Section(
        _("Rencana kerja yang lewat tenggat"), Table(columns, cells, none=_("Tidak ada yang lewat."))
    )
