"""The day's numbers are gone: asking to hear of new ones, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.notifications import ways
from mpp.notifications.enums import Kind
from queueing import actions, availability, limits, notifications
from queueing.access import access_wish
from queueing.actions.wishing import can_wish
from queueing.enums import Channel
from queueing.told_forms import PushForm, TellForm, browser_key
from queueing.told_ways import typed_ways
from queueing.views.browse import find_service
from queueing.views.public import public_page, see_other, unlisted_page
from queueing.views.told import CHOICES_A_MINUTE, consent
from services.models import Service

no_store = cache_control(private=True, no_store=True)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask where to tell somebody of new numbers; where there are some now, lead to them."""
    service = find_service(slug)
    if request.method == "POST":
        return _note(request, service)
    answer = availability.of_service(service, channel=Channel.ONLINE)
    if not can_wish(answer) or not typed_ways():
        return see_other("service-detail", slug=service.slug)
    return _form(request, service, TellForm())


def _note(request: HttpRequest, service: Service) -> HttpResponse:
    limits.count_issue(request, scope="told", limit=CHOICES_A_MINUTE)
    if request.POST.get("lewat") == Kind.PUSH:
        browser = PushForm(request.POST)
        if browser.problem:
            return _form(request, service, TellForm(), status=400, problem=browser.problem)
        return _keep(service, browser.way)
    form = TellForm(request.POST)
    return _keep(service, form.way) if form.is_valid() else _form(request, service, form, status=400)


def _keep(service: Service, way: Mapping[str, Any]) -> HttpResponse:
    try:
        wish = actions.wish_number(service=service, words=_consent(service), **way)
    except Refusal:
        # There are numbers again, or the day is over: the service's page says which.
        return see_other("service-detail", slug=service.slug)
    return see_other("number-wish-held", token=wish.token)


def _consent(service: Service) -> str:
    return consent(_("nomor untuk %(service)s hari ini") % {"service": service.name})


def _form(
    request: HttpRequest, service: Service, form: TellForm, status: int = 200, problem: str = ""
) -> HttpResponse:
    context = {
        "service": service,
        "form": form,
        "problem": problem,
        "consent": _consent(service),
        "push_key": browser_key(),
    }
    return unlisted_page(render(request, "queueing/number_wish.html", context, status=status))


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def held(request: HttpRequest, token: str) -> HttpResponse:
    """Show who asked what is noted, and delete it on request."""
    wish = access_wish(token)
    if request.method == "POST":
        actions.forget_wish(wish=wish)
        return see_other("service-detail", slug=wish.service.slug)
    context = {
        "wish": wish,
        "about": notifications.page_of_wish(wish),
        "way": next(iter(ways.current(notifications.holder_of_wish(wish))), None),
        "is_over": wish.date < clock.today(),
    }
    return unlisted_page(render(request, "queueing/number_wish_held.html", context))
