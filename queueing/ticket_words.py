"""What the holder of a number reads: one set of words for each state, and the wait in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from mpp.core.formats import hour
from mpp.core.templatetags.mpp import clock_zone, long_date
from queueing.enums import Outcome, TicketState
from queueing.models import Ticket


@dataclass(frozen=True)
class Words:
    """The plate's label and kind ("", "called", "gone"), and the first instruction below it."""

    label: str
    plate: str
    heading: str
    text: str
    icon: str
    may_renew: bool = False


@dataclass(frozen=True)
class Wait:
    """A range of minutes and the earliest time of the clock; empty when nobody can say."""

    minutes: str = ""
    earliest: str = ""


def words_of(ticket: Ticket, state: TicketState) -> Words:
    """Return the words for a number (with session and line joined) in `state`; each ends in a next step."""
    counter = ticket.session.counter.number if ticket.session else ""
    match state:
        case TicketState.WAITING:
            return Words(_("Nomor Anda"), "", "", "", "")
        case TicketState.CALLED:
            heading = _("Silakan ke loket sekarang")
            return Words(_("Giliran Anda"), "called", heading, _called_text(ticket), "walk")
        case TicketState.SERVING:
            heading = _("Anda dilayani di loket %(counter)s") % {"counter": counter}
            return Words(_("Sedang dilayani"), "", heading, _("Ikuti arahan petugas."), "user")
        case TicketState.HELD:
            heading = _("Ditahan, petugas memanggil lagi")
            text = _("Lengkapi yang diminta. Tetap di dekat loket %(counter)s.") % {"counter": counter}
            return Words(_("Ditahan sebentar"), "", heading, text, "player-pause")
        case _:
            return _ended_words(ticket, state)


def title_of(ticket: Ticket, state: TicketState, now: Mapping[str, Any]) -> str:
    """Return what the tab of the browser says of a number in `state`, with its live state `now`."""
    match state:
        case TicketState.CALLED:
            return _("Giliran Anda, loket %(counter)s") % {"counter": now["counter"]}
        case TicketState.WAITING:
            return _("Nomor %(label)s") % {"label": ticket.label}
        case _:
            return words_of(ticket, state).label


def _called_text(ticket: Ticket) -> str:
    when = {"time": clock_zone(ticket.called_at), "count": ticket.calls}
    if ticket.calls > 1:
        return _("Panggilan ke-%(count)d, pukul %(time)s.") % when
    return _("Dipanggil %(time)s.") % when


def _ended_words(ticket: Ticket, state: TicketState) -> Words:
    when = {"time": clock_zone(ticket.ended_at), "count": ticket.calls, "day": long_date(ticket.line.date)}
    match state:
        case TicketState.DONE:
            return _done_words(ticket, _("Selesai %(time)s") % when)
        case TicketState.NO_SHOW:
            heading = _("Anda dipanggil %(count)d kali sampai %(time)s") % when
            text = _("Temui petugas di pintu masuk, atau ambil nomor baru.")
            return Words(_("Nomor terlewat"), "gone", heading, text, "clock", may_renew=True)
        case TicketState.CANCELLED if hasattr(ticket, "postponed_to"):
            heading, text = _("Nomor ini menjadi pesanan waktu"), _("Kode hadirnya ada di halaman pesanan.")
            return Words(_("Waktu dipindah"), "gone", heading, text, "calendar-event")
        case TicketState.CANCELLED:
            heading = _("Nomor ini dibatalkan %(time)s") % when
            text = _("Ambil nomor baru bila Anda jadi datang.")
            return Words(_("Nomor dibatalkan"), "gone", heading, text, "x", may_renew=True)
        case _ if hasattr(ticket, "carried_to"):
            heading = _("Antrean hari itu sudah ditutup")
            text = _("Tempat Anda tidak hilang. Pakai nomor yang baru.")
            return Words(_("Nomor dilanjutkan"), "gone", heading, text, "calendar-event")
        case _:
            heading = _("Nomor ini berlaku %(day)s") % when
            text = _("Hari itu sudah lewat. Ambil nomor baru untuk hari ini.")
            return Words(_("Nomor kedaluwarsa"), "gone", heading, text, "calendar-event", may_renew=True)


def _done_words(ticket: Ticket, label: str) -> Words:
    """Return how serving ended, with what it means for the holder."""
    note = ticket.outcome_note
    match ticket.outcome:
        case Outcome.FILE_RECEIVED:
            heading, icon = _("Berkas Anda diterima"), "file-text"
            text = _("Simpan kode berkasnya. Dengan kode itu Anda melihat sampai di mana.")
        case Outcome.INCOMPLETE:
            heading, icon = _("Berkas belum lengkap"), "list-check"
            text = _("Yang kurang: %(papers)s") % {"papers": note}
            return Words(label, "gone", heading, text, icon, may_renew=True)
        case Outcome.NOT_SERVABLE:
            heading, icon = _("Belum dapat dilayani"), "info-circle"
            text = _("Alasannya: %(reason)s") % {"reason": note}
        case _:
            heading, text, icon = _("Layanan selesai"), _spent(ticket), "check"
    return Words(label, "gone", heading, text, icon)


def _spent(ticket: Ticket) -> str:
    """Return how long the holder waited and was served, in whole minutes."""
    if ticket.called_at is None or ticket.started_at is None or ticket.ended_at is None:
        return ""
    is_elsewhere = ticket.reentries or ticket.steps_back
    since = ticket.issued_at if is_elsewhere else max(ticket.issued_at, ticket.arrived_at)
    return _("Menunggu %(waited)d menit, dilayani %(served)d menit.") % {
        "waited": _minutes(ticket.called_at - since),
        "served": _minutes(ticket.ended_at - ticket.started_at),
    }


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def day_of(day: date, today: date) -> str:
    """Return a day to come in words, "besok" or "Senin, 23 November 2026"; "" for today and before."""
    if day <= today:
        return ""
    return _("besok") if day == today + timedelta(days=1) else long_date(day)


def wait_of(now: Mapping[str, Any], at: datetime) -> Wait:
    """Return the wait in a live state (`low_minutes`, `high_minutes`), computed at the aware moment `at`."""
    low, high = now["low_minutes"], now["high_minutes"]
    if low is None or high is None:
        return Wait()
    return Wait(f"{low}–{high}", hour(at + timedelta(minutes=low)))


def leave_of(now: Mapping[str, Any], at: datetime, minutes: int | None) -> str:
    """Return until when whoever needs `minutes` of way must leave, from a live state at `at`; "" without a
    way or an estimate.

    Reckoned from the earliest call: who leaves then is there when it comes.
    """
    if minutes is None or now["low_minutes"] is None:
        return ""
    spare = now["low_minutes"] - minutes
    if spare <= 0:
        return _("Berangkatlah sekarang")
    return _("Berangkat paling lambat %(time)s") % {"time": hour(at + timedelta(minutes=spare))}
