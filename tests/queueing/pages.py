"""Looking at citizen pages in tests: their text, and moments of an ordinary week."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.test import Client

from services.models import OpeningHours
from tests.factories import LONG_AGO

WITA = ZoneInfo("Asia/Makassar")
MONDAY_10 = datetime(2026, 11, 23, 10, tzinfo=WITA)
MONDAY_20 = datetime(2026, 11, 23, 20, tzinfo=WITA)
SATURDAY_10 = datetime(2026, 11, 21, 10, tzinfo=WITA)


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return " ".join(response.content.decode().split())


def keep_office_hours(**fields: time) -> None:
    """Replace the week that never closes by Monday to Thursday, 08.00 to 15.00."""
    OpeningHours.objects.all().delete()
    for weekday in range(1, 5):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(8), closes_at=time(15), valid_from=LONG_AGO, **fields
        )
