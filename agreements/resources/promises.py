"""The table of promises: one line for each version, a column for each weekday."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field

from agreements.actions.drafts import write_draft
from agreements.conflicts import WEEKDAYS
from agreements.models import Promise, PromisedCounter, PromisedDay, PromisedService
from agreements.promised import Presence, Promised, promised_by
from mpp.core.tables import cells
from mpp.core.tables.acted import ActedResource, PartField, asked_of
from mpp.core.tables.results import Cells, TableResult
from mpp.core.tables.rows import Write
from services.models import Service
from tenants.enums import Weekday
from tenants.models import Counter

CLOCK = r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])"
SPAN = rf"{CLOCK} ?[-–] ?{CLOCK}"
PRESENCE = re.compile(rf"{SPAN}(?: ?[,;]? ?{SPAN})?(?: ?[x×] ?([1-9][0-9]?))?")
NUMBERS = re.compile(r"([^:]+)(?::([1-9][0-9]{0,3}))?")
# Lazy, as the page that shows them chooses the language.
_WEEKDAY_LABELS = [label for _value, label in Weekday.choices]


class PresenceCell(cells.Text):
    """A weekday as "08:00-12:00, 13:00-15:00 x2": hours, a break between two spans, officers."""

    sample = "08:00-12:00, 13:00-15:00 x2"

    def hint(self) -> str:
        return _("jam seperti 08:00-12:00, 13:00-15:00 x2 (x2: dua petugas). Kosong: tidak datang")

    def read(self, text: str) -> Presence:
        found = PRESENCE.fullmatch(" ".join(text.split()))
        if not found:
            words = _("“%(text)s” tidak terbaca. Tulis seperti 08:00-15:00 atau 08:00-12:00, 13:00-15:00 x2.")
            raise ValueError(words % {"text": text[:40]})
        parts = [int(part) if part else None for part in found.groups()]
        clocks = [time(hour, minute or 0) for hour, minute in _pairs(parts[:8]) if hour is not None]
        if sorted(set(clocks)) != clocks:
            raise ValueError(_("jamnya tidak berurutan. Tulis dari pagi ke sore."))
        pause = clocks[1:-1]
        began, ended = pause if pause else (None, None)
        return Presence(clocks[0], clocks[-1], began, ended, parts[8] or 1)

    def show(self, value: Presence) -> str:
        clocks = [value.opens_at, value.break_from, value.break_to, value.closes_at]
        shown = [f"{each:%H:%M}" for each in clocks if each]
        spans = ", ".join(f"{start}-{end}" for start, end in zip(shown[::2], shown[1::2], strict=True))
        return spans if value.officers == 1 else f"{spans} x{value.officers}"


def _pairs(parts: list[int | None]) -> list[tuple[int | None, int | None]]:
    return list(zip(parts[::2], parts[1::2], strict=True))


class NumbersCell(cells.Codes):
    """Services with their numbers a day, as "OSS-01:30 OSS-02"; the value is sorted (key, numbers)."""

    def hint(self) -> str:
        return _("kode layanan dengan nomor sehari, seperti OSS-01:30. Tanpa angka: tidak dijanjikan")

    def read(self, text: str) -> Any:
        found = []
        for each in re.sub(r"\s*:\s*", ":", text).replace(",", " ").split():
            match = NUMBERS.fullmatch(each)
            if not match:
                raise ValueError(
                    _("“%(text)s” tidak terbaca. Tulis seperti OSS-01:30.") % {"text": each[:40]}
                )
            [key] = super().read(match[1])
            found.append((key, int(match[2]) if match[2] else None))
        if len({key for key, _numbers in found}) != len(found):
            raise ValueError(_("ada layanan yang tertulis dua kali."))
        return sorted(found, key=lambda pair: pair[0])

    def show(self, value: Any) -> str:
        shown = [(super(NumbersCell, self).show([key]), numbers) for key, numbers in value]
        return " ".join(f"{code}:{numbers}" if numbers else code for code, numbers in sorted(shown))


def _standing(promise: Promise) -> dict[str, Any]:
    standing = promised_by(promise) if promise.pk else Promised()
    days = {name: standing.days.get(number) for number, name in enumerate(WEEKDAYS, start=1)}
    return {**days, "counters": list(standing.counters), "services": list(standing.services)}


class PromiseResource(ActedResource):
    key = ("agency", "version")
    columns = ("agency", "version", "instrument", "valid_from", *WEEKDAYS, "counters", "services", "note")
    optional = ("counters", "services", "note")
    titles = {
        **dict(zip(WEEKDAYS, _WEEKDAY_LABELS, strict=True)),
        "counters": gettext_lazy("Loket"),
        "services": gettext_lazy("Layanan dan nomor sehari"),
    }
    about = gettext_lazy(
        "Berkas ini menulis rancangan. Janji berlaku bersama naskahnya, dan baru saat itu jam buka, loket,"
        " kuota, dan petugas mengikutinya. Bila naskahnya sudah berlaku, buka janjinya lalu tekan"
        " “Berlakukan”. Janji yang sudah berlaku tidak diubah: tulis versi berikutnya dengan addendum."
    )
    owned = (PromisedDay, PromisedCounter, PromisedService)

    class Meta:
        model = Promise

    @classmethod
    def column(cls, name: str) -> Field:
        if name in WEEKDAYS:
            return PartField(name, PresenceCell(empty=None), _standing)
        if name == "counters":
            return PartField(name, cells.Codes(Counter), _standing)
        if name == "services":
            return PartField(name, NumbersCell(Service), _standing)
        return super().column(name)

    def get_queryset(self) -> models.QuerySet[Any]:
        return Promise.objects.prefetch_related("days", "counters", "services")

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        return queryset.prefetch_related("days", "counters", "services")

    def write_row(self, write: Write) -> None:
        asked = asked_of(write.instance, _standing)
        days = {number: asked[name] for number, name in enumerate(WEEKDAYS, start=1) if asked[name]}
        promised = Promised(days, tuple(asked["counters"]), tuple(asked["services"]))
        write_draft(promise=write.instance, promised=promised, by=self.by)

    def snapshot(self, keys: list[Any]) -> dict[Any, Cells]:
        """Note also whether each is in force: an import whose promise has come into force is not undone."""
        in_force = set(
            Promise.objects.filter(pk__in=keys, enacted_at__isnull=False).values_list("pk", flat=True)
        )
        return {
            key: {**row, "in_force": "1" if key in in_force else ""}
            for key, row in super().snapshot(keys).items()
        }

    @classmethod
    def notes_after(cls, result: TableResult) -> list[str]:
        waiting = Promise.objects.waiting().filter(pk__in=[change.key for change in result.changes]).count()
        words = _("%(count)d janji menunggu: naskahnya sudah berlaku. Buka janjinya lalu tekan “Berlakukan”.")
        return [words % {"count": waiting}] if waiting else []
