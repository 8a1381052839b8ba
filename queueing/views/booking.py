"""Booking a time, and the page of a booking: change it, give it back, come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from mpp.core import clock, tokens
from mpp.core.errors import Refusal
from mpp.core.net import public_address
from queueing import actions, booking_holding, holding, limits, told
from queueing.access import access_ticket
from queueing.actions import booking as acts
from queueing.actions import checkin
from queueing.booking_forms import BookForm, DayForm, PresenceForm, TimeForm, WishForm
from queueing.booking_words import day_choices, time_choices, words_of
from queueing.bookings import BookingBook, BookingDay, access_booking, queue_of
from queueing.desks import places_on
from queueing.enums import BookingState, Channel
from queueing.models import Booking, ClosedTime, EarlierWish, Queue, Ticket
from queueing.reentry import may_postpone
from queueing.views import ticket as ticket_pages
from queueing.views.browse import find_service
from queueing.views.public import helps, public_page, see_other, unlisted_page
from services.models import Service, ServiceStandard

no_store = cache_control(private=True, no_store=True)
# A code of six digits lives for ninety seconds: guessing it must stay hopeless (trust.md T-10).
PRESENCE_TRIES_A_MINUTE = 6


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def book_time(request: HttpRequest, slug: str) -> HttpResponse:
    """Let somebody choose a day and a time; whoever holds a booking for this service is led back to it."""
    service = find_service(slug)
    queue = queue_of(service)
    if queue is None:
        return redirect("service-detail", slug=slug)
    if not helps(request) and (booking := booking_holding.held_for(request, service)):
        return see_other("booking", token=booking.token)
    device = holding.device_of(request) or tokens.new_secret()
    if request.method == "POST":
        response = _book(request, service, queue, device)
    else:
        response = _choose(request, service, queue, BookForm.fresh(helps=helps(request)))
    if not holding.device_of(request):
        holding.keep_device(response, device)
    return response


def _book(request: HttpRequest, service: Service, queue: Queue, device: str) -> HttpResponse:
    limits.count_issue(request, scope="book")
    form = BookForm(request.POST)
    if not form.is_valid():
        return _choose(request, service, queue, form, status=400)
    fields = form.cleaned_data
    try:
        booking = acts.book(
            service=service,
            starts_at=fields["mulai"],
            priority=form.priority,
            phone=fields["ponsel"],
            way=fields["lewat"],
            device=device,
            is_helped=fields["bantu"],
            wishes_earlier=fields["lebih_awal"],
            request_key=form.request_key,
        )
    except Refusal as refusal:
        return _choose(request, service, queue, form, refusal=refusal, status=refusal.status)
    response = see_other("booking", token=booking.token)
    booking_holding.hold(request, response, booking)
    return response


def _choose(
    request: HttpRequest,
    service: Service,
    queue: Queue,
    form: TimeForm,
    *,
    booking: Booking | None = None,
    ticket: Ticket | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the days and the times of one of them, to book or to move `booking` or the number `ticket` to."""
    at = clock.now()
    days = BookingBook(service, queue, at).days()
    typed = str(form["mulai"].value() or "")
    shown = _shown(days, DayForm.day_in(request.GET) or DayForm.day_in({"tanggal": typed[:10]}))
    context = {
        "service": service,
        "queue": queue,
        "form": form,
        "booking": booking,
        "ticket": ticket,
        "is_move": booking is not None or ticket is not None,
        "refusal": refusal,
        "days": day_choices(days, shown.date if shown else None, clock.local(at).date()),
        "day": shown,
        "times": time_choices(shown, typed) if shown else [],
        "helps": helps(request),
        "is_all_full": not any(day.free for day in days),
        "places": places_on(service.agency, shown.date) if shown else [],
    }
    return unlisted_page(render(request, "queueing/booking_choose.html", context, status=status))


def _shown(days: list[BookingDay], wanted: date | None) -> BookingDay | None:
    """Return the day that is asked for, else the first with a free place, else the first."""
    chosen = next((day for day in days if day.date == wanted), None)
    return chosen or next((day for day in days if day.free), None) or next(iter(days), None)


