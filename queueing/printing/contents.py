"""What a slip says of a number: the same as the screen, and no name (trust.md K-08)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mpp.core import clock
from mpp.core.templatetags.mpp import clock_zone, minutes_range, short_date
from queueing.desks import Place, desks_of, places_of
from queueing.enums import TicketState
from queueing.live import ticket_state
from queueing.models import Ticket

if TYPE_CHECKING:
    from mpp.core.models import Mall
    from tenants.models import Device


@dataclass(frozen=True)
class Slip:
    """The lines of a slip, in words; an empty one is left out."""

    mall: str
    when: str
    number: str
    service: str
    agency: str
    places: tuple[str, ...]
    priority: str
    wait: tuple[str, ...]
    url: str
    follow: str
    notes: tuple[str, ...]


def slip_of(ticket: Ticket, *, mall: Mall, url: str) -> Slip:
    """Return the slip of `ticket`, whose phone page is `url`."""
    agency = ticket.service.agency
    is_sample = mall.is_sample or ticket.service.is_sample
    desks = desks_of(agency, ticket.queue_day.date)
    return Slip(
        mall=mall.short_name,
        when=f"{short_date(ticket.issued_at)}, {clock_zone(ticket.issued_at)}",
        number=ticket.label,
        service=ticket.service.name,
        agency=agency.short_name,
        places=tuple(_place(place) for place in places_of(desks)),
        priority=_("Didahulukan") if ticket.priority else "",
        wait=_wait(ticket),
        url=url,
        follow=_("Pindai untuk mengikuti giliran Anda di ponsel."),
        notes=(_("Nomor ini tidak untuk dijual."), *([_("Data contoh.")] if is_sample else [])),
    )


def test_slip(device: Device, *, mall: Mall, url: str) -> Slip:
    """Return a slip that can be taken for no number: it shows whether the printer of `device` is set up."""
    at = clock.now()
    width = _("Lebar kertas di portal: %(paper)s.") % {"paper": device.get_paper_mm_display()}
    return Slip(
        mall=mall.short_name,
        when=f"{short_date(at)}, {clock_zone(at)}",
        number=_("TES"),
        service=_("Karcis percobaan"),
        agency=_("Ini bukan nomor antrean."),
        places=(device.name,),
        priority="",
        wait=(),
        url=url,
        follow=_("Pindai untuk membuka portal."),
        notes=(width, _("Terpotong di tepi? Ubah lebar kertas di admin.")),
    )


def _place(place: Place) -> str:
    zone = place.zone
    counters = _("Loket %(counters)s") % {"counters": place.any_of}
    return ", ".join(filter(None, [f"{counters}, {zone.name}", zone.floor, zone.directions]))


def _wait(ticket: Ticket) -> tuple[str, ...]:
    """Return how many come before and how long that takes, while the number still waits."""
    if ticket.state != TicketState.WAITING:
        return ()
    state = ticket_state(ticket)
    ahead = ngettext("%(count)d orang di depan Anda", "%(count)d orang di depan Anda", state["ahead"])
    low, high = state["low_minutes"], state["high_minutes"]
    if low is None or high is None:
        return (ahead % {"count": state["ahead"]},)
    minutes = _("Kira-kira %(range)s menit lagi") % {"range": minutes_range(low, high)}
    return (ahead % {"count": state["ahead"]}, minutes)
