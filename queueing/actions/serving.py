"""What happens to one number: serving, its end, and the ways back.

Each act locks the number's line first, reads it again under that lock, checks the edge in workflow.py,
and leaves an event.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks, revision
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from queueing import at_hand, notifications, rules
from queueing.actions import lines, pool, trail
from queueing.enums import NOTED_OUTCOMES, Lane, Outcome, Priority, Step, TicketState
from queueing.models import (
    CounterSession,
    Performed,
    PriorityClass,
    Queue,
    QueueDay,
    Ticket,
    TicketEvent,
)
from services.actions import receive, withdraw
from services.models import Service
from tenants.models import Agency, Counter, CounterDuty, User

# Back in the line, as if never called.
UNCALLED: Mapping[str, object] = MappingProxyType({"session": None, "called_at": None, "calls": 0})


@contextlib.contextmanager
def locked(ticket: Ticket, *other_lines: int) -> Iterator[tuple[Ticket, list[QueueDay]]]:
    """Lock the ticket's line (and others) and yield the ticket as it is under that lock.

    Raises `Refusal` (409, "moved") when someone else was faster and the number has moved on.
    """
    instant = revision.at_entry()
    with locks.transaction_of_one_act(), refused_by(Ticket):
        rows = QueueDay.objects.filter(pk__in=[ticket.line_id, *other_lines])
        days = at_hand.with_queues(locks.hold(rows), instant)
        fresh = Ticket.objects.get(pk=ticket.pk)
        if (fresh.line_id, fresh.session_id) != (ticket.line_id, ticket.session_id):
            raise Refusal("moved", _("Nomor ini baru saja berpindah. Muat ulang halaman."))
        yield at_hand.dressed(fresh, days, instant, at_hand.session_at_hand(ticket)), days


def _step(
    ticket: Ticket,
    step: Step,
    *,
    by: User | None,
    reason: str = "",
    stamp: str = "",
    changes: Mapping[str, object] = MappingProxyType({}),
) -> Ticket:
    """Take one step under the line's lock; `stamp` names the column that gets the moment."""
    with locked(ticket) as (fresh, days):
        at = clock.now()
        stamped = {**changes, stamp: at} if stamp else changes
        trail.move(fresh, step, at=at, by=by, session=fresh.session, changes=stamped, reason=reason)
        trail.publish(days)
    return fresh


def start(*, ticket: Ticket, by: User) -> Ticket:
    """The person has come: serving begins."""
    return _step(ticket, Step.START, by=by, stamp="started_at")


def finish(
    *,
    ticket: Ticket,
    by: User,
    outcome: str = Outcome.DONE,
    note: str = "",
    performed: Sequence[Service] = (),
) -> Ticket:
    """Serving is over, with its outcome.

    `note` says which papers are missing (INCOMPLETE) or why it could not be served (NOT_SERVABLE) and
    is refused (400) when missing there; `performed` are the services of this agency really given, when
    they differ from the one the number was taken for. A file handed in (FILE_RECEIVED) gets its code.
    """
    note = note.strip()
    if outcome in NOTED_OUTCOMES and not note:
        raise Refusal(
            "note_needed", _("Tulis berkas yang kurang, atau alasan tidak dapat dilayani."), status=400
        )
    with locked(ticket) as (fresh, days):
        at = clock.now()
        _refuse_foreign(performed, fresh)
        changes = {"ended_at": at, "outcome": outcome, "outcome_note": note}
        trail.move(
            fresh, Step.FINISH, at=at, by=by, session=fresh.session, changes=changes, reason=note[:200]
        )
        Performed.objects.bulk_create(Performed(ticket=fresh, service=service) for service in performed)
        if outcome == Outcome.FILE_RECEIVED:
            _receive_file(fresh, performed, by)
        if outcome == Outcome.INCOMPLETE:
            notifications.papers_lacking(fresh, not_before=at + timedelta(seconds=rules.hall().undo_seconds))
        trail.publish(days)
    return fresh


def _receive_file(ticket: Ticket, performed: Sequence[Service], by: User) -> None:
    service = performed[0] if performed else ticket.service
    receive(service=service, origin=notifications.holder_of(ticket), number=ticket.label, by=by)


def _refuse_foreign(performed: Sequence[Service], ticket: Ticket) -> None:
    if any(service.agency_id != ticket.line.queue.agency_id for service in performed):
        raise Refusal("foreign_service", _("Pilih layanan instansi ini saja."), status=400)


