"""The rows of the citizen's lists: agencies and services with how they stand now."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from mpp.core import revision
from queueing import availability
from queueing.availability import Availability, Line
from queueing.enums import Channel
from queueing.openness import past_words
from queueing.panels import RowState, row_state
from queueing.roster import roster_at
from services import shelf
from services.models import Service, ServiceStandard
from services.opening import OpeningBook
from tenants.enums import SERVING, AgencyStatus
from tenants.models import Agency

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Absence(NamedTuple):
    """Why an agency does not serve: in few words for a row, in a sentence for its page."""

    note: StrOrPromise
    sentence: StrOrPromise


NOT_SERVING = {
    AgencyStatus.CANDIDATE: Absence(_("Masih calon"), _("Masih calon peserta mal ini.")),
    AgencyStatus.COMMITTED: Absence(
        _("Menyiapkan kerja sama"), _("Sudah bersedia bergabung. Naskah kerja sama sedang disiapkan.")
    ),
    AgencyStatus.PREPARING: Absence(
        _("Menyiapkan layanan"), _("Sedang menyiapkan petugas, ruang, dan jaringan.")
    ),
    AgencyStatus.PAUSED: Absence(_("Berhenti sementara"), _("Berhenti sementara di mal ini.")),
    AgencyStatus.ENDED: Absence(_("Tidak lagi di sini"), _("Tidak lagi melayani di mal ini.")),
}
NO_AGREEMENT = Absence(
    _("Menunggu naskah kerja sama"), _("Naskah kerja sama belum berlaku. Nomor belum dapat diambil.")
)


@dataclass(frozen=True)
class AgencyRow:
    """An agency on the home page."""

    agency: Agency
    prefix: str
    services: int
    state: RowState


@dataclass(frozen=True)
class ServiceRow:
    """A service in a list, with its standard in force."""

    service: Service
    standard: ServiceStandard | None
    prefix: str
    state: RowState


def agency_rows(book: OpeningBook, day: date) -> list[AgencyRow]:
    """Return every agency of the mall for `day`: those that serve first; seven queries in all."""
    instant = revision.read()
    offered = Tally(service.agency_id for service in shelf.public_services(instant))
    lines = first_lines(day)
    rows = [
        _agency_row(agency, book, lines.get(agency.pk), offered[agency.pk], day)
        for agency in roster_at(instant).agencies.values()
        if agency.status != AgencyStatus.ENDED
    ]
    return sorted(rows, key=lambda row: (row.agency.status not in SERVING, row.state.is_off))


def first_lines(day: date) -> dict[int, Line]:
    """Return the first line of each agency, by the agency's key."""
    lines = availability.lines_on(day)
    queues = sorted(roster_at(revision.read()).queues.values(), key=lambda queue: queue.prefix, reverse=True)
    return {queue.agency_id: lines[queue.pk] for queue in queues if queue.pk in lines}


def _agency_row(agency: Agency, book: OpeningBook, line: Line | None, services: int, day: date) -> AgencyRow:
    state = row_state(availability.of_agency(agency, book, line, Channel.ONLINE))
    if absence := absence_of(agency, day):
        state = replace(state, note=str(absence.note))
    return AgencyRow(agency, line.prefix if line else "", services, state)


def service_rows(
    services: Sequence[Service], answers: Mapping[int, Availability] | None = None
) -> list[ServiceRow]:
    """Return rows for `services` (with `agency` joined), in their order; `answers` if they are known."""
    if answers is None:
        answers = availability.of_services(services, channel=Channel.ONLINE)
    instant = revision.read()
    return [
        _service_row(service, shelf.standard_of(service, instant), answers[service.pk])
        for service in services
    ]


def _service_row(service: Service, standard: ServiceStandard | None, answer: Availability) -> ServiceRow:
    return ServiceRow(service, standard, answer.line.prefix if answer.line else "", row_state(answer))


def standard_of(service: Service) -> ServiceStandard | None:
    """Return the standard in force of a service that was read `with_standard`."""
    standards: Iterable[ServiceStandard] = getattr(service, "standard_in_force", ())
    return next(iter(standards), None)


def absence_of(agency: Agency, day: date) -> Absence | None:
    """Return why the agency issues no numbers on `day` (R000-15), or None when it may."""
    past = past_words(agency, day)
    if agency.status not in SERVING:
        found = NOT_SERVING[AgencyStatus(agency.status)]
        is_leaving = agency.status in {AgencyStatus.PAUSED, AgencyStatus.ENDED}
        return Absence(found.note, f"{found.sentence} {past}") if past and is_leaving else found
    if availability.has_agreement(agency, day):
        return None
    return Absence(_("Kerja sama berakhir"), past) if past else NO_AGREEMENT
