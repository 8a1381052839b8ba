"""How the lists of agencies and counters are narrowed down."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mpp.core import clock
from mpp.core.text import validate_plain
from tenants.enums import AgencyKind
from tenants.models import Agency, Counter, CounterDuty

TEXT = {"max_length": 100, "validators": [validate_plain]}


def of_agency(text: str, path: str = "") -> Q:
    """Return the condition that the agency at `path` ("agency__", …) has this code or slug."""
    return Q(**{f"{path}code__iexact": text}) | Q(**{f"{path}slug": text})


class AgencyFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Agencies by kind, zone and words of their name."""

    kind = django_filters.ChoiceFilter(choices=AgencyKind.choices)
    zone = django_filters.CharFilter(field_name="zone__code", **TEXT)
    q = django_filters.CharFilter(method="by_words", help_text=_("Bagian dari nama."), **TEXT)

    class Meta:
        model = Agency
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Agency], name: str, text: str) -> QuerySet[Agency]:
        """Keep agencies whose names or summary contain the text."""
        return rows.filter(
            Q(name__icontains=text)
            | Q(short_name__icontains=text)
            | Q(summary__icontains=text)
            | of_agency(text)
        )


class CounterFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Counters by zone and by the agency that uses them today."""

    agency = django_filters.CharFilter(method="by_agency", help_text=_("Kode atau slug instansi."), **TEXT)
    zone = django_filters.CharFilter(field_name="zone__code", **TEXT)

    class Meta:
        model = Counter
        fields: list[str] = []

    def by_agency(self, rows: QuerySet[Counter], name: str, text: str) -> QuerySet[Counter]:
        """Keep counters that this agency uses today."""
        duties: Any = CounterDuty.objects.on(clock.today()).filter(of_agency(text, "agency__"))
        return rows.filter(pk__in=duties.values("counter"))
