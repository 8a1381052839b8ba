"""The table of the lines and the services that stand in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export.fields import Field

from mpp.core.errors import Refusal
from mpp.core.tables import cells
from mpp.core.tables.resources import TableResource
from mpp.core.tables.results import TableResult
from queueing.actions import pool
from queueing.models import Queue, QueueDay, QueueService
from services.models import Service


class LinkedServices(Field):
    """The services that the file puts into the line, else those that stand in it."""

    def get_value(self, instance: Any) -> list[int]:
        if not hasattr(instance, "asked_services"):
            linked = instance.queueservice_set.all() if instance.pk else []
            instance.asked_services = sorted(link.service_id for link in linked)
        return list(instance.asked_services)

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        instance.asked_services = self.clean(row)


# The rules of a line: a file may bring some of them, all, or none.
RULES = (
    "online_percent",
    "kiosk_percent",
    "staff_percent",
    "booked_percent",
    "priority_percent",
    "shares_release_at",
    "priority_ratio",
    "express_in_a_row",
    "ageing_minutes",
    "calls_before_no_show",
    "reentry_minutes",
    "reentry_after",
    "step_back_after",
    "stops_in_time",
    "leftover",
    "takes_bookings",
    "slot_minutes",
    "slot_capacity",
    "booking_days",
    "early_minutes",
    "late_minutes",
)


class QueueResource(TableResource):
    columns = ("code", "agency", "prefix", "name", "daily_quota", "services", *RULES)
    optional = RULES

    owned = (QueueService,)

    class Meta:
        model = Queue

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._agencies: dict[int, int] = {}
        self._taken: dict[int, str] = {}
        self._promised: dict[int, int | None] = {}

    @classmethod
    def column(cls, name: str) -> Field:
        if name == "services":
            return LinkedServices(attribute=name, column_name=name, widget=cells.Codes(Service))
        return super().column(name)

    def get_queryset(self) -> models.QuerySet[Any]:
        return Queue.objects.prefetch_related("queueservice_set")

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        return queryset.prefetch_related("queueservice_set")

    def import_instance(self, instance: Any, row: Mapping[str, Any], **kwargs: Any) -> None:
        """Let an empty cell leave alone a quota that follows a promise."""
        if instance.quota_origin:
            self._promised[instance.pk] = instance.daily_quota
        super().import_instance(instance, row, **kwargs)
        if instance.daily_quota is None:
            instance.daily_quota = self._promised.get(instance.pk)

    def check(self, instance: Any) -> None:
        """Refuse a quota against a promise, services of another agency, and those of an earlier row."""
        if instance.daily_quota != self._promised.get(instance.pk, instance.daily_quota):
            words = _("kuota ini menurut %(origin)s. Kosongkan, atau ubah dengan addendum.")
            raise ValidationError({"daily_quota": words % {"origin": instance.quota_origin}})
        if not self._agencies:
            self._agencies = dict(Service.objects.order_by().values_list("pk", "agency"))
        services = self.fields["services"].get_value(instance)
        if any(self._agencies[key] != instance.agency_id for key in services):
            raise ValidationError({"services": _("ada layanan milik instansi lain.")})
        for key in services:
            line = self._taken.setdefault(key, instance.code)
            if line != instance.code:
                raise ValidationError(
                    {"services": _("layanan sudah ada di antrean %(line)s.") % {"line": line}}
                )

    def write_links(self) -> None:
        """Put each service into its line; one that stands elsewhere moves."""
        asked = {
            write.instance.pk: self.fields["services"].get_value(write.instance) for write in self.writes
        }
        wanted = {(queue, service) for queue, services in asked.items() for service in services}
        moved = {service for _queue, service in wanted}
        links = QueueService.objects.filter(models.Q(queue__in=asked) | models.Q(service__in=moved))
        standing = {(link.queue_id, link.service_id): link.pk for link in links}
        stale = [key for pair, key in standing.items() if pair not in wanted]
        QueueService.objects.filter(pk__in=stale).delete()
        fresh = sorted(wanted - standing.keys())
        QueueService.objects.bulk_create(
            [QueueService(queue_id=queue, service_id=service) for queue, service in fresh]
        )

    def follow_up(self, result: TableResult, *, by: Any = None) -> None:
        """Bring the days that have begun to the new quotas, or refuse the row whose quota is too small."""
        known = {write.instance.pk: write for write in self.writes if not write.is_new}
        days: dict[int, list[QueueDay]] = defaultdict(list)
        rows = pool.coming_days(write.instance for write in known.values())
        # Sorted, as every act that locks several lines (docs/queue-protocol.md).
        for day in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
            days[day.queue_id].append(day)
        for key, write in known.items():
            try:
                pool.bring_to_quota(days[key], write.instance, by=by)
            except Refusal as refusal:
                self.refuse(result, write, ValidationError({"daily_quota": str(refusal.message)}))
