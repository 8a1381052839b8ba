"""Whose number it is, as far as a phone or a device tells; and how many numbers one person may hold.

No NIK and no name: a keyed digest of the phone (E.164), else of the device's cookie (DESIGN.md 2.9).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import clock, tokens
from mpp.core.errors import Refusal
from queueing import rules
from queueing.enums import BookingState, Channel, TicketState
from queueing.models import Booking, Ticket


def person_of(*, phone: str = "", device: str = "", is_helped: bool = False) -> str:
    """Return who holds a number, or "" when nobody can know.

    Whoever is helped (`is_helped`) is another person than the one whose phone or device it is.
    """
    whose = f"phone:{phone}" if phone else f"device:{device}" if device else ""
    return tokens.derived("person", f"helped-{whose}" if is_helped else whose) if whose else ""


def is_of_helped(ticket: Ticket, device: str) -> bool:
    """Tell whether `device` took this number for somebody else."""
    return ticket.person == person_of(phone=ticket.phone, device=device, is_helped=True) != ""


def free_slot(person: str, service_id: int) -> int | None:
    """Return which of a person's numbers the next one is, from 1; None for nobody known.

    Raises `Refusal` (409) when they hold one for this service, or as many as one person may. Two
    requests at once are told apart by the unique indexes of `Ticket`.
    """
    if not person:
        return None
    held = list(Ticket.objects.active().filter(person=person).values_list("service", "person_slot"))
    if any(service == service_id for service, _slot in held):
        raise Refusal(
            "already_holding", _("Anda masih punya nomor untuk layanan ini. Buka halaman Nomor saya.")
        )
    most = rules.hall().numbers_per_person
    if len(held) >= most:
        message = _("Anda sudah memegang %(count)d nomor. Selesaikan atau batalkan satu dulu.")
        raise Refusal("too_many_numbers", message % {"count": len(held)}, most=most)
    taken = {slot for _service, slot in held}
    return next(slot for slot in range(1, most + 1) if slot not in taken)


def refuse_banned(person: str, channel: str, at: datetime) -> None:
    """Raise `Refusal` (409) for an online wish of one who did not come too often; on site always works."""
    if not person or channel != Channel.ONLINE:
        return
    until = banned_until(person, at)
    if until and until > at:
        message = _(
            "Nomor Anda beberapa kali terlewat. Nomor daring bisa diambil lagi pada %(date)s. "
            "Di anjungan Anda selalu bisa mengambil nomor."
        )
        raise Refusal(
            "online_ban",
            message % {"date": date_format(clock.local(until), "j F Y")},
            until=until.isoformat(),
        )


def banned_until(person: str, at: datetime) -> datetime | None:
    """Return until when this person takes numbers on site only, or None (three no-shows in thirty days)."""
    limits = rules.hall()
    if not limits.ban_days:
        return None
    since = at - timedelta(days=limits.no_show_days)
    numbers = Ticket.objects.filter(person=person, state=TicketState.NO_SHOW, ended_at__gte=since)
    # A booked time that nobody came for is the same: its place was kept free in vain.
    bookings = Booking.objects.filter(person=person, state=BookingState.EXPIRED, ended_at__gte=since)
    missed = [
        ended
        for rows in (numbers, bookings)
        for ended in rows.order_by("-ended_at").values_list("ended_at", flat=True)[: limits.no_shows]
        if ended is not None
    ]
    if len(missed) < limits.no_shows:
        return None
    return max(missed) + timedelta(days=limits.ban_days)
