"""How far the mall is: for the ministry, the province and the region's own leadership (R001-8, R003-11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from agreements.deadlines import against, words
from agreements.enums import CARRYING, SIGNED_STATES
from agreements.milestones import events
from agreements.models import Instrument, Letter, Meeting, Milestone, WorkItem
from agreements.reports.paper import Cell, Column, Fact, Paper, Scope, Section, Table
from agreements.timeline import draw
from tenants.enums import SERVING, AgencyKind
from tenants.models import Agency


def build(scope: Scope) -> Paper:
    """Return the report of progress, of one agency or of the whole mall."""
    agencies = Agency.objects.all() if scope.agency is None else Agency.objects.filter(pk=scope.agency.pk)
    rows = list(agencies)
    signed = _signed()
    sections = [_agencies(rows, signed, scope.today), _late_work(rows, scope.today)]
    if scope.agency is None:
        sections.insert(1, _waiting(rows, signed))
        sections.append(_milestones(scope.today))
    sections += [_letters(scope), _meetings(scope)]
    return Paper(
        title=_("Laporan Kemajuan Persiapan"),
        about=_("Tahapan, naskah kerja sama, dan rencana kerja menurut catatan portal."),
        facts=_facts(rows, signed, scope.today),
        sections=sections,
        is_wide=True,
    )


def _signed() -> dict[int, Instrument]:
    """Return the latest signed instrument that carries each agency, by agency."""
    found = Instrument.objects.filter(kind__in=sorted(CARRYING), state__in=sorted(SIGNED_STATES))
    return {row.agency_id: row for row in found.order_by("signed_on", "pk")}


def _facts(agencies: Sequence[Agency], signed: dict[int, Instrument], today: date) -> list[Fact]:
    external = [agency for agency in agencies if agency.kind != AgencyKind.OPD]
    done = sum(agency.pk in signed for agency in external)
    serving = sum(agency.status in SERVING for agency in agencies)
    tally = WorkItem.objects.filter(agency__in=agencies).tally(today)
    parts = [
        (done, len(external), _("instansi luar sudah tanda tangan")),
        (serving, len(agencies), _("instansi sudah melayani")),
        (tally["done"], tally["all"], _("butir rencana kerja selesai")),
    ]
    of = _("%(part)d dari %(all)d")
    # "0 of 0" says nothing.
    facts = [Fact(of % {"part": part, "all": whole}, label) for part, whole, label in parts if whole]
    return [*facts, Fact(str(tally["late"]), _("butir lewat tenggat"))]


def _milestones(today: date) -> Section:
    rows = Milestone.objects.prefetch_related("moves")
    picture = draw(events(rows), today)
    columns = [
        Column(_("Tahap")),
        Column(_("Peristiwa"), width=4),
        Column(_("Rencana"), "date"),
        Column(_("Terlaksana"), "date"),
        Column(_("Terhadap rencana"), width=3),
        Column(_("Bukti dan sumber"), width=4),
    ]
    cells: list[list[Cell]] = [
        [
            row.get_stage_display(),
            row.title,
            row.planned_on,
            row.actual_on,
            words(against(row.planned_on, row.actual_on, today), has_happened=row.actual_on is not None),
            "; ".join(filter(None, (row.evidence, row.source))),
        ]
        for row in rows
    ]
    drawn = {"picture": picture, "paper": "#ffffff"}
    return Section(
        _("Tahapan mal"),
        Table(columns, cells, none=_("Belum ada tahapan yang dicatat.")),
        picture=render_to_string("admin/agreements/timeline_picture.html", drawn) if picture else "",
    )


def _agencies(agencies: Sequence[Agency], signed: dict[int, Instrument], today: date) -> Section:
    work = {
        row["agency"]: row
        for row in WorkItem.objects.order_by()
        .values("agency")
        .annotate(
            all=Count("pk"),
            done=Count("pk", filter=Q(done_on__isnull=False)),
            late=Count("pk", filter=Q(done_on__isnull=True, due_on__lt=today)),
        )
    }
    columns = [
        Column(_("Instansi"), width=4),
        Column(_("Jenis"), width=3),
        Column(_("Keadaan")),
        Column(_("Naskah"), width=3),
        Column(_("Tanda tangan"), "date"),
        Column(_("Berlaku sampai"), "date"),
        Column(_("Rencana kerja"), "bar"),
        Column(_("Lewat tenggat"), "number"),
    ]
    cells: list[list[Cell]] = []
    for agency in agencies:
        paper, own = signed.get(agency.pk), work.get(agency.pk)
        cells.append(
            [
                agency.name,
                agency.get_kind_display(),
                agency.get_status_display(),
                paper.get_kind_display() if paper else _missing_words(agency),
                paper.signed_on if paper else None,
                paper.effective_to if paper else None,
                round(100 * own["done"] / own["all"]) if own else None,
                own["late"] if own else None,
            ]
        )
    return Section(_("Instansi"), Table(columns, cells, none=_("Belum ada instansi.")))


def _missing_words(agency: Agency) -> str:
    return _("belum") if agency.needs_agreement else _("tidak disyaratkan")


def _waiting(agencies: Sequence[Agency], signed: dict[int, Instrument]) -> Section:
    columns = [Column(_("Instansi"), width=4), Column(_("Keadaan")), Column(_("Naskah terakhir"), width=4)]
    waiting = [agency for agency in agencies if agency.needs_agreement and agency.pk not in signed]
    latest = {row.agency_id: row for row in Instrument.objects.filter(agency__in=waiting).order_by("pk")}
    cells: list[list[Cell]] = [
        [agency.name, agency.get_status_display(), _latest_words(latest.get(agency.pk))] for agency in waiting
    ]
    none = _("Semua instansi luar perangkat daerah sudah tanda tangan.")
    return Section(_("Belum tanda tangan"), Table(columns, cells, none=none))


def _latest_words(instrument: Instrument | None) -> str:
    if instrument is None:
        return _("belum ada naskah")
    return f"{instrument.get_kind_display()}: {instrument.get_state_display()}"


def _late_work(agencies: Sequence[Agency], today: date) -> Section:
    late = WorkItem.objects.filter(agency__in=agencies).late(today).select_related("agency")
    columns = [
        Column(_("Instansi"), width=3),
        Column(_("Yang dikerjakan"), width=5),
        Column(_("Penanggung jawab"), width=3),
        Column(_("Tenggat"), "date"),
        Column(_("Terlambat (hari)"), "number"),
        Column(_("Kemajuan"), "bar"),
    ]
    cells: list[list[Cell]] = [
        [row.agency.short_name, row.title, row.owner, row.due_on, (today - row.due_on).days, row.progress]
        for row in late.order_by("agency__short_name", "due_on")
    ]
    return Section(_("Butir yang lewat tenggat"), Table(columns, cells, none=_("Tidak ada yang lewat.")))


def _letters(scope: Scope) -> Section:
    rows = Letter.objects.filter(date__range=(scope.starts_on, scope.ends_on))
    if scope.agency is not None:
        rows = rows.filter(Q(agency=scope.agency) | Q(instrument__agency=scope.agency))
    columns = [
        Column(_("Tanggal"), "date"),
        Column(_("Arah")),
        Column(_("Nomor"), width=3),
        Column(_("Dari atau kepada"), width=3),
        Column(_("Perihal"), width=5),
    ]
    cells: list[list[Cell]] = [
        [row.date, row.get_direction_display(), row.number, row.counterpart, row.subject]
        for row in rows.order_by("date", "pk")
    ]
    return Section(_("Surat-menyurat"), Table(columns, cells, none=_("Tidak ada surat pada masa ini.")))


def _meetings(scope: Scope) -> Section:
    rows = Meeting.objects.filter(date__range=(scope.starts_on, scope.ends_on))
    if scope.agency is not None:
        rows = rows.filter(Q(agencies=scope.agency) | Q(instruments__agency=scope.agency)).distinct()
    columns = [
        Column(_("Tanggal"), "date"),
        Column(_("Jenis")),
        Column(_("Acara"), width=4),
        Column(_("Tempat"), width=3),
        Column(_("Keputusan"), width=6),
    ]
    cells: list[list[Cell]] = [
        [
            row.date,
            row.get_kind_display(),
            row.title,
            row.place,
            "\n".join(decision.text for decision in row.decisions.all()),
        ]
        for row in rows.prefetch_related("decisions").order_by("date", "pk")
    ]
    return Section(_("Pertemuan"), Table(columns, cells, none=_("Tidak ada pertemuan pada masa ini.")))