def mark_no_show(*, ticket: Ticket, by: User) -> Ticket:
    """Nobody came, although called as often as the line's rule says (three times)."""
    with locked(ticket) as (fresh, days):
        at = clock.now()
        needed = fresh.line.queue.calls_before_no_show
        if fresh.state == TicketState.CALLED and fresh.calls < needed:
            message = _("Panggil %(needed)d kali dulu. Baru %(calls)d kali dipanggil.")
            raise Refusal(
                "call_again_first",
                message % {"needed": needed, "calls": fresh.calls},
                calls=fresh.calls,
                needed=needed,
            )
        trail.move(fresh, Step.NO_SHOW, at=at, by=by, session=fresh.session, changes={"ended_at": at})
        trail.publish(days)
    return fresh


def hold(*, ticket: Ticket, by: User, reason: str = "") -> Ticket:
    """Put a number being served aside; its counter may call another."""
    return _step(ticket, Step.HOLD, by=by, reason=reason)


def resume(*, ticket: Ticket, by: User) -> Ticket:
    """Go on serving a number that was put aside; refused while another is at the counter."""
    return _step(ticket, Step.RESUME, by=by)


def requeue(*, ticket: Ticket, by: User, reason: str) -> Ticket:
    """Take a call back: the number waits again at its old place."""
    with locked(ticket) as (fresh, days):
        notifications.call_taken_back(fresh)
        at = clock.now()
        trail.move(fresh, Step.REQUEUE, at=at, by=by, session=fresh.session, changes=UNCALLED, reason=reason)
        trail.publish(days)
    return fresh


def cancel(*, ticket: Ticket, by: User | None = None, reason: str = "") -> Ticket:
    """Give a number back; `by` None is its holder. Its place returns to the pool after a while."""
    with locked(ticket, lines.home_of(ticket)) as (fresh, days):
        give_back(fresh, days, by, reason)
    return fresh


def give_back(fresh: Ticket, days: list[QueueDay], by: User | None, reason: str) -> None:
    """Cancel a number whose line and home are locked, and publish these lines."""
    at = clock.now()
    trail.move(
        fresh, Step.CANCEL, at=at, by=by, session=fresh.session, changes={"ended_at": at}, reason=reason
    )
    pool.give_back(fresh, at)
    notifications.ticket_cancelled(fresh, by)
    trail.publish(days)


def void_unprinted(*, ticket: Ticket) -> Ticket:
    """Cancel a number that nobody holds: the kiosk lost its power before it had shown or printed it.

    What somebody follows, or what was called meanwhile, stays as it is.
    """
    with locked(ticket, lines.home_of(ticket)) as (fresh, days):
        is_held = bool(fresh.is_told or fresh.phone or fresh.visit_id)
        if fresh.state == TicketState.WAITING and not is_held:
            give_back(fresh, days, None, str(_("Listrik anjungan padam sebelum karcis tercetak.")))
    return fresh


def expire(*, ticket: Ticket) -> Ticket:
    """Close a number that its day left open."""
    return _step(ticket, Step.EXPIRE, by=None, stamp="ended_at")


def transfer(
    *, ticket: Ticket, to: Queue | None = None, counter: Counter | None = None, by: User, reason: str = ""
) -> Ticket:
    """Send a number to another line, or to a named counter; it keeps its number, history and time.

    With `counter` alone it stays in its line and only that counter calls it. Raises `Refusal` (409)
    for the same place, a line out of use, an agency that may not serve today, or an unstaffed counter.
    """
    target = _target_line(ticket, to)
    if counter is not None:
        _refuse_idle_counter(counter, target)
    elif target.pk == ticket.line_id:
        raise Refusal("same_line", _("Nomor ini sudah berada di antrean itu."))
    lane = lane_of(ticket) if counter is None else Lane.COUNTER
    with locked(ticket, target.pk) as (fresh, days):
        _refuse_unstaffed(counter)
        changes = {**UNCALLED, "line": target, "started_at": None, "lane": lane, "for_counter": counter}
        at = clock.now()
        trail.move(fresh, Step.TRANSFER, at=at, by=by, session=fresh.session, changes=changes, reason=reason)
        notifications.counter_changed(fresh, at)
        trail.publish(days)
    return fresh


