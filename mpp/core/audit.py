"""The audit trail's only writer."""

from __future__ import annotations

from typing import Any

from mpp.core import clock
from mpp.core.models import AuditEntry


def record(
    action: str,
    *,
    by: Any = None,
    target: object = "",
    address: str | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one entry, in the caller's transaction.

    Arguments: `action`, a dotted word such as "counter.open"; `by`, the acting user or None for
    the system and for people who are not signed in; `target`, what it was done to; `address`, the
    network address; `detail`, anything JSON can hold, never a secret.
    """
    person = by if getattr(by, "is_authenticated", False) else None
    return AuditEntry.objects.create(
        at=clock.now(),
        actor=person,
        actor_name=person.get_username() if person else "",
        action=action,
        target=str(target)[:200],
        detail=detail,
        address=address,
    )
