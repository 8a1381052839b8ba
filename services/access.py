"""Who may do what with trouble."""

from __future__ import annotations

from typing import Any

from mpp.core.errors import Forbidden
from tenants.enums import Role

TROUBLE_ROLES = frozenset({Role.ADMIN, Role.FLOOR_MANAGER})


def may_handle_trouble(user: Any) -> bool:
    """Tell whether this person may declare, change and end trouble."""
    return bool(user.is_active and (user.is_superuser or user.role in TROUBLE_ROLES))


def refuse_others(user: Any) -> None:
    """Raise `Forbidden` (403) unless this person may handle trouble; None is the portal itself."""
    if user is not None and not may_handle_trouble(user):
        raise Forbidden
