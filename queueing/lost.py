"""A number whose link is lost: found by what its holder knows, the number and the end of their telephone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from queueing import limits
from queueing.models import Ticket

DIGITS = 4
# Four digits have ten thousand possibilities, and a number hangs on every display: a guess in two thousand.
TRIES, TRIES_SECONDS = 5, 60 * 60


def find(prefix: str, number: int, last_digits: str) -> Ticket:
    """Return the number of today, or of a day to come, whose holder's telephone ends in `last_digits`.

    Raises `NotFound` for anything that does not fit together, always with the same words, and `Refusal`
    (429) after five tries within an hour for one number.
    """
    if limits.times(f"lost:{clock.today()}:{prefix}-{number}", seconds=TRIES_SECONDS) > TRIES:
        message = _("Sudah dicoba lima kali. Tanya petugas di pintu masuk, atau coba satu jam lagi.")
        raise Refusal("throttled", message, status=429)
    held = Ticket.objects.filter(queue_day__prefix=prefix, number=number, line__date__gte=clock.today())
    ticket = held.filter(phone__endswith=last_digits).exclude(phone="").order_by("line__date").first()
    if ticket is None:
        raise NotFound(_("Nomor dan empat angka itu tidak cocok. Periksa lagi, atau tanya petugas."))
    return ticket
