"""A file as its agency sees it: how it stands with the promise, and what can be done now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from services import workflow
from services.enums import WITH_AGENCY, SubmissionStep
from services.models import Submission

# Said in words of their own, since they need some.
WITH_NOTE = (SubmissionStep.LACK, SubmissionStep.REJECT)


@dataclass(frozen=True)
class FileRow:
    """One file of the list; `next` is its one button, `others` stand behind it, `noted` need words."""

    file: Submission
    days_late: int
    days_left: int | None
    next: SubmissionStep | None
    others: Sequence[SubmissionStep]
    noted: Sequence[SubmissionStep]

    @property
    def promise(self) -> str:
        """Return how it stands with the promised day, in words."""
        if self.days_late:
            return _("lewat %(days)d hari dari janji") % {"days": self.days_late}
        if self.days_left is None:
            return ""
        if self.days_left == 0:
            return _("janji hari ini")
        return _("janji %(days)d hari lagi") % {"days": self.days_left}


def rows_of(files: Iterable[Submission], today: date) -> list[FileRow]:
    """Return these files as rows of the list."""
    return [_row(one, today) for one in files]


def _row(file: Submission, today: date) -> FileRow:
    following = workflow.NEXT.get(file.state)
    steps = [SubmissionStep(name) for name in workflow.SUBMISSION.available(file.state)]
    rest = [step for step in steps if step != following and step not in workflow.AT_COUNTER_ONLY]
    days = (file.promised_on - today).days if file.promised_on and file.state in WITH_AGENCY else None
    return FileRow(
        file=file,
        days_late=max(0, -days) if days is not None else 0,
        days_left=days,
        next=following,
        others=[step for step in rest if step not in WITH_NOTE],
        noted=[step for step in rest if step in WITH_NOTE],
    )
