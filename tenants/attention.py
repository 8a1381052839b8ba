"""What of agencies and devices waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Max, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.core.attention import Attention, Reach, Urgency
from tenants.devices import standing_of
from tenants.enums import AgencyStatus, DeviceLife
from tenants.models import Agency, Device

# On its way in or at rest; longer than this without a step, somebody should ask.
ON_THE_WAY = (AgencyStatus.COMMITTED, AgencyStatus.PREPARING, AgencyStatus.TRIAL, AgencyStatus.PAUSED)
STUCK_DAYS = 60
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def silent_devices(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield kiosks and displays that say nothing; they are the mall's."""
    if reach is not None:
        return
    at = clock.now()
    for device in Device.objects.in_use().with_state():
        if standing_of(device, at).life == DeviceLife.SILENT:
            yield Attention(
                Urgency.NOW,
                _("%(device)s tidak terlihat.") % {"device": f"{device.name} ({device.get_kind_display()})"},
                _("Periksa perangkat"),
                reverse("admin:tenants_device_change", args=[device.pk]),
            )


def stuck_agencies(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield agencies that have stood at one step of their way for too long."""
    versions = Agency.history.model.objects.filter(id=OuterRef("pk")).order_by()
    others = versions.exclude(status=OuterRef("status")).values("id").annotate(last=Max("history_date"))
    at_this_step = versions.filter(history_date__gt=Coalesce(OuterRef("other"), Value(LONG_AGO)))
    first = at_this_step.values("id").annotate(first=Min("history_date"))
    waiting = (
        Agency.objects.filter(status__in=ON_THE_WAY)
        .annotate(other=Subquery(others.values("last")))
        .annotate(since=Subquery(first.values("first")))
        .filter(since__date__lt=day - timedelta(days=STUCK_DAYS))
    )
    if reach is not None:
        waiting = waiting.filter(pk__in=reach)
    rows: Iterable[Any] = waiting.order_by("since")
    for agency in rows:
        days = (day - clock.local(agency.since).date()).days
        yield Attention(
            Urgency.SOON,
            _("%(agency)s sudah %(days)d hari di langkah “%(status)s”.")
            % {"agency": agency.short_name, "days": days, "status": agency.get_status_display()},
            _("Lihat instansi"),
            reverse("admin:tenants_agency_change", args=[agency.pk]),
            rank=1000 - days,
        )
