"""The services from memory: asked for before and after every number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mpp.core import revision
from services.models import Service


def _read_all(_key: str) -> Mapping[int, Service]:
    # Without the search column, which is long and for searching.
    return {one.pk: one for one in Service.objects.select_related("agency").defer("search").order_by()}


def _read_public(day: date) -> Mapping[str, int]:
    return dict(Service.objects.public(day).order_by().values_list("slug", "pk"))


_all: revision.Memory[str, Mapping[int, Service]] = revision.Memory(_read_all)
_public: revision.Memory[date, Mapping[str, int]] = revision.Memory(_read_public)


def services_at(instant: revision.Instant) -> Mapping[int, Service]:
    """Return every service by key, each with its agency, as in force at `instant`.

    They are shared by all threads: nobody may change them.
    """
    return _all.get(instant.revision, "")


def public_service(slug: str) -> Service | None:
    """Return the service that is shown today under `slug`; shared as above."""
    instant = revision.at_entry()
    key = _public.get(instant.revision, instant.day).get(slug)
    return services_at(instant).get(key or 0)
