"""Reads with names."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from queueing.enums import ACTIVE, AT_COUNTER, TicketState
from tenants.querysets import sees_everything

if TYPE_CHECKING:
    from queueing.models import (  # noqa: F401
        Announcement,
        CounterSession,
        HelpCall,
        Queue,
        Ticket,
    )
    from tenants.models import User


class QueueQuerySet(models.QuerySet["Queue"]):
    def active(self) -> QueueQuerySet:
        """Lines in use."""
        return self.filter(is_active=True)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def waiting(self) -> TicketQuerySet:
        """Numbers that wait for a call."""
        return self.filter(state=TicketState.WAITING)

    def at_counter(self) -> TicketQuerySet:
        """Numbers that are called or being served."""
        return self.filter(state__in=sorted(AT_COUNTER))

    def active(self) -> TicketQuerySet:
        """Numbers to which something is still to happen."""
        return self.filter(state__in=sorted(ACTIVE))

    def in_arrival_order(self) -> TicketQuerySet:
        """First come first; the key decides between two of the same moment."""
        return self.order_by("arrived_at", "pk")

    def behind(self, ticket: Ticket) -> TicketQuerySet:
        """Return who waits behind a number in its lane, the nearest first."""
        lane = self.waiting().filter(line=ticket.line_id, lane=ticket.lane)
        later = Q(arrived_at__gt=ticket.arrived_at) | Q(arrived_at=ticket.arrived_at, pk__gt=ticket.pk)
        return lane.filter(later).in_arrival_order()

    def with_labels(self) -> TicketQuerySet:
        """Join what a screen shows of a number; not the search column, which is long and for searching."""
        joined = self.select_related("queue_day", "service", "service__agency", "session", "session__counter")
        return joined.defer("service__search")


class CounterSessionQuerySet(models.QuerySet["CounterSession"]):
    def open(self) -> CounterSessionQuerySet:
        """Counters that are staffed now."""
        return self.filter(closed_at__isnull=True)

    def serving(self) -> CounterSessionQuerySet:
        """Counters that are staffed now and not at rest."""
        return self.open().filter(paused_at__isnull=True)

    def visible_to(self, user: User, day: date) -> CounterSessionQuerySet:
        """Sessions that `user` may look at on `day`."""
        if sees_everything(user):
            return self
        return self.filter(agency__placements__in=user.placements.on(day)).distinct()


class HelpCallQuerySet(models.QuerySet["HelpCall"]):
    def open(self) -> HelpCallQuerySet:
        """Calls that nobody has answered yet."""
        return self.filter(answer="")


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def at(self, moment: datetime) -> AnnouncementQuerySet:
        """Announcements that are shown at `moment`."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)
