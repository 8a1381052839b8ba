"""Who did it, and when: the columns of every `Deed`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from mpp.core import clock

if TYPE_CHECKING:
    from tenants.models import User


class Signed(TypedDict):
    """The columns of a `Deed`."""

    at: datetime
    by: User | None
    by_name: str


def signed(by: User | None) -> Signed:
    """Return the columns that say that `by` does it now; None is the portal itself."""
    return {"at": clock.now(), "by": by, "by_name": str(by)[:150] if by else ""}
