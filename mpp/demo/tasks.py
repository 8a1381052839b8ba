"""Periodic jobs of the demo. Each may run twice or late without harm."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from mpp.core.models import Mall
from mpp.demo import days


@shared_task(name="demo.open_today")
def open_today() -> None:
    """Keep the demo open over midnight."""
    mall = Mall.objects.filter(pk=1).first()
    if settings.DEMO and mall is not None:
        with timezone.override(mall.timezone):
            days.keep_open()
