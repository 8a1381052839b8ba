"""Announcements: a sentence on displays and pages, with its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from queueing.floor import pulse
from queueing.models import Announcement
from services.access import refuse_others
from tenants.models import User, Zone

LONGEST_TEXT = 120
LONGEST = timedelta(hours=12)
# A line of running text has room for a few.
MOST_AT_ONCE = 3


def announce(*, text: str, ends_at: datetime, zone: Zone | None = None, by: User) -> Announcement:
    """Show `text` until the aware `ends_at`, in one zone or (None) everywhere.

    Raises `Forbidden` for other roles, `Refusal` (400) without words or for a wrong end, (409) when
    three are shown there already.
    """
    refuse_others(by)
    words = clean_text(text, limit=LONGEST_TEXT, field="text")
    now = clock.now()
    if not words:
        raise Refusal("no_text", _("Tulis isi pengumuman."), status=400, field="text")
    if not now < ends_at <= now + LONGEST:
        raise Refusal("bad_end", _("Pengumuman berakhir hari ini, sesudah sekarang."), status=400)
    with refused_by(Announcement), transaction.atomic():
        if Announcement.objects.at(now).filter(zone=zone).count() >= MOST_AT_ONCE:
            raise Refusal("too_many", _("Sudah ada tiga pengumuman di sini. Akhiri dulu satu."))
        row = Announcement.objects.create(text=words, zone=zone, starts_at=now, ends_at=ends_at, made_by=by)
        audit.record("announcement.start", by=by, target=row, until=ends_at.isoformat())
        pulse.hint()
    return row


def end_announcement(*, announcement: Announcement, by: User) -> Announcement:
    """Take an announcement away now; one that is over stays as it was. Raises `Forbidden`."""
    refuse_others(by)
    with transaction.atomic():
        row = Announcement.objects.select_for_update(of=("self",), no_key=True).get(pk=announcement.pk)
        now = clock.now()
        if row.ends_at > now:
            row.ends_at = max(now, row.starts_at)
            row.save(update_fields=["ends_at"])
            audit.record("announcement.end", by=by, target=row)
            pulse.hint()
    return row
