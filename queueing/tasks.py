"""Periodic jobs of the day. Each may run twice or late without harm."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from mpp.core.models import Mall
from queueing import actions


@shared_task(name="queueing.close_past_days")
def close_past_days() -> int:
    """Close what earlier days left open, in the mall's zone of time."""
    mall = Mall.objects.filter(pk=1).first()
    if mall is None:
        return 0
    with timezone.override(mall.timezone):
        return actions.close_past_days()
