"""The board: every agency on its stage of the road, how long it has stood there, and whose turn it is."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from agreements.checklist import Section, Sections, sections_of_all
from agreements.enums import FindingSource, InstrumentState, RoadStage
from agreements.models import Finding, Instrument, Trial
from agreements.onboarding import LIVING
from agreements.road import AFTER_SIGNATURE, PAPER_STAGES, Turn, paper_kinds, rank, stage_of, turn_of
from mpp.core import clock
from services.models import Service
from tenants.enums import AgencyKind
from tenants.models import Agency

SIGNED = frozenset({InstrumentState.SIGNED, InstrumentState.IN_FORCE})
# On these an agency still has something to do before it serves: a card; elsewhere a line is enough.
QUIET = frozenset({RoadStage.OPERATING, RoadStage.ENDED})


@dataclass(frozen=True)
class Card:
    """One agency on the board."""

    agency: Agency
    stage: RoadStage
    paper: Instrument | None
    days: int | None
    turn: Turn | None
    services: int
    sections: Sections = ()
    trial: Trial | None = None
    trial_day: int = 0
    findings: int = 0

    @property
    def is_external(self) -> bool:
        """Tell whether the agency is not the regency's own."""
        return self.agency.kind != AgencyKind.OPD

    @property
    def is_signed(self) -> bool:
        """Tell whether a carrying paper of the agency is signed and has not ended."""
        return self.paper is not None and self.paper.state in SIGNED

    @property
    def trial_days(self) -> int:
        """Return how many days the trial has been given."""
        return (self.trial.ends_on - self.trial.starts_on).days + 1 if self.trial else 0

    @property
    def is_overdue(self) -> bool:
        """Tell whether the trial is past its last day."""
        return self.trial_day > self.trial_days

    @property
    def lacking(self) -> list[Section]:
        """Return the headings of readiness that still lack something."""
        return [section for section in self.sections if not section.is_complete]


@dataclass(frozen=True)
class Lane:
    """One stage with the agencies that stand there, the longest first."""

    stage: RoadStage
    cards: tuple[Card, ...]
    turn: Turn | None

    @property
    def is_after_signature(self) -> bool:
        """Tell whether it lies beyond the line that the signature draws."""
        return self.stage in AFTER_SIGNATURE

    @property
    def is_quiet(self) -> bool:
        """Tell whether its agencies are a list rather than cards."""
        return self.stage in QUIET


@dataclass(frozen=True)
class Board:
    """The whole board. The figures count every agency, the lanes those that were asked for."""

    cards: tuple[Card, ...]
    lanes: tuple[Lane, ...]

    @property
    def external(self) -> list[Card]:
        """Return the agencies that are not the regency's own (R000-16), without those that have left."""
        return [card for card in self.cards if card.is_external and card.stage != RoadStage.ENDED]

    @property
    def own(self) -> list[Card]:
        """Return the regency's own offices, without those that have left."""
        return [card for card in self.cards if not card.is_external and card.stage != RoadStage.ENDED]

    @property
    def signed(self) -> int:
        """Return how many of the external ones have signed."""
        return sum(card.is_signed for card in self.external)

    @property
    def waiting(self) -> list[Card]:
        """Return the external ones that have not, the nearest to the signature first."""
        unsigned = [card for card in self.external if not card.is_signed]
        return sorted(unsigned, key=lambda card: tuple(RoadStage).index(card.stage), reverse=True)

    @property
    def kinds(self) -> list[tuple[AgencyKind, int]]:
        """Return the kinds of agencies there are, each with its number."""
        tally = Tally(card.agency.kind for card in self.cards)
        return [(kind, tally[kind]) for kind in AgencyKind if tally[kind]]


