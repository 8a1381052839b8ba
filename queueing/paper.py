"""The page for paper numbers: what is typed, and what has been entered today."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mpp.core import clock
from mpp.core.errors import Forbidden
from mpp.core.text import validate_plain
from queueing.actions.paper import MOST_AT_ONCE, PAPER, Served
from queueing.enums import TicketState
from queueing.models import QueueDay, Ticket
from services.models import Service
from tenants.enums import Role
from tenants.models import Agency, User

MAY_ENTER = frozenset({Role.OFFICER, Role.AGENCY_MANAGER, Role.RECEPTIONIST, Role.FLOOR_MANAGER, Role.ADMIN})
CLOCK = r"([01]?\d|2[0-3])[.:]([0-5]\d)"
# "12", "1-10", "12 08.40-08.55".
SERVED = re.compile(rf"(\d{{1,4}})(?:\s*[-–]\s*(\d{{1,4}}))?(?:\s+{CLOCK}\s*[-–]\s*{CLOCK})?")


def services_for(user: User) -> list[Service]:
    """Return the services whose paper numbers `user` may enter, by agency; raise `Forbidden` for others."""
    if user.role not in MAY_ENTER:
        raise Forbidden
    today = clock.today()
    agencies = Agency.objects.visible_to(user, today)
    services = Service.objects.filter(agency__in=agencies, queue_link__queue__is_active=True)
    joined = services.select_related("agency", "queue_link__queue").defer("search")
    return list(joined.order_by("agency__position", "agency__short_name", "position", "name"))


@dataclass(frozen=True)
class Block:
    """The paper numbers of one line today."""

    day: QueueDay
    waiting: int
    ended: int


def blocks_of(services: Iterable[Service]) -> list[Block]:
    """Return what has been entered today for the lines of these services."""
    queues = {service.queue_link.queue_id for service in services}
    days = QueueDay.objects.filter(queue__in=queues, date=clock.today(), block=PAPER, last_number__gt=0)
    standing: Tally[tuple[int, bool]] = Tally()
    states = Ticket.objects.filter(queue_day__in=days).order_by().values_list("queue_day", "state")
    for day_id, state in states:
        standing[day_id, state == TicketState.WAITING] += 1
    return [
        Block(day, standing[day.pk, True], standing[day.pk, False])
        for day in days.select_related("queue__agency").order_by("prefix")
    ]


class ClockField(forms.CharField):
    """A time of today, "08.15" or "08:15"; the clean value is an aware moment, or None when left empty."""

    widget = forms.TextInput(attrs={"class": "input", "placeholder": "08.15", "autocomplete": "off"})

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        found = re.fullmatch(CLOCK, text)
        if found is None:
            raise ValidationError(_("Tulis jam seperti 08.15."))
        return _moment(clock.today(), found[1], found[2])


class PaperForm(forms.Form):
    """Which papers, since when, and which of them are over."""

    layanan = forms.ModelChoiceField(
        queryset=Service.objects.none(),
        to_field_name="slug",
        label=gettext_lazy("Layanan"),
        error_messages={
            "required": gettext_lazy("Pilih layanannya."),
            "invalid_choice": gettext_lazy("Pilih layanan dari daftar."),
        },
    )
    dari = forms.IntegerField(min_value=1, max_value=9999, label=gettext_lazy("Nomor pertama"))
    sampai = forms.IntegerField(min_value=1, max_value=9999, label=gettext_lazy("Nomor terakhir"))
    sejak = ClockField(label=gettext_lazy("Nomor pertama dibagikan pukul"))
    hingga = ClockField(required=False, label=gettext_lazy("Nomor terakhir dibagikan pukul"))
    dilayani = forms.CharField(
        required=False,
        max_length=4000,
        validators=[validate_plain],
        label=gettext_lazy("Yang sudah selesai dilayani"),
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )

    def __init__(self, *args: Any, services: Iterable[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [service.pk for service in services]
        self.fields["layanan"].queryset = Service.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        for name in ("dari", "sampai"):
            field = self.fields[name]
            field.widget.attrs |= {"class": "input", "inputmode": "numeric"}
            field.error_messages |= {
                "required": _("Tulis nomornya."),
                "invalid": _("Tulis angka saja."),
            }
        self.fields["sejak"].error_messages["required"] = _("Tulis jamnya, misalnya 08.15.")

    def clean_dilayani(self) -> dict[int, Served]:
        """Return the numbers that are over with their times."""
        return served_in(self.cleaned_data["dilayani"], clock.today())

    def blame(self, field: str, message: str) -> None:
        """Show a refusal at the field it is about, else on top."""
        self.add_error(field if field in self.fields else None, message)


def served_in(text: str, day: date) -> dict[int, Served]:
    """Return what "1-10, 12 08.40-08.55" says of papers of `day`; raise `ValidationError` for the first
    part that says nothing."""
    served: dict[int, Served] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        for number, times in _part(part, day):
            if number in served:
                raise ValidationError(_("Nomor %(number)d tertulis dua kali.") % {"number": number})
            served[number] = times
    return served


def _part(part: str, day: date) -> Iterator[tuple[int, Served]]:
    found = SERVED.fullmatch(part)
    if found is None:
        message = _("“%(part)s” tidak terbaca. Tulis seperti 1-10, atau 12 08.40-08.55.")
        raise ValidationError(message % {"part": part[:40]})
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first or last - first >= MOST_AT_ONCE:
        raise ValidationError(_("“%(part)s”: urutkan dari nomor kecil.") % {"part": part[:40]})
    times = Served()
    if found[3]:
        if last > first:
            message = _("“%(part)s”: tulis jam untuk satu nomor saja.")
            raise ValidationError(message % {"part": part[:40]})
        times = Served(_moment(day, found[3], found[4]), _moment(day, found[5], found[6]))
    for number in range(first, last + 1):
        yield number, times


def _moment(day: date, hour: str, minute: str) -> datetime:
    return clock.aware(datetime.combine(day, time(int(hour), int(minute))))