@public_page
@no_store
@require_safe
def booking_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a booking as it stands now; after check-in its number has the page."""
    return _page(request, access_booking(token))


def _page(
    request: HttpRequest, booking: Booking, refusal: Refusal | None = None, refused: str = ""
) -> HttpResponse:
    if booking.ticket is not None:
        return see_other("ticket", token=booking.ticket.token)
    at = clock.now()
    day = clock.local(booking.slot.starts_at).date()
    wish = EarlierWish.objects.select_related("offered").filter(booking=booking).first()
    words = words_of(booking, at)
    context = {
        "booking": booking,
        "words": words,
        "wish": wish if words.is_running else None,
        "offer": wish if wish and wish.offered_until and wish.offered_until >= at else None,
        "moves_left": acts.MOST_MOVES - booking.moves,
        "closed": ClosedTime.objects.filter(booking=booking, settled_at__isnull=False).first(),
        "refusal": refusal,
        "refused": refused,
        "address": public_address(request) + reverse("booking", args=[booking.token]),
        "places": places_on(booking.service.agency, day),
        "told": told.of_booking(booking),
        "standard": ServiceStandard.objects.in_force(day).filter(service=booking.service).first(),
    }
    status = refusal.status if refusal else 200
    return unlisted_page(render(request, "queueing/booking.html", context, status=status))


def tried(request: HttpRequest, token: str, act: Callable[[], object], refused: Any) -> HttpResponse:
    """Do it and lead back to the booking; a refusal stands on the booking's page as it is now."""
    try:
        act()
    except Refusal as refusal:
        return _page(request, access_booking(token), refusal, refused)
    return see_other("booking", token=token)


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def move_booking(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder choose another time; the old one is theirs until the new one is."""
    booking = access_booking(token)
    queue = queue_of(booking.service)
    if queue is None or not words_of(booking, clock.now()).can_change:
        return see_other("booking", token=token)
    if request.method != "POST":
        return _choose(request, booking.service, queue, TimeForm(), booking=booking)
    form = TimeForm(request.POST)
    if not form.is_valid():
        return _choose(request, booking.service, queue, form, booking=booking, status=400)
    try:
        acts.move(booking=booking, starts_at=form.cleaned_data["mulai"])
    except Refusal as refusal:
        again = access_booking(token)
        return _choose(
            request, booking.service, queue, form, booking=again, refusal=refusal, status=refusal.status
        )
    return see_other("booking", token=token)


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def postpone_number(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of a number choose a time instead; the number is theirs until the time is."""
    ticket = access_ticket(token)
    queue = queue_of(ticket.service)
    if request.method != "POST" and not may_postpone(ticket) or queue is None:
        return see_other("ticket", token=token)
    form = TimeForm(request.POST if request.method == "POST" else None)
    device = holding.device_of(request) or tokens.new_secret()
    if form.is_bound and form.is_valid():
        response = _postpone(request, ticket, queue, form, device)
    else:
        status = 400 if form.is_bound else 200
        response = _choose(request, ticket.service, queue, form, ticket=ticket, status=status)
    if not holding.device_of(request):
        holding.keep_device(response, device)
    return response


def _postpone(
    request: HttpRequest, ticket: Ticket, queue: Queue, form: TimeForm, device: str
) -> HttpResponse:
    limits.count_issue(request, scope="book")
    try:
        booking = actions.postpone(ticket=ticket, starts_at=form.cleaned_data["mulai"], device=device)
    except Refusal as refusal:
        again = access_ticket(ticket.token)
        if not may_postpone(again):
            return ticket_pages.refused_page(request, again, refusal, _("Waktu tidak berubah"))
        return _choose(
            request, again.service, queue, form, ticket=again, refusal=refusal, status=refusal.status
        )
    response = see_other("booking", token=booking.token)
    booking_holding.hold(request, response, booking)
    return response


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_booking(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then give the time back; a booking that is already given back stays so."""
    booking = access_booking(token)
    if request.method == "POST":
        return tried(request, token, lambda: acts.cancel(booking=booking), _("Tidak jadi dibatalkan"))
    if words_of(booking, clock.now()).can_change:
        return unlisted_page(render(request, "queueing/booking_cancel.html", {"booking": booking}))
    return see_other("booking", token=token)


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def wish_earlier(request: HttpRequest, token: str) -> HttpResponse:
    """Ask where to tell the holder, then put them on the waiting list for an earlier time."""
    booking = access_booking(token)
    form = WishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        phone = form.cleaned_data["ponsel"]
        return tried(
            request, token, lambda: acts.wish_earlier(booking=booking, phone=phone), _("Belum dicatat")
        )
    if booking.state != BookingState.BOOKED or not words_of(booking, clock.now()).can_change:
        return see_other("booking", token=token)
    context = {"booking": booking, "form": form}
    status = 400 if form.errors else 200
    return unlisted_page(render(request, "queueing/booking_earlier.html", context, status=status))


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def accept_offer(request: HttpRequest, token: str) -> HttpResponse:
    """Move to the earlier time that is offered."""
    return _answer(request, token, acts.accept_offer)


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def decline_offer(request: HttpRequest, token: str) -> HttpResponse:
    """Let an offered time go, or stop waiting for one."""
    return _answer(request, token, acts.withdraw_wish)


def _answer(request: HttpRequest, token: str, answer: Callable[..., Booking]) -> HttpResponse:
    booking = access_booking(token)
    if request.method != "POST":
        return see_other("booking", token=token)
    return tried(request, token, lambda: answer(booking=booking), _("Waktu tidak berubah"))


@public_page
@no_store
@require_http_methods(["GET", "HEAD", "POST"])
def come(request: HttpRequest, token: str) -> HttpResponse:
    """Check in with the code that is shown on site, and lead to the number."""
    booking = access_booking(token)
    if request.method != "POST" or booking.ticket is not None:
        return see_other("booking", token=token)
    limits.count_issue(request, scope=f"come-{booking.pk}", limit=PRESENCE_TRIES_A_MINUTE)
    form = PresenceForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal("bad_code", form.problem, status=400)
        code = form.cleaned_data["kode"]
        ticket = checkin.check_in(booking=booking, channel=Channel.ONLINE, presence_code=code)
    except Refusal as refusal:
        return _page(request, access_booking(token), refusal, _("Kehadiran belum dicatat"))
    response = see_other("ticket", token=ticket.token)
    holding.hold(request, response, ticket)
    return response
