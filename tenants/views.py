"""Signing in, where each role goes from there, one's own desk, and signing out."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from mpp.core import audit
from mpp.core.errors import Forbidden, Refusal
from mpp.core.net import client_address, own_address
from tenants import actions
from tenants.enums import Role
from tenants.forms import PinForm, SignInForm
from tenants.models import DeskPin, User

AT_COUNTERS = frozenset({Role.OFFICER, Role.AGENCY_MANAGER})


class HtmxRequest(HttpRequest):
    """A request that django-htmx has looked at."""

    htmx: HtmxDetails


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HtmxRequest) -> HttpResponse:
    """Show the form; let the person in and take them where they wanted to go."""
    if request.htmx:
        return _whole_page(request)
    if request.method == "POST":
        return _try(request, SignInForm(request.POST))
    if request.user.is_authenticated:
        return redirect(_wanted(request))
    return _page(request, SignInForm())


def _whole_page(request: HtmxRequest) -> HttpResponse:
    """Answer a console whose session ended: its script followed the redirect, the browser must too."""
    wanted = request.htmx.current_url_abs_path or reverse("after-sign-in")
    return HttpResponseClientRedirect(reverse("sign-in", query={"next": wanted}))


def _try(request: HttpRequest, form: SignInForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        user = actions.sign_in(request, form.cleaned_data["username"], form.cleaned_data["password"])
    except Refusal as refusal:
        form.ask_password_again()
        return _page(request, form, status=refusal.status, refusal=refusal)
    # login() gives the session a new key: one planted beforehand never becomes signed in (S-064).
    login(request, user)
    return redirect(_wanted(request))


def _page(
    request: HttpRequest, form: SignInForm, *, status: int = 200, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal,
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    response = render(request, "tenants/sign_in.html", context, status=status)
    if refusal and "wait_seconds" in refusal.extra:
        response["Retry-After"] = str(refusal.extra["wait_seconds"])
    return response


def _wanted(request: HttpRequest) -> str:
    """Return the address asked for before signing in, when it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return own_address(request, wanted) or reverse("after-sign-in")


@require_safe
def after_sign_in(request: HttpRequest) -> HttpResponse:
    """Take each role to its place; who has none yet sees what may be opened."""
    user = cast(User, request.user)
    if user.is_superuser or user.role in {Role.ADMIN, Role.AGENCY_MANAGER}:
        return redirect("admin:index")
    if user.role == Role.OFFICER:
        return redirect("console")
    places = [
        (reverse("display-list"), _("Layar panggilan"), _("Siapa dipanggil ke loket mana.")),
        (reverse("kiosk"), _("Anjungan"), _("Ambil nomor untuk pengunjung.")),
        (reverse("home"), _("Beranda"), _("Layanan, antrean, dan jam buka.")),
    ]
    if user.role in {Role.FLOOR_MANAGER, Role.AUDITOR}:
        places.insert(0, (reverse("floor"), _("Lantai"), _("Semua antrean dan loket, langsung.")))
    if user.role == Role.FLOOR_MANAGER:
        places.insert(1, (reverse("trouble"), _("Gangguan"), _("Nyatakan dan akhiri gangguan.")))
    return render(request, "tenants/account.html", {"places": places})


@sensitive_post_parameters("password", "pin", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show what people at counters set for themselves: the PIN of the screen, the shortcuts."""
    user = cast(User, request.user)
    if user.role not in AT_COUNTERS:
        raise Forbidden
    if request.method != "POST":
        return _desk(request, PinForm())
    if request.POST.get("act") == "keys":
        actions.switch_shortcuts(on=request.POST.get("on") == "1", by=user)
        messages.success(request, _("Pilihan pintasan disimpan."))
        return _see_account()
    return _new_pin(request, PinForm(request.POST), user)


def _new_pin(request: HttpRequest, form: PinForm, user: User) -> HttpResponse:
    if not form.is_valid():
        return _desk(request, form, status=400)
    try:
        actions.prove_password(request, form.cleaned_data["password"], by=user)
        actions.set_pin(pin=form.cleaned_data["pin"], by=user)
    except Refusal as refusal:
        words = _("Kata sandi salah. PIN belum diganti.") if refusal.status == 401 else refusal.message
        form.add_error("password" if refusal.status in {401, 429} else "pin", str(words))
        return _desk(request, form, status=refusal.status)
    messages.success(request, _("PIN dipasang. Pakai saat layar Anda terkunci."))
    return _see_account()


def _desk(request: HttpRequest, form: PinForm, *, status: int = 200) -> HttpResponse:
    has_pin = DeskPin.objects.filter(user=cast(User, request.user)).exists()
    return render(request, "tenants/desk.html", {"form": form, "has_pin": has_pin}, status=status)


def _see_account() -> HttpResponse:
    response = redirect("account")
    response.status_code = 303
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and now, and let the browser forget it."""
    audit.record("account.sign_out", by=request.user, address=client_address(request))
    logout(request)
    response = redirect("home")
    response.status_code = 303
    response["Clear-Site-Data"] = '"cache", "cookies"'
    return response