def board_of(agencies: QuerySet[Agency], *, kind: str = "") -> Board:
    """Return the board of `agencies`, its lanes for one kind of agency only when asked: eight queries.

    `kind` is a kind of agency, or "LUAR" for all but the regency's own.
    """
    rows = list(agencies.order_by("position", "short_name"))
    cards = tuple(_cards(rows, clock.now()))
    shown = [card for card in cards if _is_asked(card, kind)]
    return Board(cards, tuple(_lanes(shown)))


def _is_asked(card: Card, kind: str) -> bool:
    return not kind or (card.is_external if kind == "LUAR" else card.agency.kind == kind)


def _lanes(cards: Iterable[Card]) -> Iterable[Lane]:
    by_stage: dict[RoadStage, list[Card]] = defaultdict(list)
    for card in cards:
        by_stage[card.stage].append(card)
    for stage in RoadStage:
        standing = by_stage[stage]
        if stage not in QUIET:
            standing.sort(key=lambda card: card.days or 0, reverse=True)
        yield Lane(stage, tuple(standing), turn_of(stage))


def _cards(agencies: list[Agency], now: datetime) -> Iterable[Card]:
    today = clock.local(now).date()
    papers, trials, findings = best_papers(agencies), _open_trials(agencies), _trial_findings(agencies)
    services = _public_services(today)
    stages = {agency.pk: stage_by(agency, papers.get(agency.pk)) for agency in agencies}
    sections = sections_of_all([one for one in agencies if stages[one.pk] == RoadStage.PREPARING])
    for agency in agencies:
        stage, paper, trial = stages[agency.pk], papers.get(agency.pk), trials.get(agency.pk)
        yield Card(
            agency=agency,
            stage=stage,
            paper=paper,
            days=(today - clock.local(since).date()).days
            if (since := since_of(agency, paper, stage))
            else None,
            turn=turn_of(stage, paper.kind if paper else ""),
            services=services.get(agency.pk, 0),
            sections=sections.get(agency.pk, ()),
            trial=trial,
            trial_day=(today - trial.starts_on).days + 1 if trial else 0,
            findings=findings.get(agency.pk, 0),
        )


def stage_by(agency: Agency, paper: Instrument | None) -> RoadStage:
    """Return the stage of `agency`, whose most advanced carrying paper is `paper`."""
    state = paper.state if paper else None
    return stage_of(agency.status, state, needs_agreement=agency.needs_agreement)


def since_of(agency: Agency, paper: Instrument | None, stage: RoadStage) -> datetime | None:
    """Return since when the agency has stood there: since its paper's last step, or its own."""
    step = paper.state_since if paper else None
    if stage in PAPER_STAGES:
        return step
    if stage == RoadStage.PREPARING and step:
        return max(step, agency.status_since)
    return agency.status_since


def best_papers(agencies: Iterable[Agency]) -> dict[int, Instrument]:
    """Return the most advanced living carrying paper of each agency that has one: one query."""
    kinds = {agency.pk: paper_kinds(agency.kind) for agency in agencies}
    rows = Instrument.objects.filter(agency__in=kinds, state__in=LIVING).order_by("effective_to", "pk")
    best: dict[int, Instrument] = {}
    for paper in rows:
        if paper.kind in kinds[paper.agency_id]:
            known = best.get(paper.agency_id)
            if known is None or rank(paper.state) >= rank(known.state):
                best[paper.agency_id] = paper
    return best


def _open_trials(agencies: Iterable[Agency]) -> dict[int, Trial]:
    rows = Trial.objects.open().filter(agency__in=[agency.pk for agency in agencies])
    return {trial.agency_id: trial for trial in rows}


def _trial_findings(agencies: Iterable[Agency]) -> Mapping[int, int]:
    rows = Finding.objects.unsettled().filter(agency__in=[agency.pk for agency in agencies])
    found = rows.filter(source=FindingSource.TRIAL).order_by().values_list("agency").annotate(Count("pk"))
    return dict(found)


def _public_services(today: date) -> Mapping[int, int]:
    rows = Service.objects.public(today).order_by().values_list("agency").annotate(Count("pk"))
    return dict(rows)
