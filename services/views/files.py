"""Files in process, for the agency that has them: what to do first, and one button for the next step."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from mpp.core import clock
from mpp.core.codes import normal_code
from mpp.core.errors import NotFound, Refusal
from services import actions, workflow
from services.access import access_submission, agencies_with_files
from services.file_rows import rows_of
from services.models import Submission
from services.querysets import SubmissionQuerySet
from tenants.models import User

FILES_PER_PAGE = 50
LONGEST_SEARCH = 60


@never_cache
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the files of one's agency, late ones first; found by code, number or service."""
    return _page(request)


@never_cache
@require_POST
def take_step(request: HttpRequest, file_id: int, step: str) -> HttpResponse:
    """Move a file on; a refusal is shown in place, with the files as they are now."""
    user = cast(User, request.user)
    submission = access_submission(user, file_id)
    if step not in workflow.SUBMISSION.table or step in workflow.AT_COUNTER_ONLY:
        raise NotFound
    try:
        moved = actions.take_step(
            submission=submission, step=step, by=user, note=request.POST.get("note", "")
        )
    except Refusal as refusal:
        return _page(request, refusal)
    words = _("Berkas %(code)s: %(state)s.")
    messages.success(request, words % {"code": moved.spoken_code, "state": moved.get_state_display()})
    query = {"cari": sought} if (sought := _sought(request)) else None
    return HttpResponseRedirect(reverse("files", query=query), status=303)


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    agencies = agencies_with_files(cast(User, request.user))
    files, today, sought = Submission.objects.of(agencies), clock.today(), _sought(request)
    shown = _found(files, sought) if sought else files.running().most_pressing_first()
    page = Paginator(shown, FILES_PER_PAGE).get_page(request.GET.get("halaman"))
    context = {
        "agencies": agencies,
        "late": files.late(today).count(),
        "sought": sought,
        "page": page,
        "rows": rows_of(page, today),
        "refusal": refusal,
    }
    return render(request, "services/files.html", context, status=refusal.status if refusal else 200)


def _sought(request: HttpRequest) -> str:
    given = request.POST.get("cari") or request.GET.get("cari") or ""
    return "".join(filter(str.isprintable, given))[:LONGEST_SEARCH].strip()


def _found(files: SubmissionQuerySet, text: str) -> SubmissionQuerySet:
    """Return the files with this code, number or service, ended ones too, the newest first."""
    wanted = Q(number__iexact=text) | Q(service__name__icontains=text)
    if code := normal_code(text):
        wanted |= Q(code__startswith=code)
    return files.filter(wanted)
