"""One change to many rows: it says how many, and can be taken back for a while.

The audit entry holds every row's value of before, so taking back needs no table of its own. A row that
somebody has changed since is left as it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from mpp.core import audit, clock
from mpp.core.constraints import refused_by
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry

# trust.md A-07.
UNDO_DAYS = 30
MOST_ROWS = 2000
SWITCHED, UNDONE = "bulk.switch", "bulk.undo"


@transaction.atomic
def switch(*, rows: models.QuerySet[Any], field: str, value: bool, by: Any) -> AuditEntry | None:
    """Give `field` this value on all of `rows`; return the entry to take it back by, None: nothing changed.

    Raises `Refusal` (409) for too many rows at once, or when a rule of the table forbids it.
    """
    model = rows.model
    found = _locked(model, rows.exclude(**{field: value}).values_list("pk", flat=True)[: MOST_ROWS + 1])
    if len(found) > MOST_ROWS:
        raise Refusal("too_many_rows", _("Paling banyak %(most)d baris sekaligus.") % {"most": MOST_ROWS})
    if not found:
        return None
    _write(found, field, value, by)
    return audit.record(
        SWITCHED,
        by=by,
        target=f"{len(found)} {model._meta.verbose_name_plural}",
        model=model._meta.label_lower,
        field=field,
        value=value,
        rows=[row.pk for row in found],
    )


@transaction.atomic
def undo(*, entry: AuditEntry, by: Any) -> int:
    """Take a switch back on the rows that still stand as it left them; return how many those are.

    Raises `Refusal` (409) when it is too old or was taken back already.
    """
    model = apps.get_model(entry.detail["model"])
    field, value = entry.detail["field"], entry.detail["value"]
    found = _locked(model, entry.detail["rows"])
    if entry.at < clock.now() - timedelta(days=UNDO_DAYS):
        raise Refusal(
            "too_old", _("Sudah lebih dari %(days)d hari. Ubah satu per satu.") % {"days": UNDO_DAYS}
        )
    if is_undone(entry):
        raise Refusal("already_undone", _("Perubahan ini sudah dibatalkan."))
    kept = [row for row in found if getattr(row, field) == value]
    _write(kept, field, not value, by)
    target = f"{len(kept)} {model._meta.verbose_name_plural}"
    audit.record(UNDONE, by=by, target=target, of=entry.pk, rows=[row.pk for row in kept])
    return len(kept)


def is_undone(entry: AuditEntry) -> bool:
    """Tell whether a switch was taken back."""
    return AuditEntry.objects.filter(action=UNDONE, at__gte=entry.at, detail__of=entry.pk).exists()


def _locked(model: type[models.Model], keys: Any) -> list[Any]:
    """Lock the rows in the order of their keys: two such acts never wait for each other in a ring."""
    rows = model._default_manager.filter(pk__in=list(keys)).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def _write(rows: list[Any], field: str, value: bool, by: Any) -> None:
    model = type(rows[0]) if rows else None
    if model is None:
        return
    for row in rows:
        setattr(row, field, value)
    with refused_by(model):
        if hasattr(model, "history"):
            bulk_update_with_history(rows, model, [field], batch_size=500, default_user=by)
        else:
            model._default_manager.bulk_update(rows, [field], batch_size=500)
