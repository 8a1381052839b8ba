"""Saved filters of the lists: whose are seen, and how they are kept and dropped."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from mpp.core import audit
from mpp.core.errors import Refusal
from mpp.core.scope import reach_of
from mpp.dashboard.models import SavedView
from tenants.enums import Role

# Of a list; more is no longer a choice at a glance.
MOST = 12
# What belongs to one look at a list, not to the filter.
PASSING = {"p", "all", "e", "_popup", "_to_field", "_changelist_filters"}


def normal(query: str) -> str:
    """Return the filter in a query string, always written in the same order."""
    sent = QueryDict(query.lstrip("?"))
    kept = QueryDict(mutable=True)
    for name in sorted(set(sent) - PASSING):
        kept.setlist(name, sent.getlist(name))
    return kept.urlencode()


def views_of(user: Any, table: str) -> QuerySet[SavedView]:
    """Return the saved filters of a list: one's own, and for who sees every agency the shared ones."""
    seen = Q(owner=user)
    if reach_of(user) is None:
        seen |= Q(is_shared=True)
    return SavedView.objects.filter(seen, table=table)


def may_share(user: Any) -> bool:
    """Tell whether this person's filters may be offered to everybody in the office."""
    return bool(user.is_superuser or user.role == Role.ADMIN)


@transaction.atomic
def save_view(*, table: str, name: str, query: str, is_shared: bool, by: Any) -> SavedView:
    """Keep a filter under a name; the same name again replaces it. Refused (409) when there are too many."""
    others = SavedView.objects.filter(owner=by, table=table).exclude(name=name)
    if others.count() >= MOST:
        raise Refusal("too_many_views", _("Sudah ada %(most)d saringan. Hapus dulu satu.") % {"most": MOST})
    is_shared = is_shared and may_share(by)
    values = {"query": query, "is_shared": is_shared}
    view, _created = SavedView.objects.update_or_create(owner=by, table=table, name=name, defaults=values)
    if is_shared:
        audit.record("view.share", by=by, target=f"{table} · {name}", query=query)
    return view


@transaction.atomic
def drop_view(*, view: SavedView, by: Any) -> None:
    """Forget a saved filter."""
    if view.is_shared:
        audit.record("view.drop", by=by, target=f"{view.table} · {view.name}", query=view.query)
    view.delete()
