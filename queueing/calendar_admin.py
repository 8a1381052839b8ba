"""Hours and calendar in the admin, as this app completes them: who has booked a time that they close.

Services know of no bookings, so their two pages are registered anew here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from mpp.core import clock
from mpp.core.errors import Refusal
from queueing.actions import note_closed
from queueing.closed_times import closed_times
from services.admin import CalendarDayAdmin, OpeningHoursAdmin
from services.models import CalendarDay, OpeningHours

if TYPE_CHECKING:
    from mpp.core.admin import PortalAdmin

    Base = PortalAdmin
else:
    Base = object

AGREED = "pesanan_kena"


class AskingBooked(Base):
    """Says how many bookings a change closes, and saves it once that number is agreed to."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if fields := kwargs.get("fields"):
            kwargs["fields"] = [name for name in fields if name != AGREED]
        form = super().get_form(request, obj, change=change, **kwargs)
        count = _hit(request)
        return type(form.__name__, (form,), {AGREED: _question(count)}) if count else form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        # First, so that nobody has to look for what is asked.
        return [(_("Pesanan yang kena"), {"fields": [AGREED]}), *fieldsets] if _hit(request) else fieldsets

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = _closed_bookings()
        super().save_model(request, obj, form, change)
        closed = _closed_bookings() - before
        if closed and request.POST.get(AGREED) != str(len(closed)):
            # What was written is taken back, and the form asks.
            request.hit_bookings = len(closed)  # type: ignore[attr-defined]
            what = gettext("Belum ada yang disimpan. Jawab di bawah, lalu simpan lagi.")
            raise Refusal("bookings_hit", f"{_hit_words(len(closed))} {what}")
        _note(request, closed)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        if request.method == "GET" and row is not None and (count := _hit_by_deleting(row)):
            messages.warning(
                request, f"{_hit_words(count)} {gettext('Pemesannya dikabari bila Anda menghapus ini.')}"
            )
        response: HttpResponse = super().delete_view(request, object_id, extra_context)
        return response

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        before = _closed_bookings()
        super().delete_model(request, obj)
        _note(request, _closed_bookings() - before)


def _hit(request: HttpRequest) -> int:
    return int(getattr(request, "hit_bookings", 0))


def _question(count: int) -> forms.ChoiceField:
    yes = ngettext(
        "Ya, kabari %(count)d pemesan lalu pindahkan atau batalkan",
        "Ya, kabari %(count)d pemesan lalu pindahkan atau batalkan",
        count,
    )
    choices = [("", gettext("Belum")), (str(count), yes % {"count": count})]
    return forms.ChoiceField(
        label=_("Setuju"), choices=choices, required=False, widget=UnfoldAdminSelectWidget(choices=choices)
    )


def _hit_words(count: int) -> str:
    words = ngettext(
        "%(count)d pesanan ada pada waktu yang menjadi tutup.",
        "%(count)d pesanan ada pada waktu yang menjadi tutup.",
        count,
    )
    return words % {"count": count}


def _closed_bookings() -> set[int]:
    return {closed.booking_id for closed in closed_times(clock.now())}


def _hit_by_deleting(row: CalendarDay | OpeningHours) -> int:
    """Return how many bookings would be closed without this row: tried, and taken back."""
    before = _closed_bookings()
    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).delete()
        count = len(_closed_bookings() - before)
        transaction.set_rollback(True)
    return count


def _note(request: HttpRequest, closed: set[int]) -> None:
    if not closed:
        return
    note_closed(at_once=closed)
    words = ngettext(
        "%(count)d pemesan dikabari dalam satu menit.",
        "%(count)d pemesan dikabari dalam satu menit.",
        len(closed),
    )
    messages.success(request, words % {"count": len(closed)})


for model in (CalendarDay, OpeningHours):
    admin.site.unregister(model)


@admin.register(CalendarDay)
class BookedCalendarAdmin(AskingBooked, CalendarDayAdmin):
    """The calendar, asking about bookings."""


@admin.register(OpeningHours)
class BookedHoursAdmin(AskingBooked, OpeningHoursAdmin):
    """The hours, asking about bookings."""
