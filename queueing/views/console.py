"""The officer console: one page that changes in place, and a form for everything an officer does.

Each act answers with the state that is true afterwards, whether it was done or refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from mpp.core.text import clean_text
from queueing import actions
from queueing.access import access_own_session
from queueing.console import (
    CounterPage,
    lines_of,
    page_of,
    placement_of,
    services_with_line,
    transfer_targets,
)
from queueing.enums import Channel, Outcome, Step, TicketState
from queueing.lacking import SEPARATOR, WITH_SLIP
from queueing.lineup import missed_in, waiting_number
from queueing.models import CounterSession, Ticket, TicketEvent
from queueing.undoing import last_deed
from services.models import Service
from tenants.actions import switch_shortcuts
from tenants.models import Counter, User

# Steps of the second row that need nothing but the number they are taken on.
STEPS: dict[str, Callable[..., Ticket]] = {
    Step.RECALL: actions.recall,
    Step.NO_SHOW: actions.mark_no_show,
    Step.START: actions.start,
    Step.HOLD: actions.hold,
    Step.RESUME: actions.resume,
}
LONGEST_KEY = 100
LONGEST_REASON = 200
LONGEST_PAUSE = 120
LONGEST_NOTE = 300
MOST_TICKED = 60

Params = ParamSpec("Params")


class OfficerRequest(HttpRequest):
    """A request of a signed-in person that django-htmx has looked at."""

    user: User
    htmx: HtmxDetails


View = Callable[Concatenate[OfficerRequest, Params], HttpResponse]


@require_safe
def console(request: OfficerRequest) -> HttpResponse:
    """Show the console: the counter that is open, or those that may be opened."""
    return _page(request)


def _page(request: OfficerRequest, refusal: Refusal | None = None) -> HttpResponse:
    page = page_of(request.user)
    part = f"queueing/console_{'counter' if isinstance(page, CounterPage) else 'opening'}.html"
    template = part if request.htmx else "queueing/console.html"
    context = {"page": page, "refusal": refusal, "part": part}
    response = render(request, template, context, status=refusal.status if refusal else 200)
    # The script swaps in only what says that it is the console.
    response["X-MPP-Part"] = "console"
    patch_vary_headers(response, ["HX-Request"])
    return response


def console_act(act: View[Params]) -> View[Params]:
    """Make a view of an act: only by POST, only for people with a counter, a refusal shown in place.

    Without htmx the answer is a redirect (303), so that a reload repeats nothing.
    """

    @functools.wraps(act)
    def view(request: OfficerRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if request.method != "POST":
            # Signing in again leads back to the address of a form; there is nothing to see.
            return redirect("console")
        placement_of(request.user)
        return act(request, *args, **kwargs)

    return view


def _answer(request: OfficerRequest, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        return _page(request, refusal)
    if request.htmx:
        return _page(request)
    response = redirect("console")
    response.status_code = 303
    return response


def _field(request: HttpRequest, name: str, limit: int = LONGEST_KEY) -> str:
    return clean_text(request.POST.get(name, ""), limit=limit, field=name)


def _ticked(request: HttpRequest, name: str) -> list[str]:
    values = request.POST.getlist(name)[:MOST_TICKED]
    return [clean_text(value, limit=LONGEST_NOTE, field=name) for value in values]


@console_act
def open_counter(request: OfficerRequest) -> HttpResponse:
    """Open a counter of one's own agency."""

    def act() -> None:
        counter = Counter.objects.filter(code=_field(request, "counter")).first()
        if counter is None:
            raise NotFound(_("Loket itu tidak ada. Pilih loket lain."))
        # A counter forgotten yesterday must not keep today's officer out when the nightly job did not run.
        if CounterSession.objects.open().filter(date__lt=clock.today()).exists():
            actions.close_past_days()
        actions.open_counter(counter=counter, by=request.user)

    return _answer(request, act)


