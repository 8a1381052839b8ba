"""Who may do what in the admin: by role, as code. No permission is handed out row by row."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from tenants.enums import Role

# These work in the admin; the others have their own pages.
ADMIN_ROLES = frozenset({Role.ADMIN, Role.AUDITOR, Role.AGENCY_MANAGER})


def may_enter_admin(user: Any) -> bool:
    """Tell whether the admin is open to `user`, by role alone."""
    return bool(user.is_active and (user.is_superuser or getattr(user, "role", "") in ADMIN_ROLES))


class RoleBackend(ModelBackend):
    """The admin's role may do everything, the auditor's may look at everything, the others nothing.

    What an agency's manager may do is declared on each table of the admin: mpp.core.scope.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if user_obj.role == Role.AUDITOR:
            return perm.rpartition(".")[2].startswith("view_")
        return bool(user_obj.role == Role.ADMIN)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(not user_obj.is_anonymous and may_enter_admin(user_obj))
