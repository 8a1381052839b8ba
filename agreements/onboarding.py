"""The way of one agency into the mall: what each step still lacks, in words, and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.checklist import Sections, sections_of
from agreements.enums import FindingSource, InstrumentKind, InstrumentState, StepKey
from agreements.models import Instrument, KindRule, Trial
from agreements.road import paper_kinds, rank
from mpp.core import clock
from queueing.models import Queue, Ticket
from services.enums import StandardStatus
from services.models import OpeningHours, Service
from tenants.enums import SERVING, AgencyStatus
from tenants.models import Agency

LIVING = (
    InstrumentState.DRAFT,
    InstrumentState.REVIEW,
    InstrumentState.READY,
    InstrumentState.SIGNED,
    InstrumentState.IN_FORCE,
)
# Of several papers that would do, the one to make.
FIRST_PAPERS = (InstrumentKind.SURAT_PENUGASAN, InstrumentKind.KESEPAKATAN_BERSAMA, *InstrumentKind)
# So many services are named one by one; the others are counted.
NAMED = 3


@dataclass(frozen=True)
class Gap:
    """Something that lacks.

    `fix` names what mends it, `key` the row to mend, `kind` the kind of paper to make. One that does not
    block is worth mending, but the trial may begin without it.
    """

    words: str
    fix: str
    key: int | None = None
    kind: str = ""
    blocks: bool = True


@dataclass(frozen=True)
class Step:
    """One step: what stands, and what lacks."""

    key: StepKey
    facts: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_done(self) -> bool:
        """Tell whether nothing in it holds up the trial."""
        return not any(gap.blocks for gap in self.gaps)


@dataclass(frozen=True)
class WayIn:
    """An agency with all its steps."""

    agency: Agency
    steps: tuple[Step, ...]
    sections: Sections
    trial: Trial | None

    @property
    def done(self) -> int:
        """Return how many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        """Return the first step that lacks something."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def before_trial(self) -> list[str]:
        """Return in words what must be mended before the trial; empty when it may begin."""
        return [
            gap.words for step in self.steps if step.key != StepKey.TRIAL for gap in step.gaps if gap.blocks
        ]

    @property
    def may_begin(self) -> bool:
        """Tell whether the trial can begin now."""
        return self.agency.status not in SERVING and not self.before_trial


def way_in(agency: Agency) -> WayIn:
    """Return the way of `agency` into the mall as it stands today."""
    today = clock.today()
    sections = sections_of(agency)
    trial = agency.trials.filter(ended_at__isnull=True).first()
    makers: tuple[tuple[StepKey, Callable[[Agency, date], tuple[list[str], list[Gap]]]], ...] = (
        (StepKey.AGENCY, _agency),
        (StepKey.INSTRUMENT, _instrument),
        (StepKey.SCHEDULE, _schedule),
        (StepKey.SERVICES, _services),
        (StepKey.COUNTERS, _counters),
        (StepKey.PEOPLE, _people),
        (StepKey.READINESS, lambda _agency, _today: _readiness(sections)),
        (StepKey.TRIAL, lambda agency, today: _trial(agency, trial, today)),
    )
    found = ((key, make(agency, today)) for key, make in makers)
    steps = tuple(Step(key, tuple(facts), tuple(gaps)) for key, (facts, gaps) in found)
    return WayIn(agency, steps, sections, trial)


def missing_for_trial(agency: Agency) -> list[str]:
    """Return in words what `agency` still lacks for its trial; empty when it may begin."""
    return way_in(agency).before_trial


Found = tuple[list[str], list[Gap]]


def _agency(agency: Agency, today: date) -> Found:
    facts = [f"{agency.name}, {agency.get_kind_display()}"]
    gaps = []
    if agency.status == AgencyStatus.CANDIDATE:
        gaps.append(Gap(_("Kesediaan instansi belum dicatat."), "willing"))
    if agency.status == AgencyStatus.ENDED:
        gaps.append(Gap(_("Instansi sudah berakhir. Catat lagi sebagai calon."), "status"))
    if agency.zone is None:
        gaps.append(Gap(_("Zona di gedung belum dipilih."), "agency", blocks=False))
    if not agency.summary:
        gaps.append(Gap(_("Ringkasan untuk warga belum ditulis."), "agency", blocks=False))
    return facts, gaps


def _instrument(agency: Agency, today: date) -> Found:
    kinds = paper_kinds(agency.kind)
    papers = list(agency.instruments.filter(state__in=LIVING).order_by("effective_from", "pk"))
    in_force = [paper for paper in papers if _holds(paper, today)]
    facts = [
        _("%(title)s, sampai %(until)s")
        % {"title": paper.title, "until": date_format(paper.effective_to, "j F Y")}
        for paper in in_force
        if paper.effective_to
    ]
    held = {paper.kind for paper in in_force}
    rules = KindRule.objects.filter(agency_kind=agency.kind, is_needed=True).order_by("-role")
    wanted: list[Collection[str]] = [{rule.kind} for rule in rules if rule.kind not in held]
    if not held & kinds and not wanted:
        wanted = [kinds]
    return facts, [_paper_gap(papers, kinds, today) for kinds in wanted]


def _holds(paper: Instrument, today: date) -> bool:
    start, end = paper.effective_from, paper.effective_to
    in_force = paper.state == InstrumentState.IN_FORCE
    return bool(in_force and start and end and start <= today <= end)


def _is_past(paper: Instrument, today: date) -> bool:
    return paper.effective_to is not None and paper.effective_to < today


def _paper_gap(papers: list[Instrument], kinds: Collection[str], today: date) -> Gap:
    """Return what lacks of a paper of any of these kinds: all of it, its next state, or its first day."""
    found = [paper for paper in papers if paper.kind in kinds]
    best = max(found, key=lambda paper: (rank(paper.state), not _is_past(paper, today)), default=None)
    if best is None:
        first = next(kind for kind in FIRST_PAPERS if kind in kinds)
        return Gap(_("%(kind)s belum ada.") % {"kind": first.label.capitalize()}, "new_paper", kind=first)
    if best.state != InstrumentState.IN_FORCE:
        words = _("“%(title)s” baru sampai: %(state)s.")
        return Gap(words % {"title": best.title, "state": best.get_state_display()}, "paper", key=best.pk)
    start, end = best.effective_from, best.effective_to
    if start and start > today:
        words = _("“%(title)s” baru berlaku sejak %(day)s.")
        return Gap(words % {"title": best.title, "day": date_format(start, "j F Y")}, "paper", key=best.pk)
    words = _("“%(title)s” sudah lewat masa berlakunya, %(day)s.")
    day = date_format(end, "j F Y") if end else "–"
    return Gap(words % {"title": best.title, "day": day}, "paper", key=best.pk)


def _schedule(agency: Agency, today: date) -> Found:
    facts, gaps = _promised(agency, today)
    rows = OpeningHours.objects.during(today, date.max).filter(service=None)
    if rows.filter(agency=agency).exists():
        return [*facts, _("Instansi punya jam bukanya sendiri.")], gaps
    if rows.filter(agency=None).exists():
        return [*facts, _("Mengikuti jam buka mal.")], gaps
    return facts, [Gap(_("Jam buka mal dan instansi belum diisi."), "hours"), *gaps]


def _promised(agency: Agency, today: date) -> Found:
    """Return what stands of the agency's promise: it comes into force with its paper, or by an addendum."""
    promises = agency.promises.order_by("-version")
    if promise := promises.in_force_on(today).first():
        since = {"version": promise.version, "day": date_format(promise.valid_from, "j F Y")}
        return [_("Janji versi %(version)d, sejak %(day)s.") % since], []
    if promise := promises.filter(enacted_at=None).first():
        return [_("Janji versi %(version)d berlaku bersama naskahnya.") % {"version": promise.version}], []
    papers = agency.instruments.filter(state__in=LIVING)
    paper = papers.exclude(state=InstrumentState.IN_FORCE).order_by("-parent", "pk").first()
    words = _("Jadwal kehadirannya belum dijanjikan.")
    if paper is not None:
        return [], [Gap(words, "new_promise", key=paper.pk, blocks=False)]
    if papers.exists():
        return [], [Gap(words, "new_paper", kind=InstrumentKind.ADDENDUM, blocks=False)]
    return [], []


