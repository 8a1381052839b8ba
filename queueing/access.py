"""Who may touch which counter session or number, and which screen is a kiosk: the object, or an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, planned, revision, tokens
from mpp.core.errors import Forbidden, NotFound, Refusal
from mpp.core.rows import columns, model_of
from queueing import rules
from queueing.models import CounterSession, NumberWish, QueueDay, Ticket, Visit
from queueing.roster import roster_at
from services.access import may_handle_trouble
from services.shelf import services_at
from tenants import devices
from tenants.enums import DeviceKind, PrinterLink, Role
from tenants.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tenants.models import Device

# A number with its line.
BY_TOKEN = f"""
SELECT {columns(QueueDay, "line")}, {columns(Ticket, "ticket")} FROM queueing_ticket AS ticket
JOIN queueing_queueday AS line ON line.id = ticket.line_id WHERE ticket.token_digest = %s
"""  # noqa: S608  our own names
UNKNOWN_LINK = _(
    "Tautan ini tidak dikenal. Salin seluruhnya, atau cari lewat Nomor saya. "
    "Nomor yang sudah diambil tetap berlaku."
)


def access_own_session(user: User, session_id: int) -> CounterSession:
    """Return the open or closed session that `user` runs.

    A session of another agency is 404 (its existence is nobody's business), a colleague's is 403.
    """
    sessions = CounterSession.objects.select_related("counter").order_by()
    if own := sessions.filter(pk=session_id, user=user.pk).first():
        own.user = user
        return own
    if sessions.visible_to(user, clock.today()).filter(pk=session_id).exists():
        raise Forbidden
    raise NotFound


def open_session_of(user: User) -> CounterSession | None:
    """Return the counter session that `user` has open now."""
    sessions = CounterSession.objects.open().select_related("counter", "counter__zone", "agency", "user")
    return sessions.filter(user=user).first()


def access_floor(user: User) -> None:
    """Raise `Forbidden` unless this person may look at the floor: who runs it, and the auditor."""
    if not (may_handle_trouble(user) or (user.is_active and user.role == Role.AUDITOR)):
        raise Forbidden(_("Halaman ini untuk pengelola lantai. Peran Anda tidak memakainya."))


def access_ticket(token: str) -> Ticket:
    """Return the number that this secret link holds; a wrong token is 404, whatever it is."""
    # The line's queue, the service and their agency come from memory, and what most numbers have not is read
    # when it is asked for: planning a query of eleven tables costs more than running it.
    ticket = _by_token(token)
    if ticket.queue_day_id == ticket.line_id:
        ticket.queue_day = ticket.line
    instant = revision.read()
    queues, services = roster_at(instant).queues, services_at(instant)
    for day in (ticket.line, ticket.queue_day):
        # A line that is no longer in use is read when it is asked for.
        if day.queue_id in queues:
            day.queue = queues[day.queue_id]
    if ticket.service_id in services:
        ticket.service = services[ticket.service_id]
    if ticket.session_id:
        prefetch_related_objects([ticket], "session__counter__zone")
    return ticket


def _by_token(token: str) -> Ticket:
    rows = planned.ask(BY_TOKEN, [tokens.digest(token)])
    if not rows:
        raise NotFound(UNKNOWN_LINK)
    [row] = rows
    parts = len(QueueDay._meta.concrete_fields)
    ticket = model_of(Ticket, row[parts:])
    ticket.line = model_of(QueueDay, row[:parts])
    return ticket


def access_visit(token: str) -> Visit:
    """Return the visit that this secret link holds; a wrong token is 404, whatever it is."""
    visit = Visit.objects.filter(token_digest=tokens.digest(token)).first()
    if visit is None:
        raise NotFound(UNKNOWN_LINK)
    return visit


def access_wish(token: str) -> NumberWish:
    """Return the wish for numbers that this secret link holds; a wrong token is 404, whatever it is."""
    wishes = NumberWish.objects.select_related("service__agency")
    wish = wishes.filter(token_digest=tokens.digest(token)).first()
    if wish is None:
        raise NotFound(_("Permintaan ini tidak ada, atau sudah dihapus. Buat lagi di halaman layanan."))
    return wish


def access_kiosk(request: HttpRequest) -> Device | None:
    """Return the kiosk that gives out a number here; None for any browser, where the mall allows that.

    A browser that holds a device's token is judged by it, whatever the rule: a revoked kiosk and a
    display never give out a number (403).
    """
    if devices.token_of(request):
        device = devices.device_of(request)
        if device is None:
            raise Refusal("device_revoked", _("Layar ini dilepas dari portal."), status=403)
        if device.kind != DeviceKind.KIOSK:
            raise Refusal("not_a_kiosk", _("Layar ini bukan anjungan."), status=403)
        return device
    if rules.hall().paired_kiosks_only:
        raise Refusal("not_paired", _("Anjungan ini belum dipasangkan."), status=403)
    return None


def access_printer(request: HttpRequest) -> Device:
    """Return the kiosk whose slips the portal itself prints; anybody else is 403."""
    device = access_kiosk(request)
    if device is None or device.printer_link == PrinterLink.BROWSER:
        raise Forbidden(_("Anjungan ini mencetak lewat perambannya."))
    return device
