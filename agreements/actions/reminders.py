"""Somebody is reminded before an instrument lapses: each time once, the nearer the end the higher up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from agreements.actions.instruments import rules
from agreements.enums import REMINDER_DAYS, SIGNED_STATES, InstrumentState
from agreements.models import AgreementRules, Instrument, InstrumentReminder
from agreements.policy import reminder_due
from mpp.core import audit, clock
from mpp.core.models import Mall
from mpp.notifications.enums import Kind
from mpp.notifications.outbox import enqueue
from tenants.enums import Role
from tenants.models import User

if TYPE_CHECKING:
    from datetime import date

# A reminder of the last day may still go out a few days late, when the mall's server was off.
LATE = timedelta(days=7)


def remind_all() -> int:
    """Write the reminders that are due today into the outbox; return how many. Safe to run twice."""
    today = clock.today()
    furthest = today + timedelta(days=max(REMINDER_DAYS))
    ending = Instrument.objects.filter(
        state__in=[InstrumentState.IN_FORCE, InstrumentState.EXPIRED],
        effective_to__range=(today - LATE, furthest),
    )
    standing = rules()
    return sum(
        _remind(instrument, today, standing) for instrument in ending.select_related("agency", "owner")
    )


def _remind(instrument: Instrument, today: date, standing: AgreementRules) -> bool:
    end = instrument.effective_to
    if end is None or is_renewed(instrument):
        return False
    left = max(0, (end - today).days)
    told = set(instrument.reminders.filter(effective_to=end).values_list("days", flat=True))
    due = reminder_due(left, told)
    if due is None:
        return False
    with transaction.atomic():
        people = recipients(instrument, due, standing)
        reminder, is_new = InstrumentReminder.objects.get_or_create(
            instrument=instrument,
            effective_to=end,
            days=due,
            defaults={"at": clock.now(), "recipients": len(people)},
        )
        if is_new:
            _write(instrument, reminder, left, people)
    return is_new


def is_renewed(instrument: Instrument) -> bool:
    """Tell whether a signed instrument takes over from `instrument`: then its end worries nobody."""
    return instrument.renewals.filter(
        state__in=sorted(SIGNED_STATES), effective_to__gt=instrument.effective_to
    ).exists()


def recipients(instrument: Instrument, days: int, standing: AgreementRules) -> list[str]:
    """Return the addresses that are written to so many days before the end.

    The owner and the agency's managers; without an owner the mall's admins. From
    `escalate_days` on also the admins and the addresses of the mall's superiors.
    """
    people = User.objects.filter(is_active=True).exclude(email="")
    managers = people.filter(
        role=Role.AGENCY_MANAGER,
        placements__in=instrument.agency.placements.on(clock.today()),
    )
    found = set(managers.values_list("email", flat=True))
    if instrument.owner is not None and instrument.owner.email:
        found.add(instrument.owner.email)
    if instrument.owner is None or days <= standing.escalate_days:
        found |= set(people.filter(role=Role.ADMIN).values_list("email", flat=True))
    if days <= standing.escalate_days:
        found |= {line.strip() for line in standing.escalate_to.splitlines() if line.strip()}
    return sorted(found or mall_address())


def mall_address() -> set[str]:
    """Return the mall's own address: somebody must be told even where nobody has one."""
    mall = Mall.objects.filter(pk=1).exclude(email="").first()
    return {mall.email} if mall else set()


def _write(instrument: Instrument, reminder: InstrumentReminder, left: int, people: list[str]) -> None:
    end = reminder.effective_to
    # Worthless when the next one is due; the last one a week after the end.
    not_after = clock.aware(datetime.combine(end + LATE, time.max))
    for address in people:
        enqueue(
            event="agreement_ending",
            channel=Kind.EMAIL,
            recipient=address,
            dedupe_key=f"agreement:{instrument.pk}:{end}:{reminder.days}:{address}"[:160],
            not_after=not_after,
            params={
                "naskah": instrument.title,
                "instansi": instrument.agency.short_name,
                "hari": {"day": end.isoformat()},
                "sisa": {"count": left},
            },
        )
    audit.record("instrument.remind", target=instrument.code, days=reminder.days, recipients=len(people))