def _services(agency: Agency, today: date) -> Found:
    services = list(agency.services.defer("search").order_by("position", "name"))
    if not services:
        return [], [Gap(_("Belum ada layanan."), "new_service")]
    public = set(agency.services.public(today).values_list("pk", flat=True))
    facts = [
        _("%(shown)d dari %(all)d layanan tampil untuk warga.") % {"shown": len(public), "all": len(services)}
    ]
    hidden = [service for service in services if service.pk not in public]
    gaps = [_hidden(service, blocks=not public) for service in hidden[:NAMED]]
    if public and not _lines(agency).filter(services__in=public).exists():
        gaps.append(Gap(_("Layanannya belum masuk antrean."), "new_queue"))
    return facts, gaps


def _lines(agency: Agency) -> QuerySet[Queue]:
    return Queue.objects.active().filter(agency=agency)


def _hidden(service: Service, *, blocks: bool) -> Gap:
    name = {"name": service.name}
    if not service.is_published:
        return Gap(_("“%(name)s” belum ditampilkan.") % name, "service", key=service.pk, blocks=blocks)
    draft = service.standards.filter(status=StandardStatus.DRAFT).first()
    words = _("Standar pelayanan “%(name)s” belum terbit.") % name
    if draft:
        return Gap(words, "standard", key=draft.pk, blocks=blocks)
    return Gap(words, "new_standard", key=service.pk, blocks=blocks)


