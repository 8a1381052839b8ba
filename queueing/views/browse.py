"""Finding out: the home page, services, agencies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mpp.core import clock, revision
from mpp.core.errors import NotFound, Refusal
from mpp.core.templatetags.mpp import zone_suffix
from queueing import announcements, availability, bookings, directory, live
from queueing.availability import Availability
from queueing.desks import desks_of, places_of
from queueing.enums import Channel
from queueing.forms import BrowseForm
from queueing.holding import held_tickets
from queueing.panels import mall_state, panel_of, when_short
from queueing.views.public import public_page
from services import life_events
from services.enums import Audience, Openness
from services.models import Service, ServiceStandard
from services.opening import OpeningBook
from services.policy import next_opening
from services.querysets import ServiceQuerySet
from services.search import search
from services.week import week_of
from tenants.models import Agency

SERVICES_PER_PAGE = 20
# More agencies than this open with a button, so that the page stays short on a phone.
AGENCIES_AT_FIRST = 9
EXAMPLES = 3
# Three examples share one line of a phone.
EXAMPLE_CHARACTERS = 14
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
def home(request: HttpRequest) -> HttpResponse:
    """Show what can be done here and what is open now."""
    at = clock.now()
    day = clock.local(at).date()
    book = OpeningBook(at)
    rows = directory.agency_rows(book, day)
    mine = next((ticket for ticket in held_tickets(request, day) if ticket.is_active), None)
    context = {
        "state": mall_state(book.mall_opening()),
        "mine": mine and {"ticket": mine, "now": live.ticket_state(mine)},
        "events": life_events.served_on(day),
        "examples": _examples(day),
        "rows": rows[:AGENCIES_AT_FIRST],
        "more_rows": rows[AGENCIES_AT_FIRST:],
        "row_count": len(rows),
        "announcements": announcements.texts(revision.read()),
    }
    return render(request, "queueing/home.html", context)


def _examples(day: date) -> list[str]:
    """Return everyday words for the first service of the first agencies, as searches to try."""
    firsts = (
        Service.objects.public(day)
        .exclude(aliases="")
        .order_by("agency__position", "agency_id", "position")
        .distinct("agency__position", "agency_id")
        .values_list("aliases", flat=True)
    )
    words = (aliases.split(";")[0].strip() for aliases in firsts)
    return [word for word in words if len(word) <= EXAMPLE_CHARACTERS][:EXAMPLES]


@public_page
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """Show, search and filter the services; bad input answers 400 and keeps what was typed."""
    day = clock.today()
    form = BrowseForm(request.GET)
    if not form.is_valid():
        return render(request, "queueing/service_list.html", {"form": form}, status=400)
    services = Service.objects.public(day).select_related("agency__zone").with_standard(day)
    found = search(form.cleaned_data["cari"], _filtered(services, form.cleaned_data))
    page: Page[Service] = Paginator(found, SERVICES_PER_PAGE).get_page(request.GET.get("halaman"))
    context = {
        "form": form,
        "query": form.cleaned_data["cari"],
        "chosen": _chosen(form),
        "page": page,
        "rows": directory.service_rows(list(page)),
        "query_string": urlencode({name: form[name].value() for name in form.fields if form[name].value()}),
    }
    return render(request, "queueing/service_list.html", context)


def _filtered(services: ServiceQuerySet, chosen: dict[str, Any]) -> ServiceQuerySet:
    if event := chosen["peristiwa"]:
        services = services.filter(life_events__contains=[event])
    if audience := chosen["untuk"]:
        services = services.filter(audience__in=[audience, Audience.BOTH])
    if agency := chosen["instansi"]:
        services = services.filter(agency=agency)
    return services


def _chosen(form: BrowseForm) -> list[str]:
    """Return the filters in force in words."""
    chosen = form.cleaned_data
    words = [
        dict(form.fields[name].choices)[chosen[name]]  # type: ignore[attr-defined]
        for name in ("peristiwa", "untuk")
        if chosen[name]
    ]
    return [*words, chosen["instansi"].short_name] if chosen["instansi"] else words


@public_page
@require_safe
def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a service needs, costs and takes, and whether a number can be taken."""
    return service_page(request, find_service(slug))


def find_service(slug: str) -> Service:
    """Return the public service with this address; raise `NotFound` otherwise."""
    day = clock.today()
    services = Service.objects.public(day).select_related("agency__zone").with_standard(day)
    service = services.filter(slug=slug).first()
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
    at = clock.now()
    answer = answer or availability.of_service(service, at, Channel.ONLINE)
    again = next_opening_of(service, at) if answer.state == Openness.FULL else None
    standard = directory.standard_of(service)
    context = {
        "service": service,
        "standard": standard,
        "panel": panel_of(answer, again),
        "next_time": when_short(bookings.next_free(service)),
        "places": places_of(desks_of(service.agency, clock.local(at).date())),
        "refusal": refusal,
        "legal_basis": _legal_basis(standard),
        "other_components": _other_components(standard),
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
def agency_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an agency: its names, hours, counters of today and services."""
    agency = Agency.objects.select_related("zone").filter(slug=slug).first()
    if agency is None:
        raise NotFound
    at = clock.now()
    day = clock.local(at).date()
    services = Service.objects.public(day).filter(agency=agency).select_related("agency").with_standard(day)
    desks = desks_of(agency, day)
    lines = directory.first_lines(day)
    answer = availability.of_agency(agency, OpeningBook(at), lines.get(agency.pk), Channel.ONLINE)
    context = {
        "agency": agency,
        "former_names": agency.names.filter(valid_to__lt=day).exclude(name=agency.name),
        "absence": directory.absence_of(agency, day),
        "panel": panel_of(answer),
        "week": week_of(day, zone_suffix(), agency),
        "places": places_of(desks),
        "desks": desks,
        "rows": directory.service_rows(list(services)),
    }
    return render(request, "queueing/agency_detail.html", context)
