"""Counters: open one, call, serve, close it. For officers with a key of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from mpp.core import clock
from mpp.core.api_schema import IDEMPOTENCY_KEY, refusals
from mpp.core.endpoints import Endpoint, StrictSerializer
from mpp.core.errors import NotFound, Refusal
from queueing import actions
from queueing.access import access_own_session
from queueing.actions.sessions import MAY_SERVE
from queueing.api import serializers as shapes
from queueing.api.keys import request_key
from queueing.api.numbers import number_of
from queueing.enums import TicketState
from queueing.live import console_url
from queueing.models import CounterSession, Queue, Ticket
from tenants.models import Agency, Counter, User

View = TypeVar("View", bound=Callable[..., Response])

COUNTERS: list[Any] = [_("Loket")]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description=_("Kunci sesi loket."))
ANSWERS = {200: shapes.OfficerTicketSerializer, **refusals(400, 401, 403, 404, 409, 413, 415)}


class MayServe(BasePermission):
    """Counter officers and managers of an agency; which counter is decided by access and action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether this person may work at a counter at all."""
        return isinstance(request.user, User) and request.user.role in MAY_SERVE


def _step(
    operation_id: str, summary: Any, body: type[StrictSerializer] | None = None
) -> Callable[[View], View]:
    return extend_schema(
        operation_id=operation_id,
        tags=COUNTERS,
        summary=summary,
        parameters=[ID],
        request=body,
        responses=ANSWERS,
    )


class CounterSessions(ViewSetMixin, Endpoint):
    """A counter session and what its officer does with the number at it."""

    permission_classes = [MayServe]
    throttle_scope = "officer"

    @extend_schema(
        operation_id="open_counter",
        tags=COUNTERS,
        summary=_("Buka loket"),
        request=shapes.SessionRequestSerializer,
        responses={201: shapes.SessionSerializer, **refusals(400, 401, 403, 404, 409, 413, 415)},
    )
    def open(self, request: Request) -> Response:
        """Open a counter."""
        code = _body(shapes.SessionRequestSerializer, request)["counter"]
        counter = Counter.objects.filter(code=code).first()
        if counter is None:
            raise NotFound(_("Loket ini tidak ada. Lihat daftar loket."))
        session = actions.open_counter(counter=counter, by=_officer(request))
        return Response(shapes.SessionSerializer(_as_dict(session)).data, status=201)

    @extend_schema(
        operation_id="read_counter_session",
        tags=COUNTERS,
        summary=_("Keadaan loket"),
        parameters=[ID],
        responses={200: shapes.SessionDetailSerializer, **refusals(401, 403, 404)},
    )
    def read(self, request: Request, id: int) -> Response:
        """Answer a session with the number at it."""
        session = access_own_session(_officer(request), id)
        ticket = _ticket_at(session)
        held = _held_at(session)
        detail = _as_dict(session) | {
            "closed_at": session.closed_at,
            "ticket": number_of(ticket) if ticket else None,
            "held": [row.label for row in held],
        }
        return Response(shapes.SessionDetailSerializer(detail).data)

    @extend_schema(
        operation_id="close_counter",
        tags=COUNTERS,
        summary=_("Tutup loket"),
        description=_("Dua kali sama dengan sekali."),
        parameters=[ID],
        responses={204: OpenApiResponse(description=_("Tertutup.")), **refusals(401, 403, 404, 409)},
    )
    def close(self, request: Request, id: int) -> Response:
        """Close a counter."""
        officer = _officer(request)
        actions.close_counter(session=access_own_session(officer, id), by=officer)
        return Response(status=204)

    @extend_schema(
        operation_id="call_next",
        tags=COUNTERS,
        summary=_("Panggil berikutnya"),
        description=_("Permintaan ulang dengan Idempotency-Key yang sama menjawab nomor yang sama."),
        parameters=[ID, IDEMPOTENCY_KEY],
        request=None,
        responses={
            **ANSWERS,
            204: OpenApiResponse(description=_("Tidak ada yang menunggu.")),
            **refusals(422),
        },
    )
    def call_next(self, request: Request, id: int) -> Response:
        """Call the next number."""
        _body(shapes.NothingSerializer, request)
        officer = _officer(request)
        session = access_own_session(officer, id)
        key = request_key(request, "call")
        ticket = actions.call_next(session=session, by=officer, request_key=key)
        return _answer(ticket) if ticket else Response(status=204)

    @_step("recall", _("Panggil ulang"))
    def recall(self, request: Request, id: int) -> Response:
        """Call the number once more."""
        return _take(actions.recall, request, id)

    @_step("start", _("Mulai layani"))
    def start(self, request: Request, id: int) -> Response:
        """The person has come."""
        return _take(actions.start, request, id)

    @_step("finish", _("Selesai"))
    def finish(self, request: Request, id: int) -> Response:
        """Serving is over."""
        return _take(actions.finish, request, id)

    @_step("mark_no_show", _("Tidak hadir"))
    def no_show(self, request: Request, id: int) -> Response:
        """Nobody came."""
        return _take(actions.mark_no_show, request, id)

    @_step("hold", _("Tahan"), shapes.HoldRequestSerializer)
    def hold(self, request: Request, id: int) -> Response:
        """Put the number aside."""
        body = _body(shapes.HoldRequestSerializer, request)
        ticket = actions.hold(ticket=_current(request, id), by=_officer(request), reason=body["reason"])
        return _answer(ticket)

    @_step("resume", _("Lanjutkan yang ditahan"), shapes.ResumeRequestSerializer)
    def resume(self, request: Request, id: int) -> Response:
        """Go on with a number put aside."""
        number = _body(shapes.ResumeRequestSerializer, request).get("number")
        ticket = _one_of(_held_at(_open_session(request, id)), number)
        return _answer(actions.resume(ticket=ticket, by=_officer(request)))

    @_step("transfer", _("Alihkan ke antrean lain"), shapes.TransferRequestSerializer)
    def transfer(self, request: Request, id: int) -> Response:
        """Send the number to another line."""
        body = _body(shapes.TransferRequestSerializer, request)
        ticket = _current(request, id)
        moved = actions.transfer(
            ticket=ticket, to=_line_called(body["queue"]), by=_officer(request), reason=body["reason"]
        )
        return _answer(moved)


def _officer(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _body(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    data: dict[str, Any] = body.validated_data
    return data


def _take(action: Callable[..., Ticket], request: Request, session_id: int) -> Response:
    """Take a step that needs nothing but the number at the counter."""
    _body(shapes.NothingSerializer, request)
    return _answer(action(ticket=_current(request, session_id), by=_officer(request)))


def _line_called(code: str) -> Queue:
    serving = Agency.objects.serving_on(clock.today())
    line = Queue.objects.active().filter(code=code, agency__in=serving).first()
    if line is None:
        raise NotFound(_("Antrean tujuan tidak ada. Lihat daftar antrean."))
    return line


def _as_dict(session: CounterSession) -> dict[str, Any]:
    return {
        "id": session.pk,
        "counter": session.counter,
        "agency": session.agency,
        "opened_at": session.opened_at,
        "live": console_url(session),
    }


def _answer(ticket: Ticket) -> Response:
    return Response(shapes.OfficerTicketSerializer(number_of(ticket)).data)


def _open_session(request: Request, session_id: int) -> CounterSession:
    """Return the asker's own session; raise `Refusal` (409) when it is closed."""
    session = access_own_session(_officer(request), session_id)
    if session.closed_at is not None:
        raise Refusal("counter_closed", _("Loket ini sudah ditutup. Buka loket lagi."))
    return session


def _ticket_at(session: CounterSession) -> Ticket | None:
    return Ticket.objects.at_counter().with_labels().filter(session=session).first()


def _current(request: Request, session_id: int) -> Ticket:
    """Return the number at the asker's counter; raise `Refusal` (409) when there is none."""
    ticket = _ticket_at(_open_session(request, session_id))
    if ticket is None:
        raise Refusal("no_ticket", _("Tidak ada nomor di loket ini. Panggil nomor dulu."))
    return ticket


def _held_at(session: CounterSession) -> list[Ticket]:
    held = Ticket.objects.with_labels().filter(session=session, state=TicketState.HELD)
    return list(held.order_by("pk"))


def _one_of(held: list[Ticket], number: str | None) -> Ticket:
    """Return the held number that is meant; with one held, it need not be named."""
    chosen = [ticket for ticket in held if number is None or ticket.label == number]
    if not chosen:
        raise Refusal("nothing_held", _("Nomor itu tidak ditahan di loket ini."))
    if len(chosen) > 1:
        labels = [ticket.label for ticket in chosen]
        raise Refusal("several_held", _("Ada beberapa nomor ditahan. Sebutkan “number”."), held=labels)
    return chosen[0]
