"""Reads with names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from tenants.enums import SERVING, AgencyKind, DeviceKind, PrinterLink, Role

if TYPE_CHECKING:
    from tenants.models import Agency, CounterDuty, Device, Placement, User  # noqa: F401

# These see every agency; the others only the one they are placed at.
EVERYWHERE = frozenset({Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.ADMIN, Role.AUDITOR})


def sees_everything(user: Any) -> bool:
    """Tell whether this person's role reaches over all agencies."""
    return bool(user.is_superuser or user.role in EVERYWHERE)


class AgencyQuerySet(models.QuerySet["Agency"]):
    def serving_on(self, day: date) -> AgencyQuerySet:
        """Agencies that may issue numbers on `day`: in trial or operation, agreement in force (R000-15)."""
        until = Q(numbers_until__gte=day) | Q(numbers_until__isnull=True, agreement_to__gte=day)
        carried = Q(kind=AgencyKind.OPD) | Q(agreement_from__lte=day) & until
        return self.filter(carried, status__in=sorted(SERVING))

    def visible_to(self, user: User, day: date) -> AgencyQuerySet:
        """Agencies that `user` may work with on `day`."""
        if sees_everything(user):
            return self
        return self.filter(placements__in=user.placements.on(day)).distinct()


class CounterDutyQuerySet(models.QuerySet["CounterDuty"]):
    def on(self, day: date) -> CounterDutyQuerySet:
        """Duties in force on `day`, by its weekday."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            Q(weekday__isnull=True) | Q(weekday=day.isoweekday()),
            valid_from__lte=day,
        )


class PlacementQuerySet(models.QuerySet["Placement"]):
    def on(self, day: date) -> PlacementQuerySet:
        """Placements in force on `day`."""
        return self.during(day, day)

    def during(self, start: date, end: date | None) -> PlacementQuerySet:
        """Placements in force on some day from `start` to `end`; None: without an end."""
        begun = Q() if end is None else Q(starts_on__lte=end)
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=start), begun)


class DeviceQuerySet(models.QuerySet["Device"]):
    def in_use(self) -> DeviceQuerySet:
        """Devices that are paired and not revoked."""
        return self.filter(paired_at__isnull=False, revoked_at__isnull=True)

    def with_state(self) -> DeviceQuerySet:
        """Devices with what they last said of themselves, in the order of the hall."""
        return self.select_related("state", "zone").order_by("kind", "name")

    def with_own_printer(self) -> DeviceQuerySet:
        """Kiosks whose slips the portal itself prints."""
        return self.filter(kind=DeviceKind.KIOSK).exclude(printer_link=PrinterLink.BROWSER)
