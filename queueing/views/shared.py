"""Pages that are the same for everybody: drawn once for a state of the mall, not once for each visitor.

In the morning hundreds open the same list in the same second. A page depends on its address, the
language, and what `pulse.mark` sums up: the configuration, every line, every counter. What passes with
the clock alone (an hour that opens, a place that comes back) is at most a second old.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from mpp.core import language, revision
from queueing import holding
from queueing.floor import pulse

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]
Key = tuple[object, ...]

# Whoever brings another cookie may see something of their own: a number, an account.
NOBODYS_COOKIES = frozenset({language.COOKIE, holding.DEVICE_COOKIE, settings.CSRF_COOKIE_NAME})
# A part of a page, for a script.
PART_HEADERS = ("HX-Request", "X-MPP-Part")
MOST_KEPT = 200

_kept: OrderedDict[Key, tuple[Key, bytes, dict[str, str]]] = OrderedDict()
_lock = Lock()
_drawing = tuple(Lock() for _ in range(32))


def for_everybody(view: View[Params]) -> View[Params]:
    """Let whoever has nothing of their own here share the drawn page; inside `public_page`."""

    @functools.wraps(view)
    def page(request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if not _is_anybody(request):
            return view(request, *args, **kwargs)
        instant = revision.read()
        address: Key = (request.build_absolute_uri(), get_language())
        state: Key = (pulse.mark(instant), int(instant.at.timestamp()))
        # One draws, the others wait for it: eight threads that draw the same take eight times as long.
        with _drawing[hash(address) % len(_drawing)]:
            known = _kept.get(address)
            if known and known[0] == state:
                return HttpResponse(known[1], headers=known[2])
            response = view(request, *args, **kwargs)
            if response.status_code == 200 and not response.cookies and not _has_form_secret(request):
                _keep(address, (state, response.content, dict(response.items())))
        return response

    return page


def forget() -> None:
    """Forget every page that is kept."""
    with _lock:
        _kept.clear()


def _is_anybody(request: HttpRequest) -> bool:
    asks_for_part = any(name in request.headers for name in PART_HEADERS)
    return not asks_for_part and request.COOKIES.keys() <= NOBODYS_COOKIES


def _has_form_secret(request: HttpRequest) -> bool:
    """Tell whether a form on the page carries a secret of this visitor (django.middleware.csrf)."""
    return bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def _keep(address: Key, drawn: tuple[Key, bytes, dict[str, str]]) -> None:
    with _lock:
        _kept[address] = drawn
        _kept.move_to_end(address)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
