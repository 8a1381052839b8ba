"""Finding out: the home page, services, agencies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mpp.core import clock, mall, pictures, revision
from mpp.core.errors import NotFound, Refusal
from mpp.core.net import public_address
from mpp.core.templatetags.mpp import zone_suffix
from queueing import announcements, availability, booking_holding, bookings, directory, live, structured
from queueing.availability import Availability
from queueing.desks import desks_of, places_of, places_on, staffing_of
from queueing.enums import Channel
from queueing.forms import BrowseForm
from queueing.holding import held_tickets
from queueing.openness import grace_words
from queueing.panels import mall_state, panel_of, when_short
from queueing.popular import often_taken
from queueing.roster import roster_at
from queueing.served import measured_of
from queueing.told_ways import typed_ways
from queueing.views.public import public_page
from queueing.views.shared import for_everybody
from services import file_search, life_events, shelf
from services.enums import Audience, Openness
from services.guide import guide_at
from services.models import Service, ServiceStandard
from services.opening import OpeningBook
from services.policy import next_opening
from services.search import named, perhaps_meant, phrases_of, questions_about, search
from services.week import rows_at, week_at
from tenants.enums import AgencyStatus
from tenants.models import AgencyName

SERVICES_PER_PAGE = 20
# More agencies than this open with a button, so that the page stays short on a phone.
AGENCIES_AT_FIRST = 9
EXAMPLES = 3
# Three examples share one line of a phone.
EXAMPLE_CHARACTERS = 14
OFTEN = 6
OTHER_COMPONENTS = (
    "facilities",
    "competence",
    "supervision",
    "staffing",
    "guarantee",
    "safety",
    "evaluation",
)


@public_page
@require_safe
@cache_control(private=True, no_cache=True)
@for_everybody
def home(request: HttpRequest) -> HttpResponse:
    """Show what can be done here and what is open now."""
    instant = revision.read()
    book = OpeningBook(instant.at)
    services = shelf.public_services(instant)
    rows = directory.agency_rows(book, instant.day)
    mine = next((ticket for ticket in held_tickets(request, instant.day) if ticket.is_active), None)
    context = {
        "state": mall_state(book.mall_opening()),
        "mine": mine and {"ticket": mine, "now": live.glance(mine)},
        "bookings": booking_holding.held_bookings(request)[:1],
        "events": life_events.served_by(services),
        "audiences": _audiences(services),
        "examples": _examples(services),
        "rows": rows[:AGENCIES_AT_FIRST],
        "more_rows": rows[AGENCIES_AT_FIRST:],
        "row_count": len(rows),
        "announcements": announcements.texts(instant),
        "news": guide_at(instant).news_on(instant.day)[:1],
        "structured": _office(request, instant),
    }
    return render(request, "queueing/home.html", context)


def _office(request: HttpRequest, instant: revision.Instant) -> dict[str, Any]:
    here = mall.current_of(request)
    photo = pictures.address(here.photo, pictures.CARD)
    picture = public_address(request, photo) if photo else ""
    return structured.office(here, public_address(request, request.path), rows_at(instant), picture)


def _examples(services: Sequence[Service]) -> list[str]:
    """Return everyday words for the first service of the first agencies, as searches to try."""
    firsts: dict[int, str] = {}
    for service in services:
        if phrases := phrases_of(service.aliases):
            firsts.setdefault(service.agency_id, phrases[0])
    return [words for words in firsts.values() if len(words) <= EXAMPLE_CHARACTERS][:EXAMPLES]


def _audiences(services: Sequence[Service]) -> list[Audience]:
    """Return for whom there are services of their own."""
    found = {service.audience for service in services}
    return [one for one in (Audience.CITIZEN, Audience.BUSINESS) if one in found]


@public_page
@require_safe
@for_everybody
def service_list(request: HttpRequest) -> HttpResponse:
    """Show, search and filter the services; bad input answers 400 and keeps what was typed."""
    instant = revision.read()
    agencies = [one for one in roster_at(instant).agencies.values() if one.status != AgencyStatus.ENDED]
    services = shelf.public_services(instant)
    form = BrowseForm(request.GET, agencies=agencies)
    if not form.is_valid():
        context = {"form": form, **_ways_on("", services, instant)}
        return render(request, "queueing/service_list.html", context, status=400)
    query, guide = form.cleaned_data["cari"], guide_at(instant)
    found = _found(query, _filtered(services, form.cleaned_data))
    page: Page[Service] = Paginator(found, SERVICES_PER_PAGE).get_page(request.GET.get("halaman"))
    context = {
        "form": form,
        "query": query,
        "chosen": _chosen(form),
        "page": page,
        "rows": directory.service_rows(list(page)),
        "lead": life_events.LEADS.get(form.cleaned_data["peristiwa"]),
        "agencies": named(query, agencies, lambda agency: f"{agency.short_name} {agency.name}"),
        "facilities": named(query, guide.facilities, lambda facility: facility.name),
        "questions": questions_about(query, guide.questions),
        "file_code": file_search.code_in(query),
        "about_files": file_search.is_about_files(query),
        "query_string": urlencode({name: form[name].value() for name in form.fields if form[name].value()}),
        **({} if found else _ways_on(query, services, instant)),
    }
    return render(request, "queueing/service_list.html", context)


def _found(query: str, services: Sequence[Service]) -> list[Service]:
    by_key = {service.pk: service for service in services}
    if not query.strip():
        return list(services)
    rows = Service.objects.filter(pk__in=by_key).select_related("agency")
    return [by_key[service.pk] for service in search(query, rows)]


def _ways_on(query: str, services: Sequence[Service], instant: revision.Instant) -> dict[str, Any]:
    """Return what is offered where a search ends: what may have been meant, and what others come for."""
    often = often_taken(instant)
    by_key = {service.pk: service for service in services}
    return {
        "perhaps": perhaps_meant(query, services),
        "often": [by_key[key] for key in often if key in by_key][:OFTEN],
        "events": life_events.served_by(services),
    }


def _filtered(services: Sequence[Service], chosen: dict[str, Any]) -> list[Service]:
    event, audience, agency = chosen["peristiwa"], chosen["untuk"], chosen["instansi"]
    return [
        service
        for service in services
        if (not event or event in service.life_events)
        and (not audience or service.audience in {audience, Audience.BOTH})
        and (not agency or service.agency.slug == agency)
    ]


def _chosen(form: BrowseForm) -> list[str]:
    """Return the filters in force in words."""
    chosen = form.cleaned_data
    return [
        str(dict(form.fields[name].choices)[chosen[name]])  # type: ignore[attr-defined]
        for name in ("peristiwa", "untuk", "instansi")
        if chosen[name]
    ]


@public_page
@require_safe
@for_everybody
def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a service needs, costs and takes, and whether a number can be taken."""
    return service_page(request, find_service(slug))


