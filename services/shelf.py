"""The services from memory: asked for before and after every number, and by every page that finds one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mpp.core import revision
from services.models import Service, ServiceStandard


def _read_all(_key: str) -> Mapping[int, Service]:
    # Without the search column, which is long and for searching.
    rows = Service.objects.select_related("agency__zone").defer("search").order_by()
    return {one.pk: one for one in rows}


def _read_public(day: date) -> Mapping[str, int]:
    rows = Service.objects.public(day).order_by("agency__position", "agency__code", "position", "name")
    return dict(rows.values_list("slug", "pk"))


def _read_standards(day: date) -> Mapping[int, ServiceStandard]:
    return {standard.service_id: standard for standard in ServiceStandard.objects.in_force(day)}


_all: revision.Memory[str, Mapping[int, Service]] = revision.Memory(_read_all)
_public: revision.Memory[date, Mapping[str, int]] = revision.Memory(_read_public)
_standards: revision.Memory[date, Mapping[int, ServiceStandard]] = revision.Memory(_read_standards)


def services_at(instant: revision.Instant) -> Mapping[int, Service]:
    """Return every service by key, each with its agency, as in force at `instant`.

    They are shared by all threads: nobody may change them.
    """
    return _all.get(instant.revision, "")


def public_services(instant: revision.Instant) -> list[Service]:
    """Return the services that are shown on the day of `instant`, in the order of lists; shared as above."""
    services = services_at(instant)
    return [services[key] for key in _public.get(instant.revision, instant.day).values() if key in services]


def public_service(slug: str) -> Service | None:
    """Return the service that is shown today under `slug`; shared as above."""
    instant = revision.at_entry()
    key = _public.get(instant.revision, instant.day).get(slug)
    return services_at(instant).get(key or 0)


def standard_of(service: Service, instant: revision.Instant) -> ServiceStandard | None:
    """Return the standard of `service` in force on the day of `instant`; shared as above."""
    return _standards.get(instant.revision, instant.day).get(service.pk)
