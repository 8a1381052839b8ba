"""The board of the road, and the way in of one agency: pages of their own in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from agreements import board, onboarding
from agreements.actions import claim, end_trial, extend_trial, send_back, start_trial, verify
from agreements.admin.road_forms import DecisionForm, StartForm
from agreements.admin.road_links import button_of
from agreements.checklist import Item, sections_of
from agreements.enums import Stage, Verdict
from agreements.models import JoiningAgency, Trial
from mpp.core import clock
from mpp.core.admin import PortalAdmin, action_page, change_url, get_or_404
from mpp.core.errors import NotFound, Refusal
from queueing import availability
from queueing.enums import Channel
from tenants.actions.agencies import set_status
from tenants.admin import acting
from tenants.enums import SERVING, AgencyKind, AgencyStatus
from tenants.models import Agency

# What one press on the way in may set: the two steps that need nothing but the word.
STEPS = {"willing": AgencyStatus.COMMITTED, "prepare": AgencyStatus.PREPARING}


@admin.register(JoiningAgency)
class JoiningAgencyAdmin(PortalAdmin):
    """Shows where an agency stands; the agency itself is changed in its own table."""

    search_fields = ["code", "name", "short_name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_decide(self, request: HttpRequest) -> bool:
        """Tell whether this person moves agencies along: DPMPTSP, not the agency itself."""
        return request.user.has_perm("agreements.change_joiningagency")

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "kesiapan": ("readiness", self.readiness_view),
            "uji-coba": ("trial", self.trial_view),
            "putusan": ("decision", self.decision_view),
            "maju": ("step", self.step_view),
        }
        return [
            path(
                f"<int:key>/{address}/",
                self.admin_site.admin_view(view),
                name=f"agreements_joiningagency_{name}",
            )
            for address, (name, view) in pages.items()
        ] + super().get_urls()

    # The board

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = request.GET.get("jenis", "")
        kind = kind if kind in {*AgencyKind.values, "LUAR"} else ""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Papan perjalanan instansi"),
            "opts": self.opts,
            "board": board.board_of(self.get_queryset(request), kind=kind),
            "kind": kind,
            "today": clock.today(),
            "may_add": request.user.has_perm("tenants.add_agency"),
        }
        return TemplateResponse(request, "admin/road/board.html", context)

    # The way in of one agency

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        agency = self._agency(request, object_id)
        way = onboarding.way_in(agency)
        [card] = board.board_of(Agency.objects.filter(pk=agency.pk)).cards
        may_change = self.may_decide(request)
        context = {
            **self._page(request, agency, agency.short_name),
            "way": way,
            "card": card,
            "stages": _stations(card.stage),
            "steps": [
                (step, [(gap, button_of(request, way, gap) if may_change else None) for gap in step.gaps])
                for step in way.steps
            ],
            "may_change": may_change,
            **self._first_number(agency),
        }
        return TemplateResponse(request, "admin/road/way_in.html", context)

    def _first_number(self, agency: Agency) -> dict[str, Any]:
        """Return what the end of the way shows: the first number served, or where to take it."""
        if agency.status not in SERVING:
            return {}
        service = onboarding.first_service(agency)
        answer = availability.of_service(service, clock.now(), Channel.ONLINE) if service else None
        return {
            "served": onboarding.first_served(agency),
            "first_service": service,
            "answer": answer,
        }

    def step_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Take one of the steps that need nothing but the word: willing, or preparing."""
        agency = self._agency(request, key)
        status = STEPS.get(request.POST.get("langkah", ""))
        if request.method != "POST" or not self.may_decide(request):
            raise PermissionDenied
        if status is None:
            raise NotFound
        try:
            set_status(agency=agency, status=status, by=acting(request))
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Sudah dicatat."))
        return redirect(change_url(agency))

    # Readiness

    def readiness_view(self, request: HttpRequest, key: int) -> HttpResponse:
        agency = self._agency(request, key)
        if request.method == "POST":
            return self._take_readiness(request, agency)
        sections = sections_of(agency)
        items = [item for section in sections for item in section.items]
        context = {
            **self._page(request, agency, _("Kesiapan %(agency)s") % {"agency": agency.short_name}),
            "sections": sections,
            "verified": sum(item.is_verified for item in items),
            "waiting": sum(item.is_waiting for item in items),
            "total": len(items),
            "may_claim": self.has_change_permission(request, agency),
            "may_verify": self.may_decide(request),
            "person": acting(request),
        }
        return TemplateResponse(request, "admin/road/readiness.html", context)

    def _take_readiness(self, request: HttpRequest, agency: Agency) -> HttpResponse:
        """Take what was pressed; what one item refuses is told, and the others are kept."""
        if not self.has_change_permission(request, agency):
            raise PermissionDenied
        items = {item.criterion.code: item for section in sections_of(agency) for item in section.items}
        done = 0
        for item in items.values():
            try:
                done += _take(item, agency, request.POST, acting(request))
            except Refusal as refusal:
                messages.error(request, f"{item.criterion.text}: {refusal.message}")
        if done:
            messages.success(request, _("%(count)d syarat dicatat.") % {"count": done})
        return redirect(request.path)

    # The trial

    def trial_view(self, request: HttpRequest, key: int) -> HttpResponse:
        agency = self._agency(request, key, to_decide=True)
        way = onboarding.way_in(agency)
        return action_page(
            self,
            request,
            instance=agency,
            form=StartForm(request.POST if request.method == "POST" else None),
            title=_("Mulai uji coba %(agency)s") % {"agency": agency.short_name},
            button=_("Mulai uji coba hari ini"),
            act=lambda sent: _told_start(start_trial(agency=agency, by=acting(request), **sent)),
            gaps=way.before_trial,
            notes=[
                _("Sejak hari ini warga dapat mengambil nomor. Halaman dan anjungan menyebut uji coba."),
                _("Jam uji coba kosong berarti jam biasa. Jam itu berakhir bersama uji coba."),
            ],
        )

    def decision_view(self, request: HttpRequest, key: int) -> HttpResponse:
        agency = self._agency(request, key, to_decide=True)
        trial = get_or_404(agency.trials.open(), agency.trials.open().values_list("pk", flat=True).first())
        return action_page(
            self,
            request,
            instance=agency,
            form=DecisionForm(request.POST if request.method == "POST" else None),
            title=_("Putusan uji coba %(agency)s") % {"agency": agency.short_name},
            button=_("Catat putusan"),
            act=lambda sent: _decide(trial, sent, acting(request)),
        )

    def _agency(self, request: HttpRequest, key: Any, *, to_decide: bool = False) -> JoiningAgency:
        """Return the agency if this person may see it; a stranger's is 404, as one that is not there."""
        agency: JoiningAgency = get_or_404(self.get_queryset(request).select_related("zone"), key)
        if not self.has_view_permission(request, agency) or to_decide and not self.may_decide(request):
            raise PermissionDenied
        return agency

    def _page(self, request: HttpRequest, agency: Agency, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": agency,
            "agency": agency,
            "today": clock.today(),
        }