def _counters(agency: Agency, today: date) -> Found:
    duties = agency.duties.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), counter__is_active=True)
    names = sorted({str(duty.counter) for duty in duties.select_related("counter")})
    if not names:
        return [], [Gap(_("Belum ada loket untuk instansi ini."), "new_duty")]
    return [", ".join(names)], []


def _people(agency: Agency, today: date) -> Found:
    placed = agency.placements.on(today).filter(user__is_active=True).select_related("user")
    if not placed:
        return [], [Gap(_("Belum ada petugas yang ditempatkan."), "new_placement")]
    facts = [", ".join(str(placement.user) for placement in placed)]
    gaps = [
        Gap(
            _("Nomor surat tugas %(name)s belum diisi.") % {"name": placement.user},
            "placement",
            key=placement.pk,
            blocks=False,
        )
        for placement in placed
        if not placement.letter_number
    ]
    return facts, gaps[:NAMED]


def _readiness(sections: Sections) -> Found:
    facts = [
        f"{capfirst(section.heading.label)} {section.verified}/{len(section.items)}" for section in sections
    ]
    gaps = []
    for section in sections:
        if lacking := len(section.lacking):
            words = ngettext(
                "%(heading)s: %(count)d syarat wajib belum terverifikasi.",
                "%(heading)s: %(count)d syarat wajib belum terverifikasi.",
                lacking,
            )
            heading = capfirst(section.heading.label)
            gaps.append(Gap(words % {"heading": heading, "count": lacking}, "readiness"))
    return [" · ".join(facts)] if facts else [], gaps


def _trial(agency: Agency, trial: Trial | None, today: date) -> Found:
    if agency.status == AgencyStatus.OPERATING:
        return [_("Sudah operasional.")], []
    if agency.status != AgencyStatus.TRIAL:
        if trial is not None:
            planned = _("Direncanakan mulai %(day)s. Kesiapannya diperiksa lagi hari itu.")
            return [], [Gap(planned % {"day": date_format(trial.starts_on, "j F Y")}, "plan")]
        return [], [Gap(_("Uji coba belum dimulai."), "start")]
    facts = []
    if trial is not None and trial.ends_on >= today:
        facts.append(_("Berjalan sampai %(day)s.") % {"day": date_format(trial.ends_on, "j F Y")})
    if found := agency.findings.unsettled().filter(source=FindingSource.TRIAL).count():
        words = ngettext(
            "%(count)d temuan uji coba belum selesai.", "%(count)d temuan uji coba belum selesai.", found
        )
        facts.append(words % {"count": found})
    note = Gap(_("Yang kurang selama uji coba dicatat sebagai temuan."), "new_finding", blocks=False)
    return facts, [_undecided(trial, today), note]


def _undecided(trial: Trial | None, today: date) -> Gap:
    if trial is None:
        return Gap(_("Batas waktu uji cobanya tidak dicatat."), "status", blocks=False)
    if trial.ends_on < today:
        late = _("Uji coba lewat %(day)s. Putuskan hasilnya.")
        return Gap(late % {"day": date_format(trial.ends_on, "j F Y")}, "decide", blocks=False)
    return Gap(_("Hasilnya belum diputuskan."), "decide", blocks=False)


def first_served(agency: Agency) -> Ticket | None:
    """Return the first number that `agency` has served, or None."""
    served = Ticket.objects.filter(service__agency=agency, started_at__isnull=False)
    return served.select_related("queue_day").order_by("started_at").first()


def first_service(agency: Agency) -> Service | None:
    """Return the first service for which a number can be taken, or None."""
    public = agency.services.public(clock.today()).defer("search")
    return public.filter(queues__in=_lines(agency)).order_by("position", "name").first()
