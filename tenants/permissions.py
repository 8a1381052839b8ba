"""Who may do what in the admin: by role, as code. No permission is handed out row by row."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from tenants.enums import Role

# These two work in the admin; the others have their own pages.
ADMIN_ROLES = frozenset({Role.ADMIN, Role.AUDITOR})


class RoleBackend(ModelBackend):
    """The admin's role may do everything, the auditor's may look at everything, the others nothing."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if user_obj.role == Role.AUDITOR:
            return perm.rpartition(".")[2].startswith("view_")
        return bool(user_obj.role == Role.ADMIN)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(user_obj.is_active and not user_obj.is_anonymous and user_obj.role in ADMIN_ROLES)
