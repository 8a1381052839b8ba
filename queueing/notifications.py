"""Which steps of a number are told to its holder: the facts; the words are in mpp.notifications.events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.notifications import channels, outbox, ways
from mpp.notifications.enums import Language
from mpp.notifications.outbox import News
from queueing.models import CounterSession, NumberWish, OfficerRequest, Ticket
from tenants.models import User

# How long a message is worth sending, in seconds (trust.md 2.4).
ISSUED_SECONDS = 10 * 60
NEAR_SECONDS = 20 * 60
CALLED_SECONDS = 120
CHANGED_SECONDS = 10 * 60
TROUBLE_SECONDS = 15 * 60
CANCELLED_SECONDS = 60 * 60
AGAIN_SECONDS = 10 * 60
ASKED_MINUTES = 15
LACKING_HOURS = 12
# So many people ahead are told: each distance once, the nearest that holds.
NEAR: Mapping[int, str] = {2: "two_ahead", 5: "five_ahead"}


def holder_of(ticket: Ticket) -> str:
    """Return the name under which the ways of this number's holder are kept."""
    return f"ticket:{ticket.pk}"


def language() -> Language:
    """Return the language in which somebody who reads this page is told."""
    is_english = (translation.get_language() or "").startswith(Language.ENGLISH)
    return Language.ENGLISH if is_english else Language.INDONESIAN


def agree_by_phone(holder: str, phone: str, words: str, way: str = "") -> None:
    """Record that whoever left a phone number agreed, in these `words` beside it, to be told there: by
    `way` or what the mall offers."""
    if channel := way or channels.for_phone():
        ways.choose(
            holder=holder,
            channel=channel,
            recipient=phone,
            words=words,
            language=language(),
        )


def ticket_issued(ticket: Ticket, way: str = "") -> None:
    """Tell the holder their number, when they left a phone number."""
    if ticket.phone:
        words = _("Dengan mengisinya Anda setuju kami kabari tentang nomor ini dan berkasnya saja.")
        agree_by_phone(holder_of(ticket), ticket.phone, words, way)
    number_given(ticket)


def ticket_came(ticket: Ticket, booking_holder: str) -> None:
    """Tell who had booked their number, the way they chose for the booking."""
    if ways.take_along(holder=booking_holder, to=holder_of(ticket)):
        Ticket.objects.filter(pk=ticket.pk).update(is_told=True)
        ticket.is_told = True
    number_given(ticket)


def number_given(ticket: Ticket) -> None:
    """Tell the holder their number, once by each way."""
    if not ticket.is_told:
        return
    params = {"nomor": ticket.label, "layanan": ticket.service.name}
    _tell(ticket, "ticket_issued", params, f"ticket_issued:{ticket.pk}", seconds=ISSUED_SECONDS)


def numbers_near(ahead: Iterable[tuple[Ticket, int]]) -> int:
    """Tell those who have few people ahead, each distance once: one statement for all."""
    news = []
    for ticket, people in ahead:
        event = next((name for most, name in NEAR.items() if people <= most), None)
        if event is None:
            continue
        params = {"nomor": ticket.label, "sisa": {"count": people}}
        holder = holder_of(ticket)
        news.append(News(event, holder, f"{event}:{ticket.pk}", params, seconds=NEAR_SECONDS))
    return outbox.tell(*news) if news else 0


def ticket_called(ticket: Ticket, session: CounterSession) -> None:
    """Tell the holder that their number is called, and where; worthless after two minutes."""
    # Asked first: the counter of a session may be another query, and most people left nothing.
    if not ticket.is_told:
        return
    params = {"nomor": ticket.label, "loket": session.counter.number}
    _tell(ticket, "ticket_called", params, _call_key(ticket), seconds=CALLED_SECONDS)


def call_taken_back(ticket: Ticket) -> None:
    """Take the word of a call back, or tell that it does not hold; before the number loses its call."""
    if not ticket.is_told or outbox.withdraw(key=_call_key(ticket)):
        return
    key = f"call_taken_back:{ticket.pk}:{ticket.called_at:%H%M%S%f}"
    _tell(ticket, "call_taken_back", {"nomor": ticket.label}, key, seconds=CALLED_SECONDS)


def _call_key(ticket: Ticket) -> str:
    return f"ticket_called:{ticket.pk}:{ticket.called_at:%H%M%S%f}"


