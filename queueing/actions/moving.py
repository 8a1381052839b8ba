"""Moving a counter to one line of its agency for the rest of the day, and putting it back."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from mpp.core import audit, clock, locks
from mpp.core.constraints import refused_by
from mpp.core.errors import NotFound, Refusal
from mpp.core.text import clean_text
from queueing.actions import lines, trail
from queueing.coverage import unserved_lines
from queueing.models import CounterLine, CounterMove, Queue
from services.access import refuse_others
from tenants.models import Counter, CounterDuty, User


def move_counter(*, counter: Counter, queue: Queue, reason: str, by: User) -> CounterMove:
    """Let `counter` call from `queue` alone until the end of the day; what it served is remembered.

    Raises `Forbidden` for other roles, `Refusal` (400) without a reason, `NotFound` for a line that is
    not of the counter's agency today, `Refusal` (409) when another line would be left without a counter.
    """
    refuse_others(by)
    why = clean_text(reason, limit=200, field="reason")
    if not why:
        raise Refusal("reason_needed", _("Tulis alasan memindahkan loket."), status=400, field="reason")
    today = clock.today()
    duty = CounterDuty.objects.on(today).filter(counter=counter, agency=queue.agency_id).first()
    if duty is None or not counter.is_active or not queue.is_active:
        raise NotFound
    with locks.transaction_of_one_act(), refused_by(CounterMove, CounterLine):
        days = locks.hold(lines.rows_of_agency(queue.agency_id, today))
        before = _served_by(counter)
        if earlier := _open_move(counter):
            before = [tuple(pair) for pair in earlier.before]
            _end(earlier, by)
        _serve(counter, [(queue.pk, 1)])
        if left := unserved_lines(queue.agency_id):
            words = _("Tanpa loket ini antrean %(line)s tidak dilayani siapa pun. Pilih loket lain.")
            raise Refusal("line_unserved", words % {"line": left[0].name})
        move = CounterMove.objects.create(
            counter=counter,
            queue=queue,
            date=today,
            before=before,
            reason=why,
            moved_at=clock.now(),
            moved_by=by,
        )
        audit.record("counter.move", by=by, target=counter, queue=queue.code, reason=why)
        trail.publish(days)
    return move


def put_back(*, counter: Counter, by: User | None = None) -> bool:
    """Let a moved counter serve again what it served before; False when it was not moved.

    `by` None is the portal at the end of the day. Raises `Forbidden` for other roles.
    """
    refuse_others(by)
    move = CounterMove.objects.filter(counter=counter, ended_at=None).select_related("queue").first()
    if move is None:
        return False
    with locks.transaction_of_one_act():
        days = locks.hold(lines.rows_of_agency(move.queue.agency_id, clock.today()))
        fresh = _open_move(counter)
        if fresh is None:
            return False
        _serve(counter, fresh.before)
        _end(fresh, by)
        audit.record("counter.put_back", by=by, target=counter)
        trail.publish(days)
    return True


def put_back_yesterdays() -> int:
    """Put back every counter that was moved on an earlier day; return how many. Safe to run twice."""
    old = CounterMove.objects.filter(ended_at=None, date__lt=clock.today()).select_related("counter")
    return sum(put_back(counter=move.counter) for move in old)


def _open_move(counter: Counter) -> CounterMove | None:
    rows = CounterMove.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(counter=counter, ended_at=None).first()


def _served_by(counter: Counter) -> list[tuple[int, int]]:
    return list(counter.counter_lines.order_by("queue").values_list("queue", "weight"))


def _serve(counter: Counter, wanted: Sequence[Sequence[int]]) -> None:
    """Bring the counter's rows to these pairs of line and weight."""
    weights = {pair[0]: pair[1] for pair in wanted}
    CounterLine.objects.filter(counter=counter).exclude(queue__in=weights).delete()
    for queue, weight in weights.items():
        CounterLine.objects.update_or_create(counter=counter, queue_id=queue, defaults={"weight": weight})


def _end(move: CounterMove, by: User | None) -> None:
    move.ended_at, move.ended_by = max(clock.now(), move.moved_at), by
    move.save(update_fields=["ended_at", "ended_by"])
