"""The figures of the admin's first page: few, each with the list behind it."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.enums import CARRYING, SIGNED_STATES
from mpp.core import clock
from queueing.enums import TicketState
from queueing.models import CounterSession, QueueDay, Ticket
from services.models import Service, Submission
from tenants.enums import SERVING, AgencyKind, AgencyStatus
from tenants.models import Agency

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The longest of the warnings before an agreement ends (trust.md A-05).
WARNING_DAYS = 90


@dataclass(frozen=True)
class Figure:
    """One number, what it counts, a note, and where it comes from."""

    label: str
    value: str
    note: str
    link: str


@dataclass(frozen=True)
class Attention:
    """Something that waits for a person."""

    text: StrOrPromise
    link: str


def summary() -> list[Figure]:
    """Return the figures of this moment."""
    return [_agencies(), _agreements(), _services(), _numbers()]


def _agencies() -> Figure:
    tally = Tally(Agency.objects.order_by().values_list("status", flat=True))
    rest = [
        f"{count} {AgencyStatus(status).label}"
        for status, count in sorted(tally.items())
        if status not in SERVING
    ]
    serving = sum(tally[status] for status in SERVING)
    note = ", ".join(rest) or _("semua sudah melayani")
    value = _("%(serving)d dari %(all)d") % {"serving": serving, "all": tally.total()}
    return Figure(_("Instansi melayani"), value, note, reverse("admin:tenants_agency_changelist"))


def _agreements() -> Figure:
    external = Agency.objects.exclude(kind=AgencyKind.OPD)
    signed = external.filter(
        instruments__kind__in=sorted(CARRYING), instruments__state__in=sorted(SIGNED_STATES)
    ).distinct()
    value = _("%(signed)d dari %(all)d sudah tanda tangan") % {
        "signed": signed.count(),
        "all": external.count(),
    }
    note = _("instansi di luar perangkat daerah")
    return Figure(_("Naskah kerja sama"), value, note, reverse("admin:agreements_instrument_changelist"))


def _services() -> Figure:
    shown = Service.objects.public(clock.today()).count()
    note = _("dari %(count)d di katalog") % {"count": Service.objects.count()}
    return Figure(_("Layanan tampil"), str(shown), note, reverse("admin:services_service_changelist"))


def _numbers() -> Figure:
    today = clock.today()
    issued = QueueDay.objects.filter(date=today).aggregate(total=Sum("last_number"))["total"] or 0
    states = Ticket.objects.filter(queue_day__date=today).aggregate(
        waiting=Count("pk", filter=Q(state=TicketState.WAITING)),
        done=Count("pk", filter=Q(state=TicketState.DONE)),
    )
    open_counters = CounterSession.objects.open().filter(date=today).count()
    note = _("%(waiting)d menunggu, %(done)d selesai, %(counters)d loket buka")
    note %= {**states, "counters": open_counters}
    return Figure(_("Nomor hari ini"), str(issued), note, reverse("admin:queueing_queueday_changelist"))


def attention() -> list[Attention]:
    """Return what waits for a person, the most pressing first; empty on a good day."""
    return [*_without_agreement(), *_late_files(), *_ending_soon()]


def _late_files() -> list[Attention]:
    link = reverse("admin:services_submission_changelist", query={"terlambat": "1"})
    text = _("%(agency)s: %(count)d berkas lewat dari janji.")
    late = Submission.objects.late_by_agency(clock.today())
    return [Attention(text % {"agency": agency, "count": count}, link) for agency, count in late]


def _without_agreement() -> list[Attention]:
    today = clock.today()
    serving = Agency.objects.filter(status__in=sorted(SERVING)).exclude(kind=AgencyKind.OPD)
    barred = serving.exclude(agreement_from__lte=today, agreement_to__gte=today)
    text = _("%(agency)s melayani, tetapi naskahnya tidak berlaku. Nomornya berhenti.")
    return [
        Attention(
            text % {"agency": agency.short_name}, reverse("admin:tenants_agency_change", args=[agency.pk])
        )
        for agency in barred
    ]


def _ending_soon() -> list[Attention]:
    today = clock.today()
    ending = Agency.objects.filter(
        status__in=sorted(SERVING), agreement_to__range=(today, today + timedelta(days=WARNING_DAYS))
    ).exclude(kind=AgencyKind.OPD)
    text = _("Naskah %(agency)s berakhir dalam %(days)d hari.")
    return [
        Attention(
            text % {"agency": agency.short_name, "days": (agency.agreement_to - today).days},
            reverse("admin:tenants_agency_change", args=[agency.pk]),
        )
        for agency in ending.order_by("agreement_to")
        if agency.agreement_to
    ]
