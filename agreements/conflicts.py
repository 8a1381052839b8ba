"""What speaks against a promise, in words, where it is typed: the mall's hours, counters of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.models import Instrument, Promise, PromisedCounter
from agreements.policy import outside
from services.models import OpeningHours, Service
from tenants.enums import Weekday
from tenants.models import Counter, CounterDuty

if TYPE_CHECKING:
    from agreements.promised import Promised
    from tenants.models import Agency


# The weekdays as columns, Monday first.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Day:
    """One promised weekday (1 is Monday) with its local times."""

    weekday: int
    opens_at: time
    closes_at: time


def outside_hours(days: Iterable[Day], since: date) -> list[str]:
    """Return a sentence for each promised day that lies outside the mall's ordinary hours from `since` on."""
    rows = OpeningHours.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=since), agency=None, service=None, season=""
    )
    mall = {row.weekday: (row.opens_at, row.closes_at) for row in rows.order_by("-valid_from")}
    return [_outside_words(day, mall.get(day.weekday)) for day in days if _is_outside(day, mall)]


def _is_outside(day: Day, mall: dict[int, tuple[time, time]]) -> bool:
    hours = mall.get(day.weekday)
    # Midnight as the end is the end of that day.
    until_midnight = hours is not None and hours[1] == time(0)
    return outside((day.opens_at, day.closes_at), (hours[0], time.max) if hours and until_midnight else hours)


def _outside_words(day: Day, hours: tuple[time, time] | None) -> str:
    names = {
        "day": Weekday(day.weekday).label,
        "from": f"{day.opens_at:%H.%M}",
        "to": f"{day.closes_at:%H.%M}",
    }
    if hours is None:
        return _("%(day)s: mal tutup pada hari itu. Hapus hari ini, atau ubah dulu jam buka mal.") % names
    names |= {"opens": f"{hours[0]:%H.%M}", "closes": f"{hours[1]:%H.%M}"}
    return _("%(day)s %(from)s–%(to)s di luar jam mal, %(opens)s–%(closes)s. Sesuaikan jamnya.") % names


def taken_counters(
    agency: Agency, counters: Iterable[Counter], weekdays: Iterable[int], since: date
) -> list[str]:
    """Return a sentence for each of these counters that another agency uses, or was promised, then."""
    weekdays, counters = set(weekdays), list(counters)
    used = CounterDuty.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=since),
        Q(weekday__isnull=True) | Q(weekday__in=weekdays),
        counter__in=counters,
    ).exclude(agency=agency)
    promised = PromisedCounter.objects.filter(
        Q(promise__valid_to__isnull=True) | Q(promise__valid_to__gte=since),
        counter__in=counters,
        promise__days__weekday__in=weekdays,
    ).exclude(promise__agency=agency)
    found = {(row.counter, row.agency) for row in used.select_related("counter", "agency")}
    rows = promised.select_related("counter", "promise__agency").distinct()
    found |= {(row.counter, row.promise.agency) for row in rows}
    words = _("%(counter)s sudah dijanjikan kepada %(agency)s pada hari itu. Pilih loket atau hari lain.")
    names = sorted((str(counter), agency.short_name) for counter, agency in found)
    return [words % {"counter": counter, "agency": name} for counter, name in names]


def misplaced(instrument: Instrument, agency_id: int, since: date | None) -> dict[str, str]:
    """Return, by field, why a promise of this agency from `since` on does not belong to `instrument`."""
    if instrument.agency_id != agency_id:
        return {"instrument": _("Naskah itu milik instansi lain.")}
    if since and instrument.effective_from and since < instrument.effective_from:
        return {"valid_from": _("Janji mulai sebelum naskahnya berlaku.")}
    if since and instrument.effective_to and since > instrument.effective_to:
        return {"valid_from": _("Janji mulai sesudah naskahnya berakhir.")}
    return {}


def strange_services(agency_id: int, services: Iterable[Service]) -> list[str]:
    """Return a sentence for each of these services that is not the agency's."""
    words = _("%(service)s bukan layanan instansi ini. Hapus dari daftar.")
    return [words % {"service": service} for service in services if service.agency_id != agency_id]


def contradictions(promise: Promise, promised: Promised) -> dict[str, list[str]]:
    """Return all that speaks against a promise, by column of its file; empty: nothing does."""
    since = promise.valid_from
    found = {name: [words] for name, words in misplaced(promise.instrument, promise.agency_id, since).items()}
    if not promised.days:
        found[WEEKDAYS[0]] = [_("Isi sedikitnya satu hari.")]
    for weekday, day in promised.days.items():
        if trouble := outside_hours([Day(weekday, day.opens_at, day.closes_at)], since):
            found[WEEKDAYS[weekday - 1]] = trouble
    counters = Counter.objects.filter(pk__in=promised.counters)
    if trouble := taken_counters(promise.agency, counters, promised.days, since):
        found["counters"] = trouble
    services = Service.objects.filter(pk__in=[key for key, _numbers in promised.services])
    if trouble := strange_services(promise.agency_id, services):
        found["services"] = trouble
    return found