def _stations(stage: Stage) -> list[tuple[Stage, str]]:
    """Return the stations of the road, each as passed, here or ahead; pause and end only when there."""
    order = list(Stage)
    here = order.index(stage)
    shown = [one for one in order if one not in {Stage.PAUSED, Stage.ENDED} or one == stage]
    marks = {one: "passed" if order.index(one) < here else "ahead" for one in shown}
    return [(one, "here" if one == stage else marks[one]) for one in shown]


def _take(item: Item, agency: Agency, sent: QueryDict, person: Any) -> int:
    """Do for one item what the form asks; return how many changes that was (0 or 1)."""
    criterion = item.criterion
    pressed, _dot, code = sent.get("tekan", "").partition(".")
    evidence = sent.get(f"bukti-{criterion.code}", "")
    if pressed == "nyatakan" and evidence.strip():
        claim(agency=agency, criterion=criterion, evidence=evidence, by=person)
        return 1
    if pressed == "periksa" and criterion.code in sent.getlist("periksa"):
        verify(agency=agency, criterion=criterion, by=person)
        return 1
    if pressed == "kembalikan" and code == criterion.code:
        send_back(
            agency=agency, criterion=criterion, note=sent.get(f"kurang-{criterion.code}", ""), by=person
        )
        return 1
    return 0


def _told_start(trial: Trial) -> str:
    return _("Uji coba dimulai, sampai %(day)s.") % {"day": f"{trial.ends_on:%d-%m-%Y}"}


def _decide(trial: Trial, sent: dict[str, Any], person: Any) -> None:
    verdict = Verdict(sent["verdict"])
    if verdict == Verdict.EXTEND:
        extend_trial(trial=trial, ends_on=sent["ends_on"], reason=sent["reason"], by=person)
    else:
        end_trial(trial=trial, verdict=verdict, reason=sent["reason"], by=person)
