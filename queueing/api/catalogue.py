"""The public lists: what is offered, where, and how it stands now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from mpp.core import clock
from mpp.core.api_schema import refusals
from mpp.core.endpoints import PublicEndpoint
from mpp.core.errors import NotFound
from queueing.api import serializers as shapes
from queueing.api import standing
from queueing.api.filters import QueueFilter
from queueing.models import Queue
from services.api.filters import ServiceFilter
from services.models import Service
from tenants.api.filters import AgencyFilter, CounterFilter
from tenants.enums import AgencyStatus
from tenants.models import Agency, Counter

CATALOGUE: list[Any] = [_("Katalog")]


def _listed(operation_id: str, summary: Any, shape: type[Serializer[Any]]) -> Any:
    answers = {200: shape(many=True), **refusals(400, 404)}
    return extend_schema(operation_id=operation_id, tags=CATALOGUE, summary=summary, responses=answers)


class PublicList(PublicEndpoint, generics.ListAPIView[Any]):
    """One page of rows, each as it stands at the same moment."""

    rows_of: Callable[[Any], Sequence[Any]]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer one page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        # One moment for the whole page: rows agree with each other, and the clock is asked once.
        with clock.frozen(clock.now()):
            rows = type(self).rows_of(page or [])
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


@extend_schema_view(get=_listed("list_agencies", _("Instansi di mal"), shapes.AgencySerializer))
class AgencyList(PublicList):
    serializer_class = shapes.AgencySerializer
    filterset_class = AgencyFilter
    rows_of = staticmethod(standing.agency_rows)

    def get_queryset(self) -> QuerySet[Agency]:
        """Return every agency that is here or comes."""
        return (
            Agency.objects.exclude(status=AgencyStatus.ENDED)
            .select_related("zone")
            .order_by("position", "code")
        )


@extend_schema_view(get=_listed("list_services", _("Layanan"), shapes.ServiceSerializer))
class ServiceList(PublicList):
    # Names the model for the OpenAPI document, which is made without a database.
    queryset = Service.objects.none()
    serializer_class = shapes.ServiceSerializer
    filterset_class = ServiceFilter
    rows_of = staticmethod(standing.service_rows)

    def get_queryset(self) -> QuerySet[Service]:
        """Return every service that citizens may see."""
        return public_services().order_by("agency__position", "agency__code", "position", "code")


@extend_schema_view(get=_listed("list_queues", _("Antrean"), shapes.QueueSerializer))
class QueueList(PublicList):
    serializer_class = shapes.QueueSerializer
    filterset_class = QueueFilter
    rows_of = staticmethod(standing.queue_rows)

    def get_queryset(self) -> QuerySet[Queue]:
        """Return every line in use."""
        return Queue.objects.active().select_related("agency").prefetch_related("services").order_by("prefix")


@extend_schema_view(get=_listed("list_counters", _("Loket"), shapes.CounterSerializer))
class CounterList(PublicList):
    serializer_class = shapes.CounterSerializer
    filterset_class = CounterFilter
    rows_of = staticmethod(standing.counter_rows)

    def get_queryset(self) -> QuerySet[Counter]:
        """Return every counter in use."""
        return Counter.objects.filter(is_active=True).select_related("zone").order_by("position", "code")


class ServiceDetail(PublicEndpoint):
    @extend_schema(
        operation_id="read_service",
        tags=CATALOGUE,
        summary=_("Satu layanan dengan standarnya"),
        description=_("Enam komponen standar pelayanan yang wajib diumumkan, dan keadaan sekarang."),
        responses={200: shapes.ServiceDetailSerializer, **refusals(404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer one service."""
        service = public_services().filter(slug=slug).first()
        if service is None:
            raise NotFound
        with clock.frozen(clock.now()):
            [row] = standing.service_rows([service])
            standard = service.standards.in_force(clock.today()).get()
        return Response(shapes.ServiceDetailSerializer({**vars(row), "standard": standard}).data)


def public_services() -> QuerySet[Service]:
    """Return the services that citizens may see today."""
    return Service.objects.public(clock.today()).select_related("agency")
