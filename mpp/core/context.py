"""What every page may show of the mall."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def mall(request: HttpRequest) -> dict[str, Any]:
    """Return the mall of this request (MallMiddleware) and the mode of running."""
    return {
        "mall": getattr(request, "mall", None),
        "is_demo": settings.DEMO,
    }
