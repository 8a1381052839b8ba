"""Taking a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks, tokens
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import availability, ending, notifications, persons
from queueing.actions import lines, pool, trail
from queueing.availability import Joining
from queueing.enums import Channel, Lane, Priority, Step, TicketState
from queueing.models import QueueDay, Share, Ticket, Visit
from services.models import Service
from tenants.models import User

# The first number of a day, and one person on several pages at once.
MOST_COLLISIONS = 12


@dataclass(frozen=True)
class Wish:
    """What somebody wants; `person` is a digest (queueing.persons) or empty."""

    service: Service
    channel: str
    priority: str
    phone: str
    person: str
    visit: Visit | None
    request_key: str | None


def issue_ticket(
    *,
    service: Service,
    channel: Channel,
    by: User | None = None,
    priority: str = Priority.NONE,
    phone: str = "",
    device: str = "",
    visit: Visit | None = None,
    request_key: str | None = None,
) -> Ticket:
    """Give out the next number of the service's line for today.

    `phone` is E.164 or empty, `device` the browser's own key or empty; the same `request_key` returns
    the same number. Raises `Refusal` (409) when closed, full, not operating, without an agreement,
    when the rest of the day is too short, or when this person holds too many; (422) when the key was
    used for another service.
    """
    if request_key and (earlier := _issued_before(request_key, service)):
        return earlier
    joining = availability.line_to_join(service, channel)
    if refusal := ending.refusal_for(joining.queue, service, joining.plan, joining.at):
        raise refusal
    person = persons.person_of(phone=phone, device=device)
    wish = Wish(service, channel, priority, phone, person, visit, request_key)
    for _attempt in range(MOST_COLLISIONS):
        try:
            return _issue(joining, wish, by)
        except lines.DayNotBegun:
            lines.begin(joining.queue.pk, joining.day)
        except (IntegrityError, Refusal) as error:
            # Two requests with one key at once: the database let one through; both get its number.
            if request_key and (earlier := _issued_before(request_key, service)):
                return earlier
            if not _took_same_slot(error) and not _left_over_night(person, joining.day):
                raise
    raise locks.Busy


def _left_over_night(person: str, today: date) -> bool:
    """Close earlier days when this person's number of one still stands open; tell whether there was one.

    Nothing else would do it while the timetable stands still, and it must not keep them from a new one.
    """
    # Closing a day may issue numbers of the next.
    from queueing.actions import closing

    stale = Ticket.objects.active().filter(person=person, line__date__lt=today)
    return bool(person) and stale.exists() and closing.close_past_days() > 0


def _took_same_slot(error: Exception) -> bool:
    """Tell whether the same person took another number at this moment: then the next slot may be free."""
    return isinstance(error, Refusal) and error.extra.get("constraint") == "queueing_ticket_person_slot"


def _issued_before(request_key: str, service: Service) -> Ticket | None:
    earlier = Ticket.objects.filter(request_key=request_key).order_by().values_list("pk", "service").first()
    if earlier is None:
        return None
    key, service_id = earlier
    if service_id != service.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai untuk layanan lain."), status=422)
    return Ticket.objects.with_labels().get(pk=key)


def _issue(joining: Joining, wish: Wish, by: User | None) -> Ticket:
    with locks.transaction_of_one_act(), refused_by(Ticket):
        day = lines.lock_line(joining.queue, joining.day)
        # Read inside the lock: the order of arrival is the order of numbers.
        at = clock.now()
        if clock.local(at).date() != joining.day:
            raise Refusal("day_turned", _("Hari baru saja berganti. Tekan sekali lagi."), status=503)
        persons.refuse_banned(wish.person, wish.channel, at)
        share = pool.charge(day, wish.channel, is_priority=bool(wish.priority), at=at)
        ticket = number(day, day, wish, arrived_at=at, issued_at=at, share=share)
        trail.publish([day], "last_number")
        trail.record(ticket, Step.ISSUE, source="", at=at, by=by)
        notifications.ticket_issued(ticket)
    return ticket


def number(
    numbering: QueueDay,
    line: QueueDay,
    wish: Wish,
    *,
    arrived_at: datetime,
    issued_at: datetime,
    share: Share | None = None,
    lane: Lane | None = None,
    carried_from: Ticket | None = None,
) -> Ticket:
    """Write the next number of the locked row `numbering`, standing in the locked `line`.

    The caller publishes `numbering` with its `last_number`.
    """
    numbering.last_number += 1
    nonce = tokens.new_nonce()
    return Ticket.objects.create(
        queue_day=numbering,
        line=line,
        number=numbering.last_number,
        service=wish.service,
        state=TicketState.WAITING,
        channel=wish.channel,
        priority=wish.priority,
        lane=lane or (Lane.EXPRESS if wish.priority else Lane.REGULAR),
        share=share,
        visit=wish.visit,
        phone=wish.phone,
        person=wish.person,
        person_slot=persons.free_slot(wish.person, wish.service.pk),
        nonce=nonce,
        token_digest=tokens.digest(tokens.derived("ticket", nonce)),
        request_key=wish.request_key,
        issued_at=issued_at,
        arrived_at=arrived_at,
        carried_from=carried_from,
    )
