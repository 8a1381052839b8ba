"""Which steps of a file are told to its holder: the facts; the words are in mpp.notifications.events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mpp.core import clock, mall
from mpp.notifications import outbox, ways
from mpp.notifications.outbox import News
from services.enums import SUBMISSION_ENDED, SubmissionStep
from services.models import Submission

# A wrong press is taken back before anybody sets out for it.
HELD_BACK = timedelta(minutes=1)
WORTH = timedelta(days=3)

EVENTS: Mapping[str, str] = {
    SubmissionStep.READY: "file_ready",
    SubmissionStep.LACK: "file_lacking",
    SubmissionStep.REJECT: "file_rejected",
}


def holder_of(submission: Submission) -> str:
    """Return the name under which the ways of this file's holder are kept."""
    return f"submission:{submission.pk}"


def follow(submission: Submission, *, holder: str) -> None:
    """Tell of this file whoever is told of the number it came from, by the same ways."""
    ways.take_along(holder=holder, to=holder_of(submission))
    keep_ways(submission)


def keep_ways(submission: Submission) -> None:
    """Keep these ways while the file runs: the mall's days after its promised day, or its last step."""
    here = mall.remembered()
    until = None
    if here is not None and submission.state not in SUBMISSION_ENDED:
        since = clock.local(submission.since)
        day = max(since.date(), submission.promised_on or since.date())
        until = since + (day - since.date()) + timedelta(days=here.kept_days)
    ways.need(holder=holder_of(submission), until=until)


def step_taken(submission: Submission, step: str, at: datetime) -> None:
    """Tell of a step that its holder waits for, once a mistaken press can no longer be taken back."""
    if event := EVENTS.get(step):
        outbox.tell(_news(submission, event, _key(event, submission, at), at, not_before=at + HELD_BACK))


def no_longer_ready(submission: Submission, ready_since: datetime, at: datetime) -> None:
    """Take the word of a ready file back, or tell that it does not hold."""
    if not outbox.withdraw(key=_key("file_ready", submission, ready_since)):
        outbox.tell(_news(submission, "file_not_ready", _key("file_not_ready", submission, at), at))


def late(submissions: Iterable[Submission], at: datetime) -> int:
    """Tell whose promised day has passed, each file once: one statement for all."""
    news = [_news(one, "file_late", f"file_late:{one.pk}", at) for one in submissions]
    return outbox.tell(*news) if news else 0


def _key(event: str, submission: Submission, at: datetime) -> str:
    return f"{event}:{submission.pk}:{at.timestamp():.6f}"


def _news(
    submission: Submission, event: str, key: str, at: datetime, not_before: datetime | None = None
) -> News:
    params: dict[str, Any] = {"kode": submission.spoken_code, "layanan": submission.service.name}
    if event == "file_lacking":
        params["kurang"] = submission.note.rstrip(".")
    if event == "file_late" and submission.promised_on:
        params["janji"] = {"day": submission.promised_on.isoformat()}
    return News(event, holder_of(submission), key, params, not_before=not_before, not_after=at + WORTH)
