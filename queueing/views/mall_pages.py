"""What the mall says of itself: pledge, way here, facilities, news, answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mpp.core import revision
from mpp.core.errors import NotFound
from queueing.views.public import public_page
from services.guide import guide_at


@public_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show all there is to read about the mall, and who is in charge."""
    instant = revision.read()
    guide = guide_at(instant)
    context = {"guide": guide, "latest": guide.news_on(instant.day)[:3]}
    return render(request, "queueing/mall.html", context)


@public_page
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one of the mall's own pages."""
    found = guide_at(revision.read()).page(slug)
    if found is None:
        raise NotFound
    return render(request, "queueing/mall_page.html", {"page": found})


@public_page
@require_safe
def facilities(request: HttpRequest) -> HttpResponse:
    """Show what is in the building, where, and whether a wheelchair gets there."""
    return render(request, "queueing/facilities.html", {"rows": guide_at(revision.read()).facilities})


@public_page
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Show what people ask at the door, with the answers."""
    return render(request, "queueing/questions.html", {"rows": guide_at(revision.read()).questions})


@public_page
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Show what is new today."""
    instant = revision.read()
    return render(request, "queueing/news.html", {"rows": guide_at(instant).news_on(instant.day)})
