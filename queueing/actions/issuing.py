"""Taking a number."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import availability, ending, notifications, persons
from queueing.actions import lines, pool
from queueing.actions.numbering import Wish, write_number
from queueing.availability import Joining
from queueing.enums import Channel, Priority
from queueing.models import Ticket, Visit
from services.models import Service
from tenants.models import User

# The first number of a day, and one person on several pages at once.
MOST_COLLISIONS = 12


def issue_ticket(
    *,
    service: Service,
    channel: Channel,
    by: User | None = None,
    priority: str = Priority.NONE,
    phone: str = "",
    way: str = "",
    device: str = "",
    is_helped: bool = False,
    visit: Visit | None = None,
    request_key: str | None = None,
) -> Ticket:
    """Give out the next number of the service's line for today.

    `phone` is E.164 or empty, `way` the channel by which to be told there, `device` the browser's own key
    or empty, `is_helped` whether it is for somebody whom their holder helps; the same `request_key` returns
    the same number. Raises `Refusal` (409) when closed, full, not
    operating, without an agreement, when the rest of the day is too short, or when this person holds too
    many; (422) when the key was used for another service.
    """
    person = persons.person_of(phone=phone, device=device, is_helped=is_helped)
    wish = Wish(service, channel, priority, phone, person, visit, request_key, way)
    try:
        return _issue(wish, by)
    except (IntegrityError, Refusal):
        # A repeated request: the unique key let the first one through, and both get its number.
        if request_key and (earlier := _issued_before(request_key, service)):
            return earlier
        raise


def _issue(wish: Wish, by: User | None) -> Ticket:
    joining = availability.line_to_join(wish.service, wish.channel)
    is_priority = bool(wish.priority)
    pool.refuse_when_full(joining.queue, joining.day, wish.channel, is_priority=is_priority, at=joining.at)
    if refusal := ending.refusal_for(joining.queue, wish.service, joining.plan, joining.at):
        raise refusal
    for _attempt in range(MOST_COLLISIONS):
        try:
            return _issue_in(joining, wish, by)
        except lines.DayNotBegun:
            lines.begin(joining.queue.pk, joining.day)
        except Refusal as error:
            if not _took_same_slot(error) and not _left_over_night(wish.person, joining.day):
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


def _took_same_slot(refusal: Refusal) -> bool:
    """Tell whether the same person took another number at this moment: then the next slot may be free."""
    return refusal.extra.get("constraint") == "queueing_ticket_person_slot"


def _issued_before(request_key: str, service: Service) -> Ticket | None:
    earlier = Ticket.objects.filter(request_key=request_key).order_by().values_list("pk", "service").first()
    if earlier is None:
        return None
    key, service_id = earlier
    if service_id != service.pk:
        raise Refusal("key_reused", _("Kunci permintaan ini sudah dipakai untuk layanan lain."), status=422)
    return Ticket.objects.with_labels().get(pk=key)


def _issue_in(joining: Joining, wish: Wish, by: User | None) -> Ticket:
    with locks.transaction_of_one_act(), refused_by(Ticket):
        day = lines.lock_line(joining.queue, joining.day)
        persons.refuse_banned(wish.person, wish.channel, joining.at)
        share, at = None, None
        if day.quota is not None:
            at = clock.now()
            share = pool.charge(day, wish.channel, is_priority=bool(wish.priority), at=at)
        ticket = write_number(day, wish, by=by, at=at, share=share)
        if clock.local(ticket.issued_at).date() != joining.day:
            raise Refusal("day_turned", _("Hari baru saja berganti. Tekan sekali lagi."), status=503)
        notifications.ticket_issued(ticket, wish.way)
    return ticket
