"""People who work here: what their role opens to them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from mpp.core import audit
from tenants.models import User
from tenants.permissions import ADMIN_ROLES

# What a person, or their signing in, may have changed while a form of the admin was open.
KEPT = frozenset({"id", "password", "last_login", "uses_shortcuts"})


def save_person(*, person: User, by: User | None = None) -> User:
    """Write `person`; whether the admin opens to them follows from their role alone.

    Records the role before and after: it decides what they may do.
    """
    with transaction.atomic():
        before = User.objects.filter(pk=person.pk).values_list("role", "is_active").first()
        person.is_staff = person.is_superuser or person.role in ADMIN_ROLES
        columns = {field.name for field in User._meta.concrete_fields} - KEPT
        person.save(update_fields=columns if before else None)
        if before != (person.role, person.is_active):
            was: dict[str, Any] = {"before": before[0], "was_active": before[1]} if before else {}
            audit.record(
                "account.role",
                by=by,
                target=person.username,
                after=person.role,
                active=person.is_active,
                **was,
            )
    return person
