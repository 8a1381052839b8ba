"""Periodic jobs of agreements. Each may run twice or late without harm."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from agreements import actions
from mpp.core.models import Mall


@shared_task(name="agreements.refresh")
def refresh() -> None:
    """Remind of what will end, end what is over and write what follows, by the mall's own date."""
    mall = Mall.objects.filter(pk=1).first()
    if mall is not None:
        with timezone.override(mall.timezone):
            actions.remind_all()
            actions.refresh_all()
