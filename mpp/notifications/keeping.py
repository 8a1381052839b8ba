"""How long addresses of people are kept (UU 27/2022): the mall's days, or until their holder asks."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from mpp.core import clock, mall
from mpp.notifications.models import Message, Way

# So many at a time: no statement may take long.
AT_ONE_TIME = 5000


def forget_old() -> int:
    """Delete messages and consents that are older than the mall's days; return how many. Safe to run twice.

    A consent whose matter still runs stays until that is over.

    A stop word stays: it is the wish not to be written to.
    """
    here = mall.remembered()
    if here is None:
        return 0
    before = clock.now() - timedelta(days=here.kept_days)
    old = Message.objects.filter(created_at__lt=before).order_by("pk")[:AT_ONE_TIME]
    forgotten = Message.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
    in_use = Message.objects.filter(way=OuterRef("pk"))
    is_over = Q(needed_until=None) | Q(needed_until__lt=clock.now())
    past = Way.objects.filter(~Exists(in_use), is_over, consented_at__lt=before).order_by("pk")[:AT_ONE_TIME]
    return forgotten + Way.objects.filter(pk__in=list(past.values_list("pk", flat=True))).delete()[0]


def forget_holder(*holders: str) -> None:
    """Delete at once what these holders were told, and where."""
    with transaction.atomic():
        Message.objects.filter(way__holder__in=holders).delete()
        Way.objects.filter(holder__in=holders).delete()
