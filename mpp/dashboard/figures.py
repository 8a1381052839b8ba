"""The figures of the admin's first page: few, each with the list behind it."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.enums import CARRYING, SIGNED_STATES
from mpp.core.attention import Reach
from queueing.enums import TicketState
from queueing.models import CounterSession, QueueDay, Ticket
from services.models import Service
from tenants.enums import SERVING, AgencyKind, AgencyStatus
from tenants.models import Agency


@dataclass(frozen=True)
class Figure:
    """One number, what it counts, a note, and where it comes from."""

    label: str
    value: str
    note: str
    link: str


def summary(day: date, reach: Reach) -> list[Figure]:
    """Return the figures of this moment: of these agencies, or of the mall."""
    if reach is not None:
        return [_services(day, reach), _numbers(day, reach)]
    return [_agencies(), _agreements(), _services(day, reach), _numbers(day, reach)]


def _of(rows: QuerySet[Any], path: str, reach: Reach) -> QuerySet[Any]:
    return rows if reach is None else rows.filter(**{f"{path}__in": reach})


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
    """As the board counts: who has left counts no more."""
    external = Agency.objects.exclude(kind=AgencyKind.OPD).exclude(status=AgencyStatus.ENDED)
    signed = external.filter(
        instruments__kind__in=sorted(CARRYING), instruments__state__in=sorted(SIGNED_STATES)
    ).distinct()
    numbers = {"signed": signed.count(), "all": external.count()}
    value, note = _("Tidak perlu"), _("semua instansi perangkat daerah sendiri")
    if numbers["all"]:
        value = _("%(signed)d dari %(all)d") % numbers
        note = _("instansi luar sudah tanda tangan")
    return Figure(_("Naskah kerja sama"), value, note, reverse("admin:agreements_joiningagency_changelist"))


def _services(day: date, reach: Reach) -> Figure:
    services = _of(Service.objects.all(), "agency", reach)
    shown = _of(Service.objects.public(day), "agency", reach).count()
    note = _("dari %(count)d di katalog") % {"count": services.count()}
    return Figure(_("Layanan tampil"), str(shown), note, reverse("admin:services_service_changelist"))


def _numbers(day: date, reach: Reach) -> Figure:
    days = _of(QueueDay.objects.filter(date=day), "queue__agency", reach)
    issued = days.aggregate(total=Sum("last_number"))["total"] or 0
    tickets = _of(Ticket.objects.filter(queue_day__date=day), "queue_day__queue__agency", reach)
    states = tickets.aggregate(
        waiting=Count("pk", filter=Q(state=TicketState.WAITING)),
        done=Count("pk", filter=Q(state=TicketState.DONE)),
    )
    sessions = _of(CounterSession.objects.open().filter(date=day), "agency", reach)
    note = _("%(waiting)d menunggu, %(done)d selesai, %(counters)d loket buka")
    note %= {**states, "counters": sessions.count()}
    return Figure(_("Nomor hari ini"), str(issued), note, reverse("admin:queueing_queueday_changelist"))
