"""The admin as a place: its door, its search, its first page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from mpp.core import palette
from mpp.dashboard import views
from mpp.dashboard.search import LONGEST, search
from tenants.permissions import may_enter_admin
from tenants.views import sign_out


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site with the portal's own sign-in, and colours from the mall's one colour."""

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter_admin(request.user)

    def extra_urls(self) -> list[URLPattern]:
        """Return the addresses that belong to no table."""
        return [
            path("saringan/", self.admin_view(views.save), name="save_view"),
            path("saringan/<int:pk>/hapus/", self.admin_view(views.drop), name="drop_view"),
        ]

    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send people to the one sign-in page; who is signed in and may not enter gets 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        wanted = request.GET.get("next") or reverse("admin:index")
        return redirect(reverse(settings.LOGIN_URL, query={"next": wanted}))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return sign_out(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the tables of one app; of all of them nobody asks, our menu goes by task."""
        return super().get_app_list(request, app_label) if app_label else []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        mall = getattr(request, "mall", None)
        if mall is not None:
            context["site_header"] = context["site_title"] = mall.short_name
        shades = palette_shades(mall.accent if mall else palette.FALLBACK)
        return context | {"colors": (context.get("colors") or {}) | {"primary": shades}}

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Answer the search of the menu: while typing a list below the box, else a page."""
        term = request.GET.get("s", "")
        context = {"groups": search(request, term), "term": term[:LONGEST]}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "admin/search_results.html", context)
        context = {**self.each_context(request), **context, "title": str(_("Cari"))}
        return TemplateResponse(request, "admin/search.html", context)


def palette_shades(accent: str) -> dict[str, str]:
    """Return Unfold's eleven shades of the mall's colour; 600, under white text, is the colour itself."""
    lighter = {"50": 95, "100": 90, "200": 80, "300": 65, "400": 40, "500": 15}
    darker = {"700": 15, "800": 30, "900": 45, "950": 60}
    shades = {weight: f"color-mix(in srgb, {accent}, white {share}%)" for weight, share in lighter.items()}
    shades["600"] = accent
    return shades | {
        weight: f"color-mix(in srgb, {accent}, black {share}%)" for weight, share in darker.items()
    }


def environment_label(request: HttpRequest) -> list[str] | None:
    """Return the mark beside the name: that this is the demo."""
    return [str(_("Demo")), "warning"] if settings.DEMO else None
