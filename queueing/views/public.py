"""What every page for citizens shares."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from mpp.core import mall, revision

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def public_page(view: View[Params]) -> View[Params]:
    """Open `view` to everybody; raise `Refusal` (503) while the portal has no mall.

    A page that only reads shows one moment, that at which the request came in: eighteen rows cannot
    disagree about clock and configuration, and cost no query instead of eighteen.
    """

    @login_not_required
    @functools.wraps(view)
    def page(request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if getattr(request, "mall", None) is None:
            mall.current()
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        with revision.steady(revision.at_entry()):
            return view(request, *args, **kwargs)

    return page


def secret_page(response: HttpResponse) -> HttpResponse:
    """Keep a page whose address is a secret away from other sites and from search engines."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def unlisted_page(response: HttpResponse) -> HttpResponse:
    """Keep a page whose address is a secret, and which has forms, away from search engines.

    Other sites never see the address either (settings.SECURE_REFERRER_POLICY). A stricter policy would
    take the origin off this page's own forms, and they would be refused as forged.
    """
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def helps(request: HttpRequest) -> bool:
    """Tell whether the number or the time is for somebody whom this person helps."""
    return "bantu" in (request.POST if request.method == "POST" else request.GET)


def see_other(to: str, **kwargs: str) -> HttpResponse:
    """Answer 303: the browser follows with GET, so a reload never sends the form again."""
    return HttpResponseRedirect(reverse(to, kwargs=kwargs), status=303)
