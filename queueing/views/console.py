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
from queueing.console import CounterPage, page_of, placement_of, services_with_line, transfer_targets
from queueing.enums import Channel, Step, TicketState
from queueing.models import CounterSession, Ticket, TicketEvent
from tenants.models import Counter, User

# What a step of the second row does to the number it is taken on.
STEPS: dict[str, Callable[..., Ticket]] = {
    Step.RECALL: actions.recall,
    Step.NO_SHOW: actions.mark_no_show,
    Step.START: actions.start,
    Step.FINISH: actions.finish,
    Step.HOLD: actions.hold,
    Step.RESUME: actions.resume,
    Step.TRANSFER: actions.transfer,
}
LONGEST_KEY = 100

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


def _field(request: HttpRequest, name: str) -> str:
    return clean_text(request.POST.get(name, ""), limit=LONGEST_KEY, field=name)


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
    """Close one's counter."""
    session = access_own_session(request.user, session_id)

    def act() -> None:
        actions.close_counter(session=session, by=request.user)
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
    if seen in ("", str(current or "-")):
        return
    if key and TicketEvent.objects.filter(request_key=key, session=session).exists():
        return
    raise Refusal("old_view", _("Loket ini sudah berubah di layar lain. Ini keadaan sekarang."))


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
    if step not in STEPS:
        raise NotFound
    session = access_own_session(request.user, session_id)

    def act() -> None:
        ticket = _ticket_at(session, step, seen=_field(request, "seen"))
        if step == Step.TRANSFER:
            _transfer(request, ticket)
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


def _transfer(request: OfficerRequest, ticket: Ticket) -> None:
    target = (
        transfer_targets(clock.today()).filter(code=_field(request, "queue")).select_related("agency").first()
    )
    if target is None:
        raise NotFound(_("Antrean tujuan tidak ada. Pilih dari daftar."))
    actions.transfer(ticket=ticket, to=target, by=request.user)
    words = _("%(label)s dialihkan ke %(agency)s.")
    messages.success(request, words % {"label": ticket.label, "agency": target.agency.short_name})
