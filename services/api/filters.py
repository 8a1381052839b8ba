"""How the list of services is narrowed down."""

from __future__ import annotations

import django_filters
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, Value
from django.utils.translation import gettext_lazy as _

from services.enums import Audience, Depth, LifeEvent, ServiceKind
from services.models import Service
from services.querysets import ServiceQuerySet
from services.search import search
from tenants.api.filters import TEXT, of_agency


class ServiceFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Services by agency, kind, audience, depth, event of life and everyday words."""

    agency = django_filters.CharFilter(method="by_agency", help_text=_("Kode atau slug instansi."), **TEXT)
    kind = django_filters.ChoiceFilter(choices=ServiceKind.choices)
    audience = django_filters.ChoiceFilter(
        choices=Audience.choices, method="by_audience", help_text=_("Layanan untuk keduanya selalu ikut.")
    )
    depth = django_filters.ChoiceFilter(choices=Depth.choices)
    life_event = django_filters.ChoiceFilter(choices=LifeEvent.choices, method="by_life_event")
    # The last one: it ranks what the others have left.
    q = django_filters.CharFilter(
        method="by_words", help_text=_("Kata sehari-hari; yang paling cocok dulu."), **TEXT
    )

    class Meta:
        model = Service
        fields: list[str] = []

    def by_agency(self, rows: ServiceQuerySet, name: str, text: str) -> ServiceQuerySet:
        """Keep the services of one agency."""
        return rows.filter(of_agency(text, "agency__"))

    def by_audience(self, rows: ServiceQuerySet, name: str, audience: str) -> ServiceQuerySet:
        """Keep the services for this audience, and those for both."""
        return rows.filter(audience__in={audience, Audience.BOTH})

    def by_life_event(self, rows: ServiceQuerySet, name: str, event: str) -> ServiceQuerySet:
        """Keep the services that belong to an event of life."""
        return rows.filter(life_events__contains=[event])

    def by_words(self, rows: ServiceQuerySet, name: str, text: str) -> ServiceQuerySet:
        """Keep the services that the search finds, best first."""
        found = [service.pk for service in search(text, rows)]
        places = Value(found, output_field=ArrayField(BigIntegerField()))
        return rows.filter(pk__in=found).order_by(Func(places, F("pk"), function="array_position"))
