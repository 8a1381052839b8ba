"""The kiosk `/anjungan/`: agency, service, number, slip. Three touches, no keyboard, no scrolling."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping, Sequence
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
from queueing.desks import desks_of, places_of
from queueing.directory import standard_of
from queueing.enums import Channel, Priority, TicketState
from queueing.live import ticket_state
from queueing.models import Ticket
from services.enums import Openness
from services.models import Service, ServiceStandard
from tenants.models import Agency

# At most eight choices a screen (trust.md K-02); a service needs a row of two lines, so six fit.
AGENCIES_A_SCREEN = 8
SERVICES_A_SCREEN = 6
# Far above what all kiosks of one mall can touch; it stops a program, not a hall full of people.
NUMBERS_A_MINUTE = 120
NOT_HERE_TODAY = frozenset({"closed_today", "holiday", "no_queue"})
# From best to worst; what is not named comes last and reads "Tutup".
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
    """What a tile says of the wait: a range of minutes, or the mark of a state and words that end in a time."""

    mark: str
    can_take: bool
    words: str = ""
    minutes: tuple[int, int] | None = None


@dataclass(frozen=True)
class AgencyTile:
    """An agency to touch. `opens` is when a closed one gives numbers again."""

    agency: Agency
    prefix: str
    offer: Offer
    special: str
    is_here_today: bool
    opens: datetime | None


@dataclass(frozen=True)
class ServiceRow:
    """A service to touch; the key makes two touches one number."""

    service: Service
    standard: ServiceStandard | None
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
    """Answer the first screen: agencies of today first; closed ones stay visible with their time."""
    at = clock.now()
    tiles = agency_tiles(at)
    screen = screen_of(tiles, size=AGENCIES_A_SCREEN, number=_screen_number(request))
    soonest = min((tile.opens for tile in tiles if tile.opens), default=None)
    context = {
        "screen": screen,
        "special": next((tile.special for tile in tiles if tile.special), ""),
        "nothing_open": not any(tile.offer.can_take for tile in tiles),
        "opens": short_when(soonest, at) if soonest else "",
    }
    return _choices(request, "kiosk", context, at)


@on_kiosk
@require_safe
def agency(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the second screen: the services of one agency; touching one takes the number."""
    at = clock.now()
    today = clock.local(at).date()
    services = list(_offered(today).with_standard(today).filter(agency__slug=slug))
    if not services:
        raise NotFound(_("Instansi ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    answers = _answers(services, at)
    rows = [_row(service, answers[service.pk], at) for service in services]
    can_take = any(row.offer.can_take for row in rows)
    context = {
        "screen": screen_of(rows, size=SERVICES_A_SCREEN, number=_screen_number(request)),
        "agency": services[0].agency,
        "message": "" if can_take else answers[services[0].pk].message,
    }
    return _choices(request, "kiosk_services", context, at)


def _choices(request: HttpRequest, name: str, context: dict[str, Any], at: datetime) -> HttpResponse:
    """Render a screen of choices with the links that lead on, back, and to the other priority."""
    priority = _wants_priority(request.GET)
    number = context["screen"].number
    path, home = request.path, reverse("kiosk")
    context |= {
        "now": at,
        "priority": priority,
        "carried": link("", 1, priority),
        "toggle": link(path, number, not priority),
        "onward": link(path, number + 1, priority),
        "back": link(path, number - 1, priority) if number > 1 else link(home, 1, priority),
        "is_home": path == home and number == 1,
    }
    return render(request, f"queueing/{name}.html", context)


@on_kiosk
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the number and show it; reloading a refusal leads back to the start."""
    if request.method != "POST":
        return redirect("kiosk")
    service = Service.objects.public(clock.today()).select_related("agency").filter(slug=slug).first()
    if service is None:
        raise NotFound(_("Layanan ini tidak ada di anjungan. Tanya petugas di pintu masuk."))
    priority = _wants_priority(request.POST)
    try:
        _count(request)
        taken = actions.issue_ticket(
            service=service,
            channel=Channel.KIOSK,
            priority=Priority.GENERAL if priority else Priority.NONE,
            request_key=_request_key(request.POST.get("kunci", "")),
        )
    except Refusal as refusal:
        path = reverse("kiosk-agency", args=[service.agency.slug])
        return refused(request, refusal, back=link(path, 1, priority), service=service)
    return SeeOther(reverse("kiosk-ticket", args=[taken.token]))


def _count(request: HttpRequest) -> None:
    if settings.LOAD_TEST:
        return
    counter = f"kiosk:{client_address(request)}"
    cache.add(counter, 0, timeout=60)
    try:
        taken = cache.incr(counter)
    except ValueError:
        # The minute ended between the two calls.
        return
    if taken > NUMBERS_A_MINUTE:
        raise Refusal("throttled", gettext_lazy("Terlalu sering. Tunggu sebentar, lalu coba lagi."), status=429)


def _request_key(text: str) -> str:
    """Return the page's key under the kiosk's own name, so that it meets no other channel's key."""
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
        "until_day": short_day(moment, at) if moment else "",
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
    """Answer the slip alone, 80 mm wide: for reprinting, and for a browser without scripts."""
    return render(request, "queueing/slip.html", ticket_facts(request, access_ticket(token)))


def ticket_facts(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return what screen and slip say of a number: no name, no telephone number (trust.md K-08)."""
    at = clock.now()
    agency = ticket.service.agency
    return {
        "now": at,
        "ticket": ticket,
        "agency": agency,
        "state": ticket_state(ticket),
        "is_waiting": ticket.state == TicketState.WAITING,
        "places": places_of(desks_of(agency, ticket.queue_day.date)),
        "standard": ticket.service.standards.in_force(clock.local(at).date()).first(),
        "follow_url": public_address(request) + reverse("ticket", args=[ticket.token]),
    }


def public_address(request: HttpRequest) -> str:
    """Return the address at which a phone reaches us: as configured, else as this request came."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def _offered(today: date) -> Any:
    """Return the services that the kiosk knows: public, of agencies that may issue numbers today."""
    serving = Agency.objects.serving_on(today)
    return Service.objects.public(today).filter(agency__in=serving).select_related("agency").defer("search")


def _answers(services: Sequence[Service], at: datetime) -> Mapping[int, Availability]:
    # One moment for the whole screen; otherwise each closed service asks the database for the date.
    with clock.frozen(at):
        return availability.of_services(services, at)


def agency_tiles(at: datetime) -> list[AgencyTile]:
    """Return every agency that serves in this mall: those of today first, each group in its own order."""
    services = list(_offered(clock.local(at).date()))
    answers = _answers(services, at)
    by_agency: dict[Agency, list[Availability]] = {}
    for service in services:
        by_agency.setdefault(service.agency, []).append(answers[service.pk])
    tiles = [_tile(agency, of_agency, at) for agency, of_agency in by_agency.items()]
    return sorted(tiles, key=lambda tile: not tile.is_here_today)


def _tile(agency: Agency, answers: Sequence[Availability], at: datetime) -> AgencyTile:
    offer = offer_of(answers, at)
    untils = [answer.until for answer in answers if answer.until]
    return AgencyTile(
        agency=agency,
        prefix=next((answer.line.prefix for answer in answers if answer.line), ""),
        offer=offer,
        special=next((answer.special for answer in answers if answer.special), ""),
        is_here_today=any(answer.code not in NOT_HERE_TODAY for answer in answers),
        opens=None if offer.can_take else min(untils, default=None),
    )


def _row(service: Service, answer: Availability, at: datetime) -> ServiceRow:
    return ServiceRow(service, standard_of(service), offer_of([answer], at), str(uuid.uuid4()))


def offer_of(answers: Sequence[Availability], at: datetime) -> Offer:
    """Return what these services offer together: the best state, from the shortest wait to the longest."""
    best = min(answers, key=_rank)
    if best.state != Openness.OPEN:
        return Offer(MARKS.get(best.state, "closed"), best.can_take, _state_words(best, at))
    estimates = [
        answer.line.estimate
        for answer in answers
        if answer.state == Openness.OPEN and answer.line and answer.line.estimate
    ]
    if not estimates:
        return Offer("unmanned", best.can_take, _("nomor dapat diambil"))
    low = min(estimate.low_minutes for estimate in estimates)
    high = max(estimate.high_minutes for estimate in estimates)
    return Offer("open", best.can_take, minutes=(low, high))


def _rank(answer: Availability) -> tuple[bool, int, float]:
    marks = list(MARKS)
    place = marks.index(answer.state) if answer.state in MARKS else len(marks)
    return not answer.can_take, place, answer.until.timestamp() if answer.until else float("inf")


def _state_words(answer: Availability, at: datetime) -> str:
    if answer.state == Openness.FULL:
        return _("nomor habis")
    if answer.until is None:
        return _("tanya petugas")
    words = _("lanjut %(when)s") if answer.state == Openness.BREAK else _("buka %(when)s")
    return words % {"when": short_when(answer.until, at)}


def short_when(moment: datetime, at: datetime) -> str:
    """Return `moment` as a tile has room for: "13.00" today, "besok 08.00", "Senin 08.00", "4 Jan 08.00"."""
    return f"{short_day(moment, at)} {clock.local(moment):%H.%M}".strip()


def short_day(moment: datetime, at: datetime) -> str:
    """Return the day of `moment`, seen from `at`: "" for today, "besok", a weekday, a date."""
    day, today = clock.local(moment).date(), clock.local(at).date()
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


def _screen_number(request: HttpRequest) -> int:
    text = request.GET.get("hal", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1


def _wants_priority(values: Mapping[str, Any]) -> bool:
    return values.get("didahulukan") == "1"


def link(path: str, number: int, priority: bool) -> str:
    """Return `path` with what is carried from touch to touch: the screen and the priority."""
    carried = ({"hal": number} if number > 1 else {}) | ({"didahulukan": 1} if priority else {})
    return f"{path}?{urlencode(carried)}" if carried else path
