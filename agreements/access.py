"""Who may do what with the papers of an agency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpp.core import clock
from mpp.core.errors import Forbidden, NotFound
from tenants.enums import Role
from tenants.models import Agency

if TYPE_CHECKING:
    from tenants.models import User


def runs_the_mall(user: User) -> bool:
    """Tell whether this person decides for every agency: targets, due dates, plans."""
    return bool(user.is_superuser or user.role == Role.ADMIN)


def require_the_mall(user: User | None) -> None:
    """Raise `Forbidden` unless `user` decides for every agency; None is the portal itself."""
    if user is not None and not runs_the_mall(user):
        raise Forbidden


def require_own(user: User | None, agency_id: int) -> None:
    """Raise unless `user` decides for every agency or manages this one; a stranger gets 404."""
    if user is None or runs_the_mall(user):
        return
    if not Agency.objects.visible_to(user, clock.today()).filter(pk=agency_id).exists():
        raise NotFound
    if user.role != Role.AGENCY_MANAGER:
        raise Forbidden
