"""How the list of lines is narrowed down."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from queueing.models import Queue
from tenants.api.filters import TEXT, of_agency


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Lines by agency and by service."""

    agency = django_filters.CharFilter(method="by_agency", help_text=_("Kode atau slug instansi."), **TEXT)
    service = django_filters.CharFilter(field_name="services__slug", **TEXT)

    class Meta:
        model = Queue
        fields: list[str] = []

    def by_agency(self, rows: QuerySet[Queue], name: str, text: str) -> QuerySet[Queue]:
        """Keep the lines of one agency."""
        return rows.filter(of_agency(text, "agency__"))
