"""What of agreements waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.enums import Verdict
from agreements.models import Finding, Trial, TrialDecision, WorkItem
from agreements.onboarding import missing_for_trial
from mpp.core.attention import Attention, Reach, Urgency
from tenants.enums import SERVING, AgencyKind
from tenants.models import Agency

# The second of the warnings before an agreement ends (trust.md A-05).
WARNING_DAYS = 90
PRESSING_DAYS = 30
TRIAL_DAYS = 7


def _serving(reach: Reach) -> QuerySet[Agency]:
    serving = Agency.objects.filter(status__in=sorted(SERVING)).exclude(kind=AgencyKind.OPD)
    return serving if reach is None else serving.filter(pk__in=reach)


def without_agreement(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield agencies that serve although no agreement of theirs is in force."""
    for agency in _serving(reach).exclude(agreement_from__lte=day, agreement_to__gte=day):
        until = agency.numbers_until
        if until == date.max:
            words = _("Naskah %(agency)s sudah berakhir. Nomor tetap keluar, menurut aturan kerja sama.")
            words %= {"agency": agency.short_name}
        elif until is not None and until >= day:
            words = _("Naskah %(agency)s sudah berakhir. Nomor keluar sampai %(until)s.")
            words %= {"agency": agency.short_name, "until": date_format(until, "j F Y")}
        else:
            words = _("%(agency)s melayani, tetapi naskahnya tidak berlaku. Nomornya berhenti.")
            words %= {"agency": agency.short_name}
        yield Attention(
            Urgency.NOW,
            words,
            _("Lihat naskah"),
            _papers(agency),
        )


def ending_soon(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield agencies whose agreement ends soon."""
    ending = _serving(reach).filter(agreement_to__range=(day, day + timedelta(days=WARNING_DAYS)))
    for agency in ending.order_by("agreement_to"):
        days = (agency.agreement_to - day).days if agency.agreement_to else 0
        yield Attention(
            Urgency.TODAY if days <= PRESSING_DAYS else Urgency.SOON,
            _("Naskah %(agency)s berakhir dalam %(days)d hari.")
            % {"agency": agency.short_name, "days": days},
            _("Perpanjang naskah") if reach is None else _("Lihat naskah"),
            _papers(agency),
            rank=days,
        )


def planned_trials(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield planned trials that would not begin as things stand, and those cancelled on their day."""
    coming = Q(starts_on__lte=day + timedelta(days=TRIAL_DAYS), ended_at=None, started_at=None)
    cancelled = TrialDecision.objects.filter(verdict=Verdict.CANCEL, by=None, trial__agency__trial_until=None)
    recent = cancelled.filter(at__date__gt=day - timedelta(days=TRIAL_DAYS))
    trials = Trial.objects.filter(coming | Q(pk__in=recent.values("trial")))
    trials = trials if reach is None else trials.filter(agency__in=reach)
    for trial in trials.select_related("agency").order_by("starts_on"):
        name = {"agency": trial.agency.short_name}
        if trial.ended_at:
            words = _("Uji coba %(agency)s tidak jadi dimulai. Lengkapi, lalu rencanakan lagi.")
            yield Attention(Urgency.TODAY, words % name, _("Lihat"), _way_in(trial.agency))
        elif missing := missing_for_trial(trial.agency):
            words = _("Uji coba %(agency)s mulai %(day)s, tetapi belum siap: %(gaps)s")
            told = name | {"day": date_format(trial.starts_on, "j F"), "gaps": missing[0]}
            yield Attention(Urgency.TODAY, words % told, _("Lengkapi"), _way_in(trial.agency))


def _way_in(agency: Agency) -> str:
    return reverse("admin:agreements_joiningagency_change", args=[agency.pk])


def late_work(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield agencies with items of their work plans whose due date has passed (R000-8)."""
    for agency, name, count, _oldest in WorkItem.objects.late_by_agency(day):
        if reach is None or agency in reach:
            query = {"tenggat": "lewat", "agency__id__exact": agency}
            link = reverse("admin:agreements_workitem_changelist", query=query)
            words = _("%(agency)s: %(count)d rencana kerja terlambat.") % {"agency": name, "count": count}
            yield Attention(Urgency.TODAY, words, _("Lihat rencana"), link, rank=-count)


def late_findings(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield how many findings have not been closed by their due date."""
    late = Finding.objects.late(day)
    late = late if reach is None else late.filter(agency__in=reach)
    if count := late.count():
        link = reverse("admin:agreements_finding_changelist")
        words = _("%(count)d temuan lewat tenggat.") % {"count": count}
        yield Attention(Urgency.TODAY, words, _("Lihat temuan"), link, rank=-count)


def _papers(agency: Agency) -> str:
    return reverse("admin:agreements_instrument_changelist", query={"agency__id__exact": agency.pk})
