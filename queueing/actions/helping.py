"""A counter calls for help; somebody of the floor answers by name, or the officer takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import Forbidden, Refusal
from queueing.actions import lines, trail
from queueing.enums import HelpAnswer, HelpKind
from queueing.floor import pulse
from queueing.models import CounterSession, HelpCall
from services.access import refuse_others
from tenants.models import User


def call_help(*, session: CounterSession, kind: str, by: User) -> HelpCall:
    """Call for help at one's own counter; while a call is open, once more is the same call.

    Raises `Forbidden` for another's counter, `Refusal` (400) for an unknown kind, (409) when closed.
    """
    if session.user_id != by.pk:
        raise Forbidden
    if kind not in HelpKind.values:
        raise Refusal("unknown_kind", _("Pilih keperluan dari daftar."), status=400)
    with _told(session):
        if lines.lock_open_session(session.pk) is None:
            raise Refusal("counter_closed", _("Loket ini sudah ditutup. Buka loket lagi."))
        if already := HelpCall.objects.open().filter(session=session).first():
            return already
        call = HelpCall.objects.create(session=session, kind=kind, called_at=clock.now(), called_by=by)
        audit.record("help.call", by=by, target=session.counter, kind=kind)
    return call


def answer_help(*, call: HelpCall, by: User) -> HelpCall:
    """Say that one is coming; the first answer stands. Raises `Forbidden` for other roles."""
    refuse_others(by)
    return _answer(call, HelpAnswer.COMING, by)


def withdraw_help(*, session: CounterSession, by: User) -> HelpCall | None:
    """Take the open call of one's own counter back; None when there is none."""
    if session.user_id != by.pk:
        raise Forbidden
    call = HelpCall.objects.open().filter(session=session).first()
    return _answer(call, HelpAnswer.WITHDRAWN, by) if call else None


def _answer(call: HelpCall, answer: HelpAnswer, by: User) -> HelpCall:
    with _told(call.session):
        fresh = HelpCall.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
        if not fresh.answer:
            fresh.answer, fresh.answered_at, fresh.answered_by = answer, clock.now(), by
            fresh.save(update_fields=["answer", "answered_at", "answered_by"])
            audit.record("help.answer", by=by, target=call.session.counter, answer=answer)
    return fresh


@contextmanager
def _told(session: CounterSession) -> Iterator[None]:
    """Make an act of it after which the consoles of the agency and the floor look again."""
    with locks.transaction_of_one_act(), refused_by(HelpCall):
        days = locks.hold(lines.rows_of_agency(session.agency_id, session.date))
        yield
        trail.publish(days)
        pulse.hint()
