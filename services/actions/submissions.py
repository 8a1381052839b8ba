"""The life of a file in process: received with its number, moved on by its agency, forgotten in time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, locks, mall, revision
from mpp.core.codes import new_code
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.text import clean_text
from services import notifications, promises, shelf, workflow
from services.enums import NOTED_STATES, SUBMISSION_ENDED, SubmissionStep
from services.models import Submission, SubmissionEvent
from services.models.submissions import CODE_LENGTH, LONGEST_NOTE

if TYPE_CHECKING:
    from services.models import Service
    from tenants.models import User

# Nobody is told at night that something takes longer.
TELL_FROM, TELL_UNTIL = time(8), time(18)
AT_ONE_TIME = 500


def receive(*, service: Service, origin: str, number: str, by: User | None) -> Submission:
    """Record a file that was handed in, in the caller's transaction; the same `origin` keeps its code.

    `origin` is what the caller knows it by ("ticket:12"), `number` what the counter called it by.
    """
    earlier = Submission.objects.select_for_update(no_key=True).filter(origin=origin).first()
    if earlier is not None:
        _move(earlier, SubmissionStep.RECEIVE, clock.now(), by)
        return earlier
    instant = revision.read()
    standard = shelf.standard_of(service, instant)
    submission = Submission.objects.create(
        code=_unused_code(),
        service=service,
        origin=origin,
        number=number,
        received_at=instant.at,
        since=instant.at,
        promised_days=standard.time_days if standard else None,
        promised_on=promises.due_on(standard, instant),
    )
    _record(submission, SubmissionStep.RECEIVE, "", instant.at, by)
    notifications.follow(submission, holder=origin)
    return submission


def _unused_code() -> str:
    while Submission.objects.filter(code=(code := new_code(CODE_LENGTH))).exists():
        continue
    return code


def withdraw(*, origin: str, by: User | None) -> None:
    """Take back what `receive` recorded, in the caller's transaction; nothing when it recorded nothing.

    Raises `Refusal` (409) when the agency has begun to work on it.
    """
    submission = Submission.objects.select_for_update(no_key=True).filter(origin=origin).first()
    if submission is not None:
        _move(submission, SubmissionStep.WITHDRAW, clock.now(), by)


def take_step(*, submission: Submission, step: str, by: User | None, note: str = "") -> Submission:
    """Move a file on; `note` says in plain words what is missing, or why it is turned down.

    Raises `Refusal` (400) when that lacks, (409) for a step that does not start in its state.
    """
    note = clean_text(note, limit=LONGEST_NOTE, field="note")
    with locks.transaction_of_one_act(), refused_by(Submission):
        [fresh] = locks.hold(Submission.objects.select_related("service").filter(pk=submission.pk))
        at, before = clock.now(), fresh.since
        if step == SubmissionStep.COMPLETE:
            stopped_on = clock.local(before).date()
            fresh.promised_on = promises.moved_by_waiting(fresh.promised_on, stopped_on, revision.read())
        _move(fresh, step, at, by, note)
        if step == SubmissionStep.NOT_READY:
            notifications.no_longer_ready(fresh, before, at)
        else:
            notifications.step_taken(fresh, step, at)
    return fresh


def _move(submission: Submission, step: str, at: datetime, by: User | None, note: str = "") -> None:
    source = submission.state
    target = workflow.SUBMISSION.check(step, source).target
    if target in NOTED_STATES and not note:
        raise Refusal("note_needed", _("Tulis apa yang kurang, atau alasannya ditolak."), status=400)
    submission.state, submission.since = target, at
    submission.note = note if target in NOTED_STATES else ""
    submission.save(update_fields=["state", "since", "note", "promised_on"])
    _record(submission, step, source, at, by, note)
    notifications.keep_ways(submission)


def _record(
    submission: Submission, step: str, source: str, at: datetime, by: User | None, note: str = ""
) -> None:
    SubmissionEvent.objects.create(
        submission=submission, step=step, source=source, target=submission.state, at=at, actor=by, note=note
    )


def tell_late() -> int:
    """Tell whose promised day has passed, each once and by day; return how many messages are new.

    Safe to run at any time and twice.
    """
    at = clock.now()
    here = clock.local(at)
    if not TELL_FROM <= here.time() < TELL_UNTIL:
        return 0
    with transaction.atomic():
        late = Submission.objects.late(here.date()).filter(late_told_at=None).select_related("service")
        rows = list(late.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:AT_ONE_TIME])
        Submission.objects.filter(pk__in=[row.pk for row in rows]).update(late_told_at=at)
        return notifications.late(rows, at)


def forget_ended() -> int:
    """Let the codes of files that ended long ago go, with what leads to their numbers; return how many.

    What is left is that there was a file, and how long it took. Safe to run twice.
    """
    here = mall.remembered()
    if here is None:
        return 0
    before = clock.now() - timedelta(days=here.kept_days)
    past = Submission.objects.filter(
        code__isnull=False, state__in=sorted(SUBMISSION_ENDED), since__lt=before
    ).order_by("pk")
    keys = list(past.values_list("pk", flat=True)[:AT_ONE_TIME])
    return Submission.objects.filter(pk__in=keys).update(code=None, origin=None, number="", note="")