@console_act
def close_counter(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Close one's counter, with the reason."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        reason = _field(request, "reason", LONGEST_PAUSE)
        if not reason:
            raise Refusal("reason_needed", _("Pilih atau tulis alasan menutup loket."), status=400)
        actions.close_counter(session=session, by=request.user, reason=reason)
        messages.success(request, _("%(counter)s ditutup.") % {"counter": session.counter})

    return _answer(request, act)


@console_act
def call_next(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Call the next number; the same form sent twice is one call."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        key = _field(request, "request_key") or None
        _refuse_old_view(session, seen=_field(request, "seen"), key=key)
        if actions.call_next(session=session, by=request.user, request_key=key) is None:
            messages.info(request, _("Tidak ada yang menunggu."))

    return _answer(request, act)


def _refuse_old_view(session: CounterSession, *, seen: str, key: str | None) -> None:
    """Refuse a press on a page that shows another number than the counter has by now.

    Calling records the present number as finished: a forgotten tab must not do that to a number
    its officer does not see. The second send of one form is not old, it is the same press.
    """
    current = Ticket.objects.at_counter().filter(session=session).values_list("pk", flat=True).first()
    if seen in ("", str(current or "-")) or _was_pressed(session, key):
        return
    raise Refusal("old_view", _("Loket ini sudah berubah di layar lain. Ini keadaan sekarang."))


def _was_pressed(session: CounterSession, key: str | None) -> bool:
    """Tell whether this form has called a number already: then its second send does nothing."""
    return bool(key) and TicketEvent.objects.filter(request_key=key, session=session).exists()


@console_act
def walk_in(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Make a number for a person who came to the counter without one."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        slug = _field(request, "service")
        service = services_with_line(session.agency).select_related("agency").filter(slug=slug).first()
        if service is None:
            raise NotFound(_("Layanan itu tidak ada di loket ini."))
        key = _field(request, "request_key") or None
        ticket = actions.issue_ticket(
            service=service, channel=Channel.STAFF, by=request.user, request_key=key
        )
        words = _("Nomor %(label)s dibuat untuk %(service)s. Sebutkan kepada warga.")
        messages.success(request, words % {"label": ticket.label, "service": service.name})

    return _answer(request, act)


@console_act
def take_step(request: OfficerRequest, session_id: int, step: str) -> HttpResponse:
    """Take a step of the second row on the number at this counter, or on one put aside there."""
    if step not in {*STEPS, Step.FINISH, Step.TRANSFER}:
        raise NotFound
    session = access_own_session(request.user, session_id)

    def act() -> None:
        ticket = _ticket_at(session, step, seen=_field(request, "seen"))
        if step == Step.TRANSFER:
            _transfer(request, session, ticket)
        elif step == Step.FINISH:
            _finish(request, session, ticket)
        else:
            STEPS[step](ticket=ticket, by=request.user)

    return _answer(request, act)


def _ticket_at(session: CounterSession, step: str, *, seen: str) -> Ticket:
    """Return the number of this session that the officer saw when pressing; never another's."""
    tickets = Ticket.objects.with_labels().filter(session=session)
    tickets = tickets.filter(state=TicketState.HELD) if step == Step.RESUME else tickets.at_counter()
    ticket = next((row for row in tickets if seen in ("", str(row.pk))), None)
    if ticket is None:
        raise Refusal("not_at_counter", _("Nomor itu tidak lagi di loket Anda. Ini keadaan sekarang."))
    return ticket


def _finish(request: OfficerRequest, session: CounterSession, ticket: Ticket) -> None:
    """Record how serving ended; without a choice it ended well."""
    outcome = _field(request, "outcome") or Outcome.DONE
    if outcome not in Outcome.values:
        raise Refusal("unknown_outcome", _("Hasil itu tidak ada. Pilih dari daftar."), status=400)
    note = ""
    if outcome == Outcome.INCOMPLETE:
        lacking = [*_ticked(request, "missing"), _field(request, "lacking", LONGEST_NOTE)]
        note = clean_text(SEPARATOR.join(filter(None, lacking)), limit=LONGEST_NOTE, field="lacking")
    elif outcome == Outcome.NOT_SERVABLE:
        note = _field(request, "why", LONGEST_NOTE)
    performed = _services(session, _ticked(request, "performed"))
    actions.finish(ticket=ticket, by=request.user, outcome=outcome, note=note, performed=performed)
    # What lacks, and a file's code, are shown with the way to print them.
    if outcome not in {Outcome.DONE, *WITH_SLIP}:
        words = _("%(label)s dicatat: %(outcome)s.")
        messages.success(request, words % {"label": ticket.label, "outcome": Outcome(outcome).label})


def _services(session: CounterSession, slugs: list[str]) -> list[Service]:
    services = list(Service.objects.filter(agency=session.agency_id, slug__in=slugs))
    if len(services) != len(set(slugs)):
        raise NotFound(_("Layanan itu tidak ada di loket ini."))
    return services


def _transfer(request: OfficerRequest, session: CounterSession, ticket: Ticket) -> None:
    """Send the number to another line, or to the counter of a colleague."""
    words = _("%(label)s dialihkan ke %(goal)s.")
    if code := _field(request, "counter"):
        beside = CounterSession.objects.open().filter(agency=session.agency_id, date=session.date)
        goal = beside.exclude(pk=session.pk).filter(counter__code=code).select_related("counter").first()
        if goal is None:
            raise NotFound(_("Loket tujuan tidak buka. Pilih dari daftar."))
        actions.transfer(ticket=ticket, counter=goal.counter, by=request.user)
        messages.success(request, words % {"label": ticket.label, "goal": goal.counter})
        return
    lines = transfer_targets(clock.today()).filter(code=_field(request, "queue"))
    target = lines.select_related("agency").first()
    if target is None:
        raise NotFound(_("Antrean tujuan tidak ada. Pilih dari daftar."))
    actions.transfer(ticket=ticket, to=target, by=request.user)
    messages.success(request, words % {"label": ticket.label, "goal": target.agency.short_name})


@console_act
def undo(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Take back what was done last at this counter: a call, a finish or a no-show."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        event, seen = last_deed(session), _field(request, "seen")
        if event is None or seen not in ("", str(event.pk)):
            raise Refusal("nothing_to_undo", _("Tidak ada lagi yang dapat diurungkan. Ini keadaan sekarang."))
        ticket = Ticket.objects.with_labels().get(pk=event.ticket_id)
        undone = actions.undo(ticket=ticket, by=request.user)
        words = {
            Step.CALL: _("Panggilan %(label)s diurungkan. Ia menunggu lagi di tempatnya."),
            Step.FINISH: _("%(label)s kembali dilayani."),
            Step.NO_SHOW: _("%(label)s kembali dipanggil."),
        }
        messages.success(request, words[Step(event.step)] % {"label": undone.label})

    return _answer(request, act)


@console_act
def pause(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Let one's counter rest, with a reason."""
    session = access_own_session(request.user, session_id)
    return _answer(
        request,
        lambda: actions.pause(
            session=session, by=request.user, reason=_field(request, "reason", LONGEST_PAUSE)
        ),
    )


@console_act
def go_on(request: OfficerRequest, session_id: int) -> HttpResponse:
    """End the rest of one's counter."""
    session = access_own_session(request.user, session_id)
    return _answer(request, lambda: actions.go_on(session=session, by=request.user))


@console_act
def out_of_turn(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Call a certain waiting number, or let it go first; both with a reason."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        reason, wanted = _field(request, "reason", LONGEST_REASON), _field(request, "act")
        key, label = _field(request, "request_key") or None, _field(request, "number")
        if wanted == "call" and not _was_pressed(session, key):
            _refuse_old_view(session, seen=_field(request, "seen"), key=key)
            ticket = waiting_number(lines_of(session), label)
            actions.call_number(
                session=session, ticket=ticket, by=request.user, reason=reason, request_key=key
            )
        elif wanted == "prioritise":
            given = _field(request, "priority")
            ticket = waiting_number(lines_of(session), label)
            actions.prioritise(ticket=ticket, priority=given, by=request.user, reason=reason)
            messages.success(request, _("%(label)s didahulukan.") % {"label": ticket.label})
        elif wanted != "call":
            raise NotFound

    return _answer(request, act)


@console_act
def re_enter(request: OfficerRequest, session_id: int) -> HttpResponse:
    """Let one of the numbers missed last stand in its line again."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        missed = missed_in(lines_of(session), clock.now())
        seen = _field(request, "seen")
        ticket = next((row for row in missed if str(row.pk) == seen), None)
        if ticket is None:
            raise NotFound(_("Nomor itu tidak dapat masuk lagi. Beri nomor baru dengan “Tanpa nomor”."))
        actions.re_enter(ticket=ticket, by=request.user)
        messages.success(request, _("%(label)s masuk antrean lagi.") % {"label": ticket.label})

    return _answer(request, act)


@console_act
def switch_keys(request: OfficerRequest) -> HttpResponse:
    """Switch the shortcuts of the keyboard on or off, for this person at every desk."""
    return _answer(request, lambda: switch_shortcuts(on=request.POST.get("on") == "1", by=request.user))
