"""The kiosk `/anjungan/`: agency, service, number, slip. Three touches, no keyboard, no scrolling."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from mpp.core.net import client_address
from queueing import actions, availability
from queueing.access import access_ticket
from queueing.availability import Availability
from queueing.enums import Channel, Priority, TicketState
from queueing.live import ticket_state
from queueing.models import Ticket
from services.enums import Openness
from services.models import Service, ServiceStandard
from tenants.models import Agency, CounterDuty, Zone

# At most eight choices a screen (trust.md K-02); a service needs a row of two lines, so six fit.
AGENCIES_A_SCREEN = 8
SERVICES_A_SCREEN = 6
# Far above what all kiosks of one mall can touch; it stops a program, not a queue of people.
NUMBERS_A_MINUTE = 120
NOT_HERE_TODAY = frozenset({"closed_today", "holiday", "no_queue", "agency_not_open", "agreement_not_in_force"})
MARKS = {Openness.OPEN: "open", Openness.BREAK: "break", Openness.FULL: "full"}

Item = TypeVar("Item")
View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirect):
    """The answer to a form: what was made stands at another address; a reload makes nothing twice."""

    status_code = 303


@dataclass(frozen=True)
class Screen(Generic[Item]):
    """One screenful of a longer list: what it shows, which screen it is, how many items come after."""

    items: Sequence[Item]
    number: int
    rest: int


@dataclass(frozen=True)
class Offer:
    """What a tile says of the wait: the mark of the state, a range of minutes or words, a number or none."""

    mark: str
    can_take: bool
    words: str = ""
    low_minutes: int | None = None
    high_minutes: int | None = None

    @property
    def has_range(self) -> bool:
        """Tell whether minutes can be promised: open and staffed."""
        return self.low_minutes is not None


@dataclass(frozen=True)
class AgencyTile:
    """An agency to touch."""

    agency: Agency
    prefix: str
    offer: Offer
    special: str
    is_here_today: bool
    until: datetime | None


@dataclass(frozen=True)
class ServiceRow:
    """A service to touch; the key makes two touches one number."""

    service: Service
    standard: ServiceStandard
    offer: Offer
    key: str


def on_kiosk(view: View) -> View:
    """Make a public page of the machine: never stored, and a refusal looks like the machine too."""

    @login_not_required
    @never_cache
    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal, back=reverse("kiosk"))

    return wrapped


@on_kiosk
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Answer the first screen: agencies of today first, closed ones stay visible with their time."""
    at = clock.now()
    tiles = agency_tiles(at)
    screen = screen_of(tiles, size=AGENCIES_A_SCREEN, number=_page(request.GET.get("hal")))
    soonest = min((tile.until for tile in tiles if tile.until), default=None)
    context = {
        "screen": screen,
        "special": next((tile.special for tile in tiles if tile.special), ""),
        "nothing_open": not any(tile.offer.can_take for tile in tiles),
        "opens": when_words(soonest, clock.local(at).date()) if soonest else "",
    }
    return _page_of(request, "kiosk", context, at, screen, reverse("kiosk"))


