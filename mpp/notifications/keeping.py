"""How long addresses of people are kept (UU 27/2022): a month after the last word, then nothing is left."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef

from mpp.core import clock
from mpp.notifications.models import Message, Way

KEPT = timedelta(days=30)
# So many at a time: no statement may take long.
AT_ONE_TIME = 5000


def forget_old() -> int:
    """Delete messages and consents of more than thirty days ago; return how many. Safe to run twice.

    A stop word stays: it is the wish not to be written to.
    """
    before = clock.now() - KEPT
    old = Message.objects.filter(created_at__lt=before).order_by("pk")[:AT_ONE_TIME]
    forgotten = Message.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
    in_use = Message.objects.filter(way=OuterRef("pk"))
    past = Way.objects.filter(~Exists(in_use), consented_at__lt=before).order_by("pk")[:AT_ONE_TIME]
    return forgotten + Way.objects.filter(pk__in=list(past.values_list("pk", flat=True))).delete()[0]
