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
from queueing.console import lines_of
from queueing.enums import TicketState
from queueing.lineup import minutes_since, next_numbers, waiting_number
from queueing.live import console_url
from queueing.models import CounterSession, Queue, Ticket, TicketEvent
from queueing.undoing import last_deed
from services.models import Service
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


def _rest(
    operation_id: str, summary: Any, body: type[StrictSerializer] | None = None
) -> Callable[[View], View]:
    return extend_schema(
        operation_id=operation_id,
        tags=COUNTERS,
        summary=summary,
        description=_("Dua kali sama dengan sekali."),
        parameters=[ID],
        request=body,
        responses={**ANSWERS, 200: shapes.SessionDetailSerializer},
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
        return _state_of(access_own_session(_officer(request), id))

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

    @extend_schema(
        operation_id="call_number",
        tags=COUNTERS,
        summary=_("Panggil nomor tertentu di luar urutan"),
        description=_("Alasannya tercatat dan tampil di laporan keadilan."),
        parameters=[ID, IDEMPOTENCY_KEY],
        request=shapes.CallRequestSerializer,
        responses={**ANSWERS, **refusals(422)},
    )
    def call(self, request: Request, id: int) -> Response:
        """Call a certain waiting number, with a reason."""
        body = _body(shapes.CallRequestSerializer, request)
        officer = _officer(request)
        session = _open_session(request, id)
        key = request_key(request, "call-number")
        called = TicketEvent.objects.filter(request_key=key, session=session).first() if key else None
        if called is not None:
            return _answer(Ticket.objects.with_labels().get(pk=called.ticket_id))
        ticket = waiting_number(lines_of(session), body["number"])
        return _answer(
            actions.call_number(
                session=session, ticket=ticket, by=officer, reason=body["reason"], request_key=key
            )
        )

    @extend_schema(
        operation_id="next_numbers",
        tags=COUNTERS,
        summary=_("Enam nomor berikutnya"),
        description=_("Menurut aturan urutan dan bobot loket ini; tidak mengubah apa pun."),
        parameters=[ID],
        responses={200: shapes.NextNumberSerializer(many=True), **refusals(401, 403, 404)},
    )
    def next(self, request: Request, id: int) -> Response:
        """Answer the next numbers of this counter."""
        session = access_own_session(_officer(request), id)
        at = clock.now()
        lines = lines_of(session)
        codes = {line.pk: line.queue.code for line in lines}
        rows = [
            {
                "number": ticket.label,
                "service": ticket.service.slug,
                "queue": codes[ticket.line_id],
                "priority": ticket.priority,
                "waited_minutes": minutes_since(ticket.arrived_at, at),
            }
            for ticket in next_numbers(lines, session, at)
        ]
        return Response(shapes.NextNumberSerializer(rows, many=True).data)

    @_step("recall", _("Panggil ulang"))
    def recall(self, request: Request, id: int) -> Response:
        """Call the number once more."""
        return _take(actions.recall, request, id)

    @_step("start", _("Mulai layani"))
    def start(self, request: Request, id: int) -> Response:
        """The person has come."""
        return _take(actions.start, request, id)

    @_step("finish", _("Selesai, dengan hasilnya"), shapes.FinishRequestSerializer)
    def finish(self, request: Request, id: int) -> Response:
        """Serving is over."""
        body = _body(shapes.FinishRequestSerializer, request)
        ticket = _current(request, id)
        performed = _services_called(body.pop("performed", []))
        return _answer(actions.finish(ticket=ticket, by=_officer(request), performed=performed, **body))

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

    @_step("transfer", _("Alihkan ke antrean atau loket lain"), shapes.TransferRequestSerializer)
    def transfer(self, request: Request, id: int) -> Response:
        """Send the number to another line, or to a named counter."""
        body = _body(shapes.TransferRequestSerializer, request)
        ticket = _current(request, id)
        line = _line_called(body["queue"]) if body.get("queue") else None
        counter = _counter_called(body["counter"]) if body.get("counter") else None
        moved = actions.transfer(
            ticket=ticket, to=line, counter=counter, by=_officer(request), reason=body["reason"]
        )
        return _answer(moved)

    @_step("undo", _("Urungkan panggilan, selesai, atau tidak hadir"))
    def undo(self, request: Request, id: int) -> Response:
        """Take back what was done last at this counter, within ten seconds."""
        _body(shapes.NothingSerializer, request)
        event = last_deed(_open_session(request, id))
        if event is None:
            raise Refusal("nothing_to_undo", _("Tidak ada lagi yang dapat diurungkan di loket ini."))
        ticket = Ticket.objects.with_labels().get(pk=event.ticket_id)
        return _answer(actions.undo(ticket=ticket, by=_officer(request)))

    @_rest("pause_counter", _("Jeda"), shapes.PauseRequestSerializer)
    def pause(self, request: Request, id: int) -> Response:
        """Let the counter rest."""
        reason = _body(shapes.PauseRequestSerializer, request)["reason"]
        session = access_own_session(_officer(request), id)
        return _state_of(actions.pause(session=session, by=_officer(request), reason=reason))

    @_rest("go_on", _("Lanjutkan sesudah jeda"))
    def go_on(self, request: Request, id: int) -> Response:
        """End the rest of the counter."""
        _body(shapes.NothingSerializer, request)
        session = access_own_session(_officer(request), id)
        return _state_of(actions.go_on(session=session, by=_officer(request)))


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


def _counter_called(code: str) -> Counter:
    counter = Counter.objects.filter(code=code).first()
    if counter is None:
        raise NotFound(_("Loket tujuan tidak ada. Lihat daftar loket."))
    return counter


def _services_called(slugs: list[str]) -> list[Service]:
    """Return the services by slug; the act refuses those of another agency."""
    services = list(Service.objects.filter(slug__in=slugs)) if slugs else []
    if len(services) != len(set(slugs)):
        raise NotFound(_("Layanan ini tidak ada. Lihat daftar layanan."))
    return services


def _state_of(session: CounterSession) -> Response:
    ticket = _ticket_at(session)
    detail = _as_dict(session) | {
        "closed_at": session.closed_at,
        "paused_at": session.paused_at,
        "pause_reason": session.pause_reason,
        "ticket": number_of(ticket) if ticket else None,
        "held": [row.label for row in _held_at(session)],
    }
    return Response(shapes.SessionDetailSerializer(detail).data)


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
    session = _open_session(request, session_id)
    # The act reads the number again under its lock; here it need only be named.
    ticket = Ticket.objects.at_counter().filter(session=session).only("line", "session").order_by().first()
    if ticket is None:
        raise Refusal("no_ticket", _("Tidak ada nomor di loket ini. Panggil nomor dulu."))
    ticket.session = session
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
