"""Periodic jobs of the calendar and of files. Each may run twice or late without harm."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.models import Mall
from services import actions

# The joint decree for the coming year is published in September or October.
FROM_MONTH = 10


@shared_task(name="services.fill_calendar")
def fill_calendar() -> None:
    """Fill in the free days of this year, and from October on those of the coming one."""
    mall = Mall.objects.filter(pk=1).first()
    if mall is None:
        return
    with timezone.override(mall.timezone):
        today = clock.today()
        for year in (today.year, today.year + 1)[: 2 if today.month >= FROM_MONTH else 1]:
            try:
                actions.fill_calendar(year=year)
            except Refusal:
                # The library does not know the year yet; a newer one will.
                return


@shared_task(name="services.keep_files")
def keep_files() -> None:
    """Tell whose file is late, and forget the files that ended long ago."""
    mall = Mall.objects.filter(pk=1).first()
    if mall is None:
        return
    with timezone.override(mall.timezone):
        actions.tell_late()
        actions.forget_ended()
