"""The table of what is asked of agencies before they open."""

from __future__ import annotations

from agreements.models import ReadinessCriterion
from mpp.core.tables.resources import TableResource


class ReadinessCriterionResource(TableResource):
    columns = (
        "code",
        "heading",
        "text",
        "proof",
        "is_required",
        "kinds",
        "position",
        "is_active",
        "is_sample",
        "source",
    )

    class Meta:
        model = ReadinessCriterion
