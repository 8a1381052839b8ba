"""What search engines are told: where to look, and where not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemaps
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mpp.core import revision
from mpp.core.net import public_address
from queueing.roster import roster_at
from services import shelf
from services.guide import guide_at
from services.models import Service

if TYPE_CHECKING:
    Addresses = Sitemap[str]
    Services = Sitemap[Service]
else:
    Addresses = Services = Sitemap

# Not /t/ and /kunjungan/: who may not look there would never read that they are not to be listed.
CLOSED = (
    "/admin/",
    "/akun/",
    "/anjungan/",
    "/antrean/",
    "/api/",
    "/bahasa/",
    "/lantai/",
    "/layar/",
    "/loket/",
)
PAGES = ("home", "service-list", "file-enter", "mall", "facilities", "news", "questions", "fairness", "now")


class PageMap(Addresses):
    """The pages that are there in every mall, its own, and those of its agencies."""

    def items(self) -> Sequence[str]:
        """Return their addresses."""
        instant = revision.at_entry()
        own = [reverse("mall-page", args=[page.slug]) for page in guide_at(instant).pages]
        agencies = [agency.slug for agency in roster_at(instant).agencies.values()]
        return [
            *(reverse(name) for name in PAGES),
            *own,
            *(reverse("agency-detail", args=[slug]) for slug in agencies),
        ]

    def location(self, item: str) -> str:
        """Return the address itself."""
        return item


class ServiceMap(Services):
    """The services, each with the day from which its standard holds."""

    def items(self) -> Sequence[Service]:
        """Return those that are shown today."""
        return shelf.public_services(revision.at_entry())

    def location(self, item: Service) -> str:
        """Return the address of its page."""
        return reverse("service-detail", args=[item.slug])

    def lastmod(self, item: Service) -> date | None:
        """Return since when the page says what it says."""
        standard = shelf.standard_of(item, revision.at_entry())
        return standard.valid_from if standard else None


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Answer where crawlers have nothing to find."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines += ["", f"Sitemap: {public_address(request, reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Answer the addresses that are worth finding."""
    return sitemaps.sitemap(request, {"pages": PageMap, "services": ServiceMap})