def counter_changed(ticket: Ticket, at: datetime) -> None:
    """Tell the holder of a number that was sent on where it stands now."""
    counter = ticket.for_counter
    place = {"counter": counter.number} if counter else ticket.line.queue.name
    params = {"nomor": ticket.label, "tempat": place}
    key = f"counter_changed:{ticket.pk}:{at:%H%M%S%f}"
    _tell(ticket, "counter_changed", params, key, seconds=CHANGED_SECONDS)


def ticket_cancelled(ticket: Ticket, by: User | None) -> None:
    """Tell the holder that the mall has cancelled their number; who gave it back knows."""
    if by is not None:
        key = f"ticket_cancelled:{ticket.pk}"
        _tell(ticket, "ticket_cancelled", {"nomor": ticket.label}, key, seconds=CANCELLED_SECONDS)


def papers_lacking(ticket: Ticket, *, not_before: datetime) -> None:
    """Tell the holder which papers to bring next time, once the officer can no longer take it back."""
    if not ticket.is_told:
        return
    news = News(
        "papers_lacking",
        holder_of(ticket),
        _lacking_key(ticket),
        {"nomor": ticket.label, "berkas": ticket.outcome_note.rstrip(".")},
        not_before=not_before,
        not_after=not_before + timedelta(hours=LACKING_HOURS),
    )
    outbox.tell(news)


def papers_not_lacking(ticket: Ticket) -> None:
    """Take that message back: the officer has taken back what it tells."""
    outbox.withdraw(key=_lacking_key(ticket))


def _lacking_key(ticket: Ticket) -> str:
    return f"papers_lacking:{ticket.pk}:{ticket.ended_at:%H%M%S%f}"


def ticket_carried(ticket: Ticket) -> None:
    """Tell the holder of a number that was left over their number of the next open day."""
    if not ticket.is_told or ticket.carried_from is None:
        return
    ways.take_along(holder=holder_of(ticket.carried_from), to=holder_of(ticket))
    news = News(
        "ticket_carried",
        holder_of(ticket),
        f"ticket_carried:{ticket.pk}",
        {"hari": {"day": ticket.line.date.isoformat()}, "nomor": ticket.label},
        # Worthless once the line is open there.
        not_after=ticket.arrived_at,
    )
    outbox.tell(news)


def trouble_begun(ticket: Ticket, trouble_id: int, words: str) -> News:
    """Return what to tell a waiting holder whose agency is in trouble, once for each trouble."""
    return News(
        "trouble",
        holder_of(ticket),
        f"trouble:{trouble_id}:{ticket.pk}",
        {"kabar": words, "nomor": ticket.label},
        seconds=TROUBLE_SECONDS,
    )


def holder_of_wish(wish: NumberWish) -> str:
    """Return the name under which the ways of who waits for numbers are kept."""
    return f"wish:{wish.pk}"


def page_of_wish(wish: NumberWish) -> str:
    """Return the name by which a browser knows the page of who waits for numbers."""
    return f"kabar-{wish.service_id}"


def numbers_again(wishes: Iterable[NumberWish]) -> int:
    """Tell these people that their service gives out numbers again, each address once a day."""
    news = [
        News(
            "numbers_again",
            holder_of_wish(wish),
            f"numbers_again:{wish.service_id}:{wish.date}:{wish.person}",
            {"layanan": wish.service.name, "tentang": page_of_wish(wish)},
            seconds=AGAIN_SECONDS,
        )
        for wish in wishes
    ]
    return outbox.tell(*news) if news else 0


def officer_asked(person: User, request: OfficerRequest) -> None:
    """Ask an officer who left a phone number to come to a counter."""
    channel = channels.for_phone()
    if not person.phone or not channel:
        return
    outbox.enqueue(
        event="officer_asked",
        channel=channel,
        recipient=person.phone,
        params={"loket": request.counter.number, "instansi": request.agency.short_name},
        dedupe_key=f"officer_asked:{request.pk}:{person.pk}",
        not_after=clock.now() + timedelta(minutes=ASKED_MINUTES),
    )


def _tell(ticket: Ticket, event: str, params: Mapping[str, object], key: str, *, seconds: float) -> None:
    """Write one message for a number whose holder chose a way; nothing at all for the many who did not."""
    if ticket.is_told:
        outbox.tell(News(event, holder_of(ticket), key, params, seconds=seconds))
