"""The board of the road, and the way in of one agency: pages of their own in the admin."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from agreements import board, onboarding
from agreements.actions import cancel_plan, claim, end_trial, extend_trial, send_back, start_trial, verify
from agreements.admin.road_forms import CancelForm, DecisionForm, StartForm
from agreements.admin.road_links import Button, button_of
from agreements.checklist import Item, sections_of
from agreements.enums import RoadStage, Verdict
from agreements.models import JoiningAgency, Trial
from agreements.onboarding import Gap, Step, WayIn
from agreements.proofs import CONTENT_TYPES
from mpp.core import clock
from mpp.core.admin import PortalAdmin, action_page, change_url, get_or_404
from mpp.core.errors import NotFound, Refusal
from queueing import availability
from queueing.enums import Channel
from tenants.actions.agencies import set_status
from tenants.admin import acting
from tenants.enums import AgencyKind, AgencyStatus
from tenants.models import Agency

# What one press on the way in may set: the two steps that need nothing but the word.
STEPS = {"willing": AgencyStatus.COMMITTED, "prepare": AgencyStatus.PREPARING}
PAST_TRIAL = frozenset({AgencyStatus.OPERATING, AgencyStatus.PAUSED, AgencyStatus.ENDED})


@admin.register(JoiningAgency)
class JoiningAgencyAdmin(PortalAdmin):
    """Shows where an agency stands; the agency itself is changed in its own table."""

    agency_lookup = "pk"
    # The agency says itself what is ready.
    agency_actions = ("readiness", "evidence")
    search_fields = ["code", "name", "short_name"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A manager claims the readiness of the own agency; the pages that decide ask `may_decide`."""
        if self.is_cut(request):
            return self.has_view_permission(request, obj)
        return super().has_change_permission(request, obj)

    def may_decide(self, request: HttpRequest) -> bool:
        """Tell whether this person moves agencies along: DPMPTSP, not the agency itself."""
        return request.user.has_perm("agreements.change_joiningagency")

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "kesiapan": ("readiness", self.readiness_view),
            "kesiapan/<slug:code>": ("evidence", self.evidence_view),
            "uji-coba": ("trial", self.trial_view),
            "putusan": ("decision", self.decision_view),
            "rencana-uji-coba": ("plan", self.plan_view),
            "maju": ("step", self.step_view),
        }
        own = [
            path(
                f"<int:key>/{address}/",
                self.admin_site.admin_view(view),
                name=f"agreements_joiningagency_{name}",
            )
            for address, (name, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

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
        agency = self._agency(request, object_id)
        if request.method != "GET":
            raise PermissionDenied
        way = onboarding.way_in(agency)
        [card] = board.board_of(Agency.objects.filter(pk=agency.pk)).cards
        may_change = self.may_decide(request)
        context = {
            **self._page(request, agency, agency.short_name),
            "way": way,
            "card": card,
            "stages": _stations(card.stage),
            "steps": [(step, self._with_buttons(request, way, step)) for step in way.steps],
            "may_change": may_change,
            **self._first_number(agency),
        }
        return TemplateResponse(request, "admin/road/way_in.html", context)

    def _with_buttons(self, request: HttpRequest, way: WayIn, step: Step) -> list[tuple[Gap, Button | None]]:
        """Return each gap of a step with its button; gaps that one form mends share the first one's."""
        rows: list[tuple[Gap, Button | None]] = []
        links: set[str] = set()
        for gap in step.gaps:
            is_theirs = self.may_decide(request) or (self.is_cut(request) and gap.fix == "readiness")
            button = button_of(request, way, gap) if is_theirs else None
            if button and button.link in links:
                button = None
            links |= {button.link} if button else set()
            rows.append((gap, button))
        return rows

    def _first_number(self, agency: Agency) -> dict[str, Any]:
        """Return what the end of the way shows: the first number served, or where to take it.

        Whoever operates is past it: among years of numbers the first would take long to find.
        """
        if agency.status != AgencyStatus.TRIAL:
            return {"is_past_trial": agency.status in PAST_TRIAL}
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
        refused: dict[str, str] = {}
        if request.method == "POST":
            if not self.has_change_permission(request, agency):
                raise PermissionDenied
            refused = _take_all(request, agency)
            if not refused:
                return redirect(request.path)
        sections = sections_of(agency)
        items = [item for section in sections for item in section.items]
        context = {
            **self._page(request, agency, _("Kesiapan %(agency)s") % {"agency": agency.short_name}),
            "sections": [
                (section, [(item, *_typed(item, request, refused)) for item in section.items])
                for section in sections
            ],
            "verified": sum(item.is_verified for item in items),
            "waiting": sum(item.is_waiting for item in items),
            "total": len(items),
            "may_claim": self.has_change_permission(request, agency),
            "may_verify": self.may_decide(request),
            "person": acting(request),
        }
        status = 409 if refused else 200
        return TemplateResponse(request, "admin/road/readiness.html", context, status=status)

    def evidence_view(self, request: HttpRequest, key: int, code: str) -> HttpResponseBase:
        """Hand out the file as an attachment: nothing in it is shown on our own pages."""
        check = self._agency(request, key).readiness_checks.filter(criterion__code=code).first()
        try:
            file = check.file.open("rb") if check and check.file else None
        except FileNotFoundError:
            file = None
        if file is None:
            raise NotFound(_("Syarat ini belum punya berkas bukti."))
        suffix = PurePath(str(file.name)).suffix
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"bukti-{code.lower()}{suffix}",
            content_type=CONTENT_TYPES.get(suffix, "application/octet-stream"),
        )

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
            button=_("Mulai uji coba"),
            act=lambda sent: _told_start(start_trial(agency=agency, by=acting(request), **sent)),
            gaps=way.before_trial,
            notes=[
                _("Sejak hari mulai warga dapat mengambil nomor. Halaman dan anjungan menyebut uji coba."),
                _("Bila mulai lain hari, kesiapan diperiksa lagi hari itu. Yang tidak siap dibatalkan."),
                _("Jam uji coba kosong berarti jam biasa. Jam itu berakhir bersama uji coba."),
            ],
        )

    def plan_view(self, request: HttpRequest, key: int) -> HttpResponse:
        agency = self._agency(request, key, to_decide=True)
        planned = agency.trials.planned()
        trial = get_or_404(planned, planned.values_list("pk", flat=True).first())
        return action_page(
            self,
            request,
            instance=agency,
            form=CancelForm(request.POST if request.method == "POST" else None),
            title=_("Batalkan rencana uji coba %(agency)s") % {"agency": agency.short_name},
            button=_("Batalkan rencana"),
            act=lambda sent: _cancelled(trial, sent["reason"], acting(request)),
            notes=[_("Direncanakan mulai %(day)s.") % {"day": f"{trial.starts_on:%d-%m-%Y}"}],
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


def _stations(stage: RoadStage) -> list[tuple[RoadStage, str]]:
    """Return the stations of the road, each as passed, here or ahead; pause and end only when there."""
    order = list(RoadStage)
    here = order.index(stage)
    shown = [one for one in order if one not in {RoadStage.PAUSED, RoadStage.ENDED} or one == stage]
    marks = {one: "passed" if order.index(one) < here else "ahead" for one in shown}
    return [(one, "here" if one == stage else marks[one]) for one in shown]


def _take_all(request: HttpRequest, agency: Agency) -> dict[str, str]:
    """Take what was pressed, item by item; return why some were refused, by code. The others are kept."""
    done, refused = 0, {}
    for item in [item for section in sections_of(agency) for item in section.items]:
        try:
            done += _take(item, agency, request)
        except Refusal as refusal:
            refused[item.criterion.code] = str(refusal.message)
    if done:
        messages.success(request, _("%(count)d syarat dicatat.") % {"count": done})
    return refused


def _typed(item: Item, request: HttpRequest, refused: dict[str, str]) -> tuple[str, str]:
    """Return what was typed for an item that was refused, and why; both empty for any other."""
    code = item.criterion.code
    return (request.POST.get(f"bukti-{code}", ""), refused[code]) if code in refused else ("", "")


def _take(item: Item, agency: Agency, request: HttpRequest) -> int:
    """Do for one item what the form asks; return how many changes that was (0 or 1)."""
    criterion, sent, person = item.criterion, request.POST, acting(request)
    pressed, _dot, code = sent.get("tekan", "").partition(".")
    what: dict[str, Any] = {"agency": agency, "criterion": criterion, "by": person}
    evidence, file = (
        sent.get(f"bukti-{criterion.code}", ""),
        request.FILES.get(f"berkas-{criterion.code}"),
    )
    if pressed == "nyatakan" and (evidence.strip() or file):
        claim(**what, evidence=evidence, file=file)
        return 1
    if pressed == "periksa" and criterion.code in sent.getlist("periksa"):
        verify(**what)
        return 1
    if pressed == "kembalikan" and code == criterion.code:
        send_back(**what, note=sent.get(f"kurang-{criterion.code}", ""))
        return 1
    return 0


def _cancelled(trial: Trial, reason: str, person: Any) -> None:
    cancel_plan(trial=trial, reason=reason, by=person)


def _told_start(trial: Trial) -> str:
    if trial.started_at is None:
        return _("Uji coba direncanakan mulai %(day)s.") % {"day": f"{trial.starts_on:%d-%m-%Y}"}
    return _("Uji coba dimulai, sampai %(day)s.") % {"day": f"{trial.ends_on:%d-%m-%Y}"}


def _decide(trial: Trial, sent: dict[str, Any], person: Any) -> None:
    verdict = Verdict(sent["verdict"])
    if verdict == Verdict.EXTEND:
        extend_trial(trial=trial, ends_on=sent["ends_on"], reason=sent["reason"], by=person)
    else:
        end_trial(trial=trial, verdict=verdict, reason=sent["reason"], by=person)
