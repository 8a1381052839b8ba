"""Formats of the sheets of attendance and evaluation: `{% load monev %}`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.presence import DaySheet

register = template.Library()


@register.filter
def hours(length: timedelta | None) -> str:
    """Return a length of time in hours: "7,5", "12"; a dash for none."""
    if length is None:
        return "–"
    number = round(length / timedelta(hours=1), 1)
    return number_format(number, decimal_pos=0 if number == int(number) else 1, use_l10n=True)


@register.filter
def at(moment: datetime | None) -> str:
    """Return a naive local moment as "08.05"; at midnight nobody has closed the counter."""
    if moment is None:
        return "–"
    return _("tidak ditutup") if (moment.hour, moment.minute) == (0, 0) else f"{moment:%H.%M}"


@register.filter
def notes(sheet: DaySheet) -> str:
    """Return what else there is to say of a day, in one line; empty when nothing is."""
    words = []
    if sheet.late_opening:
        words.append(_("buka terlambat %(minutes)d menit") % {"minutes": sheet.late_opening})
    if early := len(sheet.early):
        words.append(ngettext("%(count)d pulang awal", "%(count)d pulang awal", early) % {"count": early})
    return ", ".join(words)