def find_service(slug: str) -> Service:
    """Return the public service with this address; raise `NotFound` otherwise."""
    service = shelf.public_service(slug)
    if service is None:
        raise NotFound
    return service


def service_page(
    request: HttpRequest,
    service: Service,
    refusal: Refusal | None = None,
    answer: Availability | None = None,
) -> HttpResponse:
    """Render the page of a service as `answer` says, else as it stands; after a refusal with its status."""
    instant = revision.read()
    answer = answer or availability.of_service(service, instant.at, Channel.ONLINE)
    again = next_opening_of(service, instant.at) if answer.state == Openness.FULL else None
    standard = shelf.standard_of(service, instant)
    address = public_address(request, reverse("service-detail", args=[service.slug]))
    context = {
        "service": service,
        "standard": standard,
        "panel": panel_of(answer, again),
        "grace": grace_words(service.agency, instant.day),
        "next_time": when_short(bookings.free_from(service)),
        "can_tell": bool(typed_ways()),
        "places": places_on(service.agency, instant.day),
        "measured": measured_of(service.pk, instant),
        "refusal": refusal,
        "legal_basis": _legal_basis(standard),
        "other_components": _other_components(standard),
        "address": address,
        "structured": structured.government_service(service, standard, mall.current_of(request), address),
    }
    return render(request, "queueing/service_detail.html", context, status=refusal.status if refusal else 200)


def _legal_basis(standard: ServiceStandard | None) -> str:
    """Return the law behind the service in one line without its full stop."""
    text = (standard.legal_basis or standard.fee_basis) if standard else ""
    return "; ".join(line.strip(" .;") for line in text.splitlines() if line.strip())


def _other_components(standard: ServiceStandard | None) -> list[tuple[str, str]]:
    """Return the components beyond the six that stand on the page, as (name, text)."""
    names = {field.attname: str(field.verbose_name) for field in ServiceStandard._meta.concrete_fields}
    texts = ((names[name], getattr(standard, name, "")) for name in OTHER_COMPONENTS)
    # The names carry their number in the regulation: "8. sarana dan prasarana".
    return [(name.partition(". ")[2], text) for name, text in texts if text]


def next_opening_of(service: Service, at: datetime) -> datetime | None:
    """Return when the service opens on a later day: a full line still ends in a time."""
    book = OpeningBook(at)
    moment = next_opening(lambda day: book.plan(day, service.agency_id, service.pk), book.at)
    return clock.aware(moment) if moment else None


@public_page
@require_safe
@for_everybody
def agency_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an agency: its names, hours, counters of today and services."""
    instant = revision.read()
    agency = next((one for one in roster_at(instant).agencies.values() if one.slug == slug), None)
    if agency is None:
        raise NotFound
    services = [one for one in shelf.public_services(instant) if one.agency_id == agency.pk]
    answers = availability.of_services(services, instant.at, Channel.ONLINE)
    lines = [answer.line for answer in answers.values() if answer.line]
    first = min(lines, key=lambda line: line.prefix, default=None)
    desks = desks_of(agency, instant.day)
    context = {
        "agency": agency,
        "former_names": _former.get(instant.revision, (agency.pk, instant.day)),
        "absence": directory.absence_of(agency, instant.day),
        "grace": grace_words(agency, instant.day),
        "panel": panel_of(availability.of_agency(agency, OpeningBook(instant.at), first, Channel.ONLINE)),
        "week": week_at(instant, zone_suffix(), agency.pk),
        "places": places_of(desks),
        "desks": desks,
        "staffing": staffing_of(desks),
        "rows": directory.service_rows(services, answers),
    }
    return render(request, "queueing/agency_detail.html", context)


def _former_names(key: tuple[int, date]) -> list[AgencyName]:
    agency_id, day = key
    former = AgencyName.objects.filter(agency=agency_id, valid_to__lt=day)
    return list(former.exclude(name=F("agency__name")))


_former: revision.Memory[tuple[int, date], list[AgencyName]] = revision.Memory(_former_names)
