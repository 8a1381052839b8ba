"""The admin's first page: what needs doing, and how today goes, for who is signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

import agreements.attention
import queueing.attention
import services.attention
import tenants.attention
from mpp.core import clock
from mpp.core.attention import Source, gathered
from mpp.core.scope import reach_of
from mpp.dashboard import figures
from queueing.today import agencies_today

# Each yields what waits for a person; a new one is named here.
SOURCES: tuple[Source, ...] = (
    queueing.attention.unattended,
    tenants.attention.silent_devices,
    agreements.attention.without_agreement,
    agreements.attention.ending_soon,
    agreements.attention.planned_trials,
    agreements.attention.late_work,
    agreements.attention.late_findings,
    services.attention.late_files,
    services.attention.incomplete_standards,
    services.attention.drafts,
    tenants.attention.stuck_agencies,
)
# More than these is not read; the rest opens on demand.
SHOWN_LINES = 10


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the first page."""
    day, reach = clock.today(), reach_of(request.user)
    lines = gathered(SOURCES, day, reach)
    return context | {
        "title": _("Beranda"),
        "day": day,
        "lines": lines[:SHOWN_LINES],
        "more_lines": lines[SHOWN_LINES:],
        "figures": figures.summary(day, reach),
        "agencies": agencies_today(day, reach),
    }
