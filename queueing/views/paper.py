"""Entering paper numbers afterwards (trust.md R-13)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mpp.core.errors import Refusal
from queueing import actions
from queueing.actions.paper import Entered
from queueing.paper import PaperForm, blocks_of, services_for
from queueing.views.console import OfficerRequest


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: OfficerRequest) -> HttpResponse:
    """Ask for the papers of one line and write them; what is refused is shown in place, kept as typed."""
    services = services_for(request.user)
    if request.method != "POST":
        return _page(request, PaperForm(services=services))
    form = PaperForm(request.POST, services=services)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        entered = actions.enter_paper(
            service=form.cleaned_data["layanan"],
            first=form.cleaned_data["dari"],
            last=form.cleaned_data["sampai"],
            since=form.cleaned_data["sejak"],
            until=form.cleaned_data["hingga"],
            served=form.cleaned_data["dilayani"],
            by=request.user,
        )
    except Refusal as refusal:
        form.blame(refusal.extra.get("field", ""), str(refusal.message))
        return _page(request, form, status=refusal.status)
    messages.success(request, _told(entered))
    response = redirect("paper")
    response.status_code = 303
    return response


def _told(entered: Entered) -> str:
    words = _("%(prefix)s: %(waiting)d nomor menunggu, %(served)d sudah selesai.") % {
        "prefix": entered.block.prefix,
        "waiting": entered.waiting,
        "served": entered.served,
    }
    if entered.beyond_quota:
        beyond = _("%(count)d nomor di atas kuota hari ini, tetap dicatat.")
        words += " " + beyond % {"count": entered.beyond_quota}
    return words


def _page(request: OfficerRequest, form: PaperForm, status: int = 200) -> HttpResponse:
    services = services_for(request.user)
    lines: dict[str, list[object]] = {}
    for service in services:
        queue = service.queue_link.queue
        lines.setdefault(f"{queue.prefix} · {service.agency.short_name}", []).append(service)
    context = {"form": form, "lines": lines, "blocks": blocks_of(services)}
    return render(request, "queueing/paper.html", context, status=status)
