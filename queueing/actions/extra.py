"""More numbers for one line today, with a reason: charged to the pool like all others."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, locks
from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from queueing.actions import lines, trail
from queueing.enums import ShareName
from queueing.models import ExtraQuota, Queue, Share
from queueing.models.floor import MOST_EXTRA
from services.access import refuse_others
from tenants.models import User

# Whom the numbers are for: visitors on site, or phones.
GOALS = (ShareName.REST, ShareName.ONLINE)


def add_quota(*, queue: Queue, places: int, share: str = ShareName.REST, reason: str, by: User) -> ExtraQuota:
    """Add `places` numbers to the line's day in one share, under the line's lock: a few rows, no count.

    Raises `Forbidden` for other roles, `Refusal` (400) for a wrong figure or without a reason, (409) when
    the line has no quota today.
    """
    refuse_others(by)
    why = clean_text(reason, limit=200, field="reason")
    if not why:
        raise Refusal("reason_needed", _("Tulis alasan tambahan nomor."), status=400, field="reason")
    if not 1 <= places <= MOST_EXTRA or share not in GOALS:
        raise Refusal("bad_places", _("Tambahan 1 sampai 500 nomor."), status=400, field="places")
    today = clock.today()
    lines.day_of(queue.pk, today)
    with locks.transaction_of_one_act():
        day = lines.lock_line(queue, today)
        if day.quota is None:
            raise Refusal("no_quota", _("Antrean ini hari ini tanpa batas. Tambahan tidak diperlukan."))
        Share.objects.get_or_create(line=day, name=share, defaults={"reserved": 0})
        Share.objects.filter(line=day, name=share).update(reserved=F("reserved") + places)
        day.quota += places
        extra = ExtraQuota.objects.create(
            line=day, share=share, places=places, reason=why, at=clock.now(), by=by
        )
        audit.record("queue.extra", by=by, target=queue.code, places=places, share=share, reason=why)
        trail.publish([day], "quota")
    return extra
