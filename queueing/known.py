"""What is known of a person through one number or booking: what its holder may see, take along, and have
deleted.

Addresses are shown by their end: the link of a number stands on paper that others may see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from mpp.notifications.models import Message, Way
from queueing import booking_notifications
from queueing.bookings import spoken_code
from queueing.filed import file_of
from queueing.models import Booking, Ticket
from queueing.notifications import holder_of
from services import notifications as file_notifications
from services.models import Submission


@dataclass(frozen=True)
class Known:
    """All of it; `moments` are (what happened, when), in order."""

    number: str
    service: str
    agency: str
    phone: str
    priority: str
    moments: Sequence[tuple[str, datetime]]
    file: Submission | None
    ways: Sequence[Way]
    messages: Sequence[Message]

    @property
    def can_forget(self) -> bool:
        """Tell whether there is something that the holder may have deleted."""
        return bool(self.phone or self.ways or self.messages)

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain values, for a file."""
        return {
            "nomor": self.number,
            "layanan": self.service,
            "instansi": self.agency,
            "ponsel": self.phone,
            "didahulukan": self.priority,
            "waktu": {name: moment.isoformat() for name, moment in self.moments},
            "kode_berkas": self.file.spoken_code if self.file else None,
            "persetujuan": [
                {
                    "lewat": way.name,
                    "ke": way.end_of_recipient,
                    "kata_persetujuan": way.words,
                    "sejak": way.consented_at.isoformat(),
                    "sampai": way.ended_at.isoformat() if way.ended_at else None,
                }
                for way in self.ways
            ],
            "pesan": [
                {"kejadian": one.event, "dibuat": one.created_at.isoformat(), "keadaan": one.state}
                for one in self.messages
            ],
        }


def known_of(ticket: Ticket) -> Known:
    """Return what is known through `ticket` and the file handed in on it: at most three queries."""
    file = file_of(ticket)
    holders = [holder_of(ticket), *([file_notifications.holder_of(file)] if file else [])]
    moments = (
        (_("Diambil"), ticket.issued_at),
        (_("Dipanggil"), ticket.called_at),
        (_("Mulai dilayani"), ticket.started_at),
        (_("Berakhir"), ticket.ended_at),
    )
    return _known(ticket, ticket.label, holders, moments, file)


def known_of_booking(booking: Booking) -> Known:
    """Return what is known through `booking`: two queries."""
    moments = (
        (_("Dipesan"), booking.booked_at),
        (_("Untuk"), booking.slot.starts_at),
        (_("Berakhir"), booking.ended_at),
    )
    name = _("Pesanan %(code)s") % {"code": spoken_code(booking.code)}
    return _known(booking, name, [booking_notifications.holder_of(booking)], moments)


def _known(
    held: Ticket | Booking,
    name: str,
    holders: list[str],
    moments: Iterable[tuple[str, datetime | None]],
    file: Submission | None = None,
) -> Known:
    return Known(
        number=name,
        service=held.service.name,
        agency=held.service.agency.short_name,
        phone=f"…{held.phone[-3:]}" if held.phone else "",
        priority=held.get_priority_display() if held.priority else "",
        moments=[(name, moment) for name, moment in moments if moment],
        file=file,
        ways=list(Way.objects.filter(holder__in=holders).order_by("pk")),
        messages=list(Message.objects.filter(way__holder__in=holders).order_by("pk")),
    )
