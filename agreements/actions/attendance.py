"""Officers who are excused, and telling agencies that promised ones did not come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from agreements import attendance
from agreements.models import AbsenceReport, Leave
from agreements.owed import DAY
from agreements.presence import DaySheet
from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.notifications import outbox
from mpp.notifications.enums import Kind
from tenants.enums import SERVING, Role
from tenants.models import Agency, Placement

if TYPE_CHECKING:
    from tenants.models import User

EVENT = "officers_absent"


def record_leave(*, leave: Leave, by: User) -> Leave:
    """Write down that an officer is excused, or put an earlier leave right.

    Who wrote it first, and when, stays. Raises `Refusal` (409) when the officer has another leave then.
    """
    with refused_by(Leave), transaction.atomic():
        if leave.pk is None:
            leave.recorded_at, leave.recorded_by = clock.now(), by
        leave._history_user = by  # type: ignore[attr-defined]
        leave.save()
        span = f"{leave.starts_on} – {leave.ends_on}"
        audit.record("attendance.leave", by=by, target=leave.user, kind=leave.kind, span=span)
    return leave


def report_absences() -> int:
    """Tell each agency whose promised officers have not all come by now; return how many were told.

    Once a day for each agency, by the mall's rule and only when it was not told yet: safe to run at any
    time and twice. An agency without a manager who has an e-mail address is noted all the same.
    """
    at, rules = clock.now(), attendance.rules()
    if not rules.tells_agency:
        return 0
    today = clock.local(at).date()
    told = AbsenceReport.objects.filter(date=today).values("agency")
    agencies = list(Agency.objects.filter(status__in=sorted(SERVING)).exclude(pk__in=told))
    now = clock.local(at).replace(tzinfo=None)
    patience = timedelta(minutes=rules.tell_after_minutes)
    sheets = attendance.sheets(agencies, today, today, at=at)
    short = [
        (agency, sheet)
        for agency in agencies
        if (sheet := sheets.get((agency.pk, today))) and sheet.missing and sheet.owed.opens + patience <= now
    ]
    addresses = _addresses([agency for agency, _sheet in short])
    return sum(_report(agency, sheet, addresses.get(agency.pk, []), at) for agency, sheet in short)


def _addresses(agencies: Collection[Agency]) -> Mapping[int, list[str]]:
    """Return the e-mail addresses of each agency's managers."""
    rows = Placement.objects.on(clock.today()).filter(
        agency__in=agencies, user__role=Role.AGENCY_MANAGER, user__is_active=True
    )
    found: dict[int, list[str]] = defaultdict(list)
    for agency, address in rows.exclude(user__email="").order_by("pk").values_list("agency", "user__email"):
        found[agency].append(address)
    return found


def _report(agency: Agency, sheet: DaySheet, addresses: list[str], at: datetime) -> bool:
    day = sheet.owed.day
    with transaction.atomic():
        # Of two workers at once, only the one whose row it is tells anybody.
        row, is_new = AbsenceReport.objects.get_or_create(
            agency=agency,
            date=day,
            defaults={
                "promised": sheet.owed.officers,
                "came": sheet.came,
                "messages": len(addresses),
                "at": at,
            },
        )
        if not is_new:
            return False
        for number, address in enumerate(addresses, start=1):
            outbox.enqueue(
                event=EVENT,
                channel=Kind.EMAIL,
                recipient=address,
                params={
                    "instansi": agency.short_name,
                    "hari": {"day": day.isoformat()},
                    "dijanjikan": {"count": sheet.owed.officers},
                    "datang": {"count": sheet.came},
                },
                dedupe_key=f"{EVENT}:{agency.pk}:{day}:{number}",
                not_after=clock.aware(datetime.combine(day + DAY, time(0))),
            )
        audit.record("attendance.report", target=agency.code, promised=row.promised, came=row.came)
    return True
