"""Trouble: one page for whoever runs the floor. Declared in one form, ended with one press."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mpp.core import clock
from mpp.core.errors import Forbidden, NotFound, Refusal
from services import actions
from services.access import may_handle_trouble
from services.forms import ExpectationForm, TroubleForm
from services.models import Disruption
from tenants.models import User


def _acting(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not may_handle_trouble(user):
        raise Forbidden
    return user


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trouble(request: HttpRequest) -> HttpResponse:
    """Show the trouble that goes on and of today; declare new trouble."""
    user = _acting(request)
    if request.method != "POST":
        return _page(request, TroubleForm())
    form = TroubleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        actions.start_disruption(by=user, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, str(refusal.message))
        return _page(request, form, status=refusal.status)
    messages.success(request, _("Gangguan dinyatakan. Halaman, anjungan, dan layar memberitahukannya."))
    return _back()


@require_POST
def extend(request: HttpRequest, trouble_id: int) -> HttpResponse:
    """Say anew until when the trouble lasts."""
    user, disruption = _acting(request), _find(trouble_id)
    form = ExpectationForm(request.POST)
    if not form.is_valid():
        for error in form.errors["expected_until"]:
            messages.error(request, str(error))
        return _back()
    actions.extend_disruption(disruption=disruption, by=user, **form.cleaned_data)
    messages.success(request, _("Perkiraan pulih diubah."))
    return _back()


@require_POST
def end(request: HttpRequest, trouble_id: int) -> HttpResponse:
    """End the trouble: one press."""
    actions.end_disruption(by=_acting(request), disruption=_find(trouble_id))
    messages.success(request, _("Gangguan berakhir. Nomor dapat diambil lagi."))
    return _back()


def _find(trouble_id: int) -> Disruption:
    disruption = Disruption.objects.filter(pk=trouble_id).first()
    if disruption is None:
        raise NotFound
    return disruption


def _back() -> HttpResponse:
    response = redirect("trouble")
    response.status_code = 303
    return response


def _page(request: HttpRequest, form: TroubleForm, *, status: int = 200) -> HttpResponse:
    rows = Disruption.objects.select_related("agency", "started_by", "ended_by")
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    context = {
        "form": form,
        "open_rows": [(row, ExpectationForm(auto_id=f"%s-{row.pk}")) for row in rows.open()],
        "ended_rows": rows.filter(ended_at__gte=midnight),
    }
    return render(request, "services/trouble.html", context, status=status)
