"""The tables of agreements in the admin: one module for each kind of paper or act."""

from agreements.admin import (
    attendance,
    evaluation,
    findings,
    instruments,
    letters,
    meetings,
    milestones,
    promises,
    readiness,
    reports,
    road,
    rules,
    trial,
    workplan,
)

__all__ = [
    "attendance",
    "evaluation",
    "findings",
    "instruments",
    "letters",
    "meetings",
    "milestones",
    "promises",
    "readiness",
    "reports",
    "road",
    "rules",
    "trial",
    "workplan",
]
