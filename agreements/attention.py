"""What of agreements waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.models import Finding, WorkItem
from mpp.core.attention import Attention, Reach, Urgency
from tenants.enums import SERVING, AgencyKind
from tenants.models import Agency

# The second of the warnings before an agreement ends (trust.md A-05).
WARNING_DAYS = 90
PRESSING_DAYS = 30


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