def _target_line(ticket: Ticket, to: Queue | None) -> QueueDay:
    queue = to or ticket.line.queue
    serving = Agency.objects.serving_on(ticket.line.date).filter(pk=queue.agency_id)
    if not queue.is_active or not serving.exists():
        raise Refusal("line_closed", _("Antrean itu tidak melayani hari ini. Pilih antrean lain."))
    return lines.day_of(queue.pk, ticket.line.date)


def _refuse_idle_counter(counter: Counter, line: QueueDay) -> None:
    duties = CounterDuty.objects.on(line.date).filter(counter=counter, agency=line.queue.agency_id)
    if not counter.is_active or not duties.exists():
        raise Refusal("counter_elsewhere", _("Hari ini loket itu tidak melayani antrean ini."))


def _refuse_unstaffed(counter: Counter | None) -> None:
    """Nobody else would call the number. Closing locks the same lines, so it frees what comes before it."""
    if counter and not CounterSession.objects.open().filter(counter=counter, date=clock.today()).exists():
        raise Refusal("counter_unstaffed", _("Belum ada petugas di loket itu. Pilih loket lain."))


def lane_of(ticket: Ticket) -> str:
    """Return the lane in which a number stands when no counter is named for it."""
    if ticket.lane != Lane.COUNTER:
        return ticket.lane
    return Lane.EXPRESS if ticket.priority else Lane.REGULAR


def prioritise(*, ticket: Ticket, priority: str, by: User, reason: str) -> Ticket:
    """Let a waiting number go first, for a class that staff may give (sudden illness), with a reason.

    Raises `Refusal` (400) without a reason or for a class out of use.
    """
    reason = reason.strip()
    known = PriorityClass.objects.filter(code=priority, is_active=True).exclude(code=Priority.NONE)
    if not reason or not known.exists():
        raise Refusal("reason_needed", _("Pilih golongan dan tulis alasannya."), status=400)
    with locked(ticket) as (fresh, days):
        trail.move(
            fresh,
            Step.PRIORITISE,
            at=clock.now(),
            by=by,
            session=None,
            changes={"priority": priority, "lane": Lane.EXPRESS, "for_counter": None},
            reason=reason,
        )
        trail.publish(days)
    return fresh


UNDO: Mapping[str, Step] = {
    Step.CALL: Step.UNDO_CALL,
    Step.FINISH: Step.UNDO_FINISH,
    Step.NO_SHOW: Step.UNDO_NO_SHOW,
}


def undo(*, ticket: Ticket, by: User) -> Ticket:
    """Take back a mistaken call, finish or no-show within ten seconds, by the one who made it.

    Raises `Refusal` (409) for anything else, too late, or when the counter has gone on or closed
    meanwhile.
    """
    with locked(ticket) as (fresh, days):
        at = clock.now()
        last = TicketEvent.objects.filter(ticket=fresh).first()
        step = UNDO.get(last.step) if last else None
        if last is None or step is None or last.actor_id != by.pk:
            raise Refusal("nothing_to_undo", _("Langkah terakhir nomor ini tidak dapat diurungkan."))
        seconds = rules.hall().undo_seconds
        if at - last.at > timedelta(seconds=seconds):
            message = _("Mengurungkan hanya bisa dalam %(seconds)d detik.")
            raise Refusal("undo_too_late", message % {"seconds": seconds})
        # Unless it goes back to the line, the number needs its counter.
        if step != Step.UNDO_CALL and lines.lock_open_session(last.session_id or 0) is None:
            raise Refusal("counter_closed", _("Loket ini sudah ditutup. Buka loket lagi."))
        if fresh.outcome == Outcome.INCOMPLETE:
            notifications.papers_not_lacking(fresh)
        if fresh.outcome == Outcome.FILE_RECEIVED:
            withdraw(origin=notifications.holder_of(ticket), by=by)
        if step == Step.UNDO_CALL:
            notifications.call_taken_back(fresh)
        trail.move(fresh, step, at=at, by=by, session=last.session, changes=_undone(fresh, last, days[0]))
        Performed.objects.filter(ticket=fresh).delete()
        trail.publish(days, "since_priority", "express_run")
    return fresh


def _undone(ticket: Ticket, last: TicketEvent, line: QueueDay) -> dict[str, object]:
    if last.step != Step.CALL:
        return {"ended_at": None, "outcome": "", "outcome_note": ""}
    later = TicketEvent.objects.filter(line=line, step=Step.CALL, pk__gt=last.pk)
    if not later.exists() and (runs := last.detail.get("runs")):
        line.express_run, line.since_priority = runs
    return dict(UNCALLED)
