"""Taking a number."""

from __future__ import annotations

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks, tokens
from mpp.core.errors import Refusal
from queueing import availability, notifications
from queueing.actions import lines, trail
from queueing.enums import Channel, Priority, Step, TicketState
from queueing.models import QueueDay, Ticket
from services.models import Service
from tenants.models import User


def issue_ticket(
    *,
    service: Service,
    channel: Channel,
    by: User | None = None,
    priority: str = Priority.NONE,
    phone: str = "",
    request_key: str | None = None,
) -> Ticket:
    """Give out the next number of the service's line for today.

    `phone` is E.164 or empty; the same `request_key` returns the same number. Raises `Refusal`
    (409) when closed, full, not operating or without an agreement; (422) when the key was used
    for another service.
    """
    if request_key and (earlier := _issued_before(request_key, service)):
        return earlier
    queue_id = availability.line_to_join(service)
    try:
        with locks.transaction_of_one_act():
            ticket = _next_of(queue_id, service, channel, priority, phone, request_key)
            trail.record(ticket, Step.ISSUE, source="", at=ticket.issued_at, by=by)
            notifications.ticket_issued(ticket)
    except IntegrityError:
        # Two requests with one key at once: the database let one through; both get its number.
        if request_key and (earlier := _issued_before(request_key, service)):
            return earlier
        raise
    return ticket


def _issued_before(request_key: str, service: Service) -> Ticket | None:
    earlier = Ticket.objects.with_labels().filter(request_key=request_key).first()
    if earlier and earlier.service_id != service.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai untuk layanan lain."), status=422)
    return earlier


def _next_of(
    queue_id: int,
    service: Service,
    channel: Channel,
    priority: str,
    phone: str,
    request_key: str | None,
) -> Ticket:
    today = clock.today()
    [day] = locks.hold(QueueDay, [lines.day_of(queue_id, today).pk])
    # Read inside the lock: the order of arrival is the order of numbers.
    at = clock.now()
    if clock.local(at).date() != today:
        raise Refusal("day_turned", _("Hari baru saja berganti. Tekan sekali lagi."), status=503)
    if day.quota is not None and day.last_number >= day.quota:
        message = _("Nomor hari ini sudah habis. Datang pada hari buka berikutnya.")
        raise Refusal("full", message, until=None)
    day.last_number += 1
    trail.publish([day], "last_number")
    nonce = tokens.new_nonce()
    return Ticket.objects.create(
        queue_day=day,
        line=day,
        number=day.last_number,
        service=service,
        state=TicketState.WAITING,
        channel=channel,
        priority=priority,
        phone=phone,
        nonce=nonce,
        token_digest=tokens.digest(tokens.derived("ticket", nonce)),
        request_key=request_key,
        issued_at=at,
        arrived_at=at,
    )
