"""Formats of the sheets of attendance and evaluation: `{% load monev %}`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.enums import LeaveKind
from agreements.presence import MINUTE, DaySheet

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
def presence(sheet: DaySheet) -> str:
    """Return who came of those promised, and who is excused: "hadir 2 dari 3, 1 cuti (ada pengganti)"."""
    count = {"came": sheet.came, "promised": sheet.owed.officers}
    is_more = sheet.came > sheet.owed.officers
    told = _("hadir %(came)d, janji %(promised)d") if is_more else _("hadir %(came)d dari %(promised)d")
    return ", ".join(filter(None, [told % count, excuses(sheet)]))


@register.filter
def excuses(sheet: DaySheet) -> str:
    """Return who is excused, by kind, and whether somebody stood in for them; empty when nobody is."""
    tally = Counter(kind for _user, kind in sheet.excused)
    if not tally:
        return ""
    kinds = ", ".join(f"{tally[kind]} {kind.label}" for kind in LeaveKind if tally[kind])
    if not sheet.uncovered:
        return _("%(kinds)s (ada pengganti)") % {"kinds": kinds}
    if sheet.uncovered == len(sheet.excused):
        return _("%(kinds)s (tanpa pengganti)") % {"kinds": kinds}
    return _("%(kinds)s (%(count)d tanpa pengganti)") % {"kinds": kinds, "count": sheet.uncovered}


@register.filter
def leave_days(leaves: Iterable[tuple[LeaveKind, int]]) -> str:
    """Return a person's days of leave by kind: "2 cuti, 1 sakit"; a dash for none."""
    return ", ".join(f"{count} {kind.label}" for kind, count in leaves) or "–"


@register.filter
def notes(sheet: DaySheet) -> str:
    """Return what else there is to say of a day, in one line; empty when nothing is."""
    words = []
    if minutes := sheet.left_empty // MINUTE:
        words.append(_("kosong %(minutes)d menit karena jeda") % {"minutes": minutes})
    if sheet.late_opening:
        words.append(_("buka terlambat %(minutes)d menit") % {"minutes": sheet.late_opening})
    if early := len(sheet.early):
        words.append(ngettext("%(count)d pulang awal", "%(count)d pulang awal", early) % {"count": early})
    return ", ".join(words)