@on_kiosk
@require_safe
def agency(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the second screen: the services of one agency; touching one takes the number."""
    at = clock.now()
    services = [service for service in _services(at) if service.agency.slug == slug]
    if not services:
        raise NotFound(_("Instansi ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    answers = availability.of_services(services, at)
    today = clock.local(at).date()
    rows = [
        ServiceRow(service, service.standard_in_force[0], offer_of([answers[service.pk]], today), str(uuid.uuid4()))
        for service in services
    ]
    screen = screen_of(rows, size=SERVICES_A_SCREEN, number=_page(request.GET.get("hal")))
    first = answers[services[0].pk]
    message = "" if any(row.offer.can_take for row in rows) else first.message
    context = {"screen": screen, "agency": services[0].agency, "message": message}
    return _page_of(request, "kiosk_services", context, at, screen, request.path)


def _page_of(
    request: HttpRequest, name: str, context: dict[str, Any], at: datetime, screen: Screen[Any], path: str
) -> HttpResponse:
    """Render a screen of choices with the links that lead on, back, and to the other priority."""
    priority = _wants_priority(request.GET)
    number = screen.number
    back = here(path, number - 1, priority) if number > 1 else here(reverse("kiosk"), 1, priority)
    context |= {
        "now": at,
        "priority": priority,
        "carry": here("", 1, priority),
        "toggle": here(path, number, not priority),
        "onward": here(path, number + 1, priority),
        "back": back,
        "is_home": path == reverse("kiosk") and number == 1 and not priority,
    }
    return render(request, f"queueing/{name}.html", context)


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the number and show it; a reload of a refusal leads back to the start."""
    if request.method != "POST":
        return redirect("kiosk")
    service = Service.objects.public(clock.today()).select_related("agency").filter(slug=slug).first()
    if service is None:
        raise NotFound(_("Layanan ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    priority = _wants_priority(request.POST)
    try:
        _within_rate(request)
        taken = actions.issue_ticket(
            service=service,
            channel=Channel.KIOSK,
            priority=Priority.GENERAL if priority else Priority.NONE,
            request_key=_request_key(request.POST.get("kunci", "")),
        )
    except Refusal as refusal:
        path = reverse("kiosk-agency", args=[service.agency.slug])
        return refused(request, refusal, back=here(path, 1, priority), service=service)
    return SeeOther(reverse("kiosk-ticket", args=[taken.token]))


def _within_rate(request: HttpRequest) -> None:
    if settings.LOAD_TEST:
        return
    counter = f"kiosk-numbers:{client_address(request)}"
    cache.add(counter, 0, timeout=60)
    try:
        taken = cache.incr(counter)
    except ValueError:
        # The minute ended between the two calls.
        return
    if taken > NUMBERS_A_MINUTE:
        raise Refusal("throttled", gettext_lazy("Terlalu sering. Tunggu sebentar, lalu coba lagi."), status=429)


def _request_key(text: str) -> str:
    """Return the page's key under the kiosk's own name, so that it cannot meet another channel's key."""
    try:
        return f"kiosk:{uuid.UUID(text)}"
    except ValueError as error:
        message = gettext_lazy("Layar ini sudah lama terbuka. Kembali, lalu sentuh lagi layanan Anda.")
        raise Refusal("bad_key", message, status=400) from error


def refused(request: HttpRequest, refusal: Refusal, *, back: str, service: Service | None = None) -> HttpResponse:
    """Answer a refusal in the kiosk's look: the reason, the next time, the way back."""
    at = clock.now()
    until = refusal.extra.get("until")
    moment = datetime.fromisoformat(until) if until else None
    context = {
        "now": at,
        "refusal": refusal,
        "service": service,
        "until": moment,
        "until_day": day_words(clock.local(moment).date(), clock.local(at).date()) if moment else "",
        "back": back,
    }
    return render(request, "queueing/kiosk_refused.html", context, status=refusal.status)


@on_kiosk
@require_safe
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the third screen: the number, and the slip that is printed from it."""
    return render(request, "queueing/kiosk_ticket.html", ticket_facts(request, access_ticket(token)))


@on_kiosk
@require_safe
def slip(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the slip alone, 80 mm wide: for reprinting and for a browser without scripts."""
    return render(request, "queueing/slip.html", ticket_facts(request, access_ticket(token)))


def ticket_facts(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return what screen and slip say of a number. No name, no telephone number (trust.md K-08)."""
    at = clock.now()
    today = clock.local(at).date()
    agency = ticket.service.agency
    counters, zone = counters_of(agency, ticket.queue_day.date)
    return {
        "now": at,
        "ticket": ticket,
        "agency": agency,
        "state": ticket_state(ticket),
        "is_waiting": ticket.state == TicketState.WAITING,
        "counters": either(counters),
        "zone": zone,
        "standard": ticket.service.standards.in_force(today).first(),
        "follow_url": public_address(request) + reverse("ticket", args=[ticket.token]),
    }


def public_address(request: HttpRequest) -> str:
    """Return the address that a phone reaches us at: as configured, else as this request came."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def counters_of(agency: Agency, day: date) -> tuple[list[str], Zone | None]:
    """Return the numbers of the agency's counters on `day`, and where they stand."""
    duties = (
        CounterDuty.objects.on(day)
        .filter(agency=agency, counter__is_active=True)
        .select_related("counter__zone")
        .order_by("counter__position", "counter__number")
    )
    counters = [duty.counter for duty in duties]
    return [counter.number for counter in counters], counters[0].zone if counters else agency.zone


def either(names: Sequence[str]) -> str:
    """Return names as people say a choice: "1", "1 atau 2", "1, 2, atau 3"."""
    if len(names) < 2:
        return "".join(names)
    comma = "," if len(names) > 2 else ""
    return ", ".join(names[:-1]) + comma + " " + _("atau") + " " + names[-1]


def _services(at: datetime) -> Sequence[Any]:
    """Return the services that the kiosk knows, with agency and standard: two queries."""
    today = clock.local(at).date()
    services = Service.objects.public(today).with_standard(today).select_related("agency").defer("search")
    return services.filter(agency__in=Agency.objects.serving_on(today))


def agency_tiles(at: datetime) -> list[AgencyTile]:
    """Return every agency that serves in this mall: those of today first, each group in its own order."""
    today = clock.local(at).date()
    services = list(
        Service.objects.public(today)
        .filter(agency__in=Agency.objects.serving_on(today))
        .select_related("agency")
        .defer("search")
    )
    answers = availability.of_services(services, at)
    by_agency: dict[Agency, list[Availability]] = {}
    for service in services:
        by_agency.setdefault(service.agency, []).append(answers[service.pk])
    tiles = [_tile(agency, offered, today) for agency, offered in by_agency.items()]
    return sorted(tiles, key=lambda tile: not tile.is_here_today)


def _tile(agency: Agency, answers: Sequence[Availability], today: date) -> AgencyTile:
    return AgencyTile(
        agency=agency,
        prefix=next((answer.line.prefix for answer in answers if answer.line), ""),
        offer=offer_of(answers, today),
        special=next((answer.special for answer in answers if answer.special), ""),
        is_here_today=any(answer.code not in NOT_HERE_TODAY for answer in answers),
        until=min((answer.until for answer in answers if answer.until and not answer.can_take), default=None),
    )


def offer_of(answers: Sequence[Availability], today: date) -> Offer:
    """Return what these services together offer: the best state, over its lines from the shortest wait to the longest."""
    ranks = [Openness.OPEN, Openness.BREAK, Openness.FULL]

    def rank(answer: Availability) -> tuple[bool, int, bool, float]:
        place = ranks.index(answer.state) if answer.state in ranks else len(ranks)
        return not answer.can_take, place, answer.until is None, answer.until.timestamp() if answer.until else 0

    best = min(answers, key=rank)
    if best.state != Openness.OPEN:
        return Offer(MARKS.get(best.state, "closed"), best.can_take, _state_words(best, today))
    lines = [answer.line for answer in answers if answer.state == Openness.OPEN and answer.line]
    estimates = [line.estimate for line in lines if line.estimate]
    if not estimates:
        return Offer("unmanned", best.can_take, _("belum dapat diperkirakan"))
    low = min(estimate.low_minutes for estimate in estimates)
    high = max(estimate.high_minutes for estimate in estimates)
    return Offer("open", best.can_take, "", low, high)


def _state_words(answer: Availability, today: date) -> str:
    if answer.state == Openness.FULL:
        return _("nomor habis")
    if answer.until is None:
        return _("tanya petugas")
    words = _("lanjut %(when)s") if answer.state == Openness.BREAK else _("buka %(when)s")
    return words % {"when": when_words(answer.until, today)}


def when_words(moment: datetime, today: date) -> str:
    """Return an aware moment as a tile has room for: "13.00", "besok 08.00", "Senin 08.00", "4 Jan 08.00"."""
    local = clock.local(moment)
    return f"{day_words(local.date(), today)} {local:%H.%M}".strip()


def day_words(day: date, today: date) -> str:
    """Return "" for today, "besok", the weekday within a week, else the date."""
    ahead = (day - today).days
    if ahead < 2:
        return _("besok") if ahead == 1 else ""
    return date_format(day, "l" if ahead < 7 else "j M")


def screen_of(items: Sequence[Item], *, size: int, number: int) -> Screen[Item]:
    """Return screen `number` (from 1; beyond the last, the last) of `size` choices.

    Where more follow, the last place is the way on to them.
    """
    step = size - 1
    screens = max(1, -(-(len(items) - 1) // step))
    number = min(max(1, number), screens)
    first = (number - 1) * step
    shown = items[first:] if number == screens else items[first : first + step]
    return Screen(shown, number, len(items) - first - len(shown))


def _page(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else 1


def _wants_priority(values: Any) -> bool:
    return values.get("didahulukan") == "1"


def here(path: str, number: int, priority: bool) -> str:
    """Return `path` with what is carried from touch to touch: the screen and the priority."""
    carried = ({"hal": number} if number > 1 else {}) | ({"didahulukan": 1} if priority else {})
    return f"{path}?{urlencode(carried)}" if carried else path
