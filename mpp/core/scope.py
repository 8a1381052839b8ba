"""Cuts the admin to the agencies of who is signed in.

One declaration on a ModelAdmin or an Inline lets rows in; without it a manager of an agency sees nothing:

    agency_lookup = "service__agency"     by which lookup a row belongs to an agency ("pk" for agencies)
    agency_fields = ("cause", "proof")    what its manager may fill in; nothing else, and only on own rows
    agency_adds = True                    whether they may add rows, with these fields
    agency_actions = ("close",)           the action pages and bulk actions that are open to them
    person_lookup = "actor"               instead of agency_lookup: rows are theirs who made them

Who sees every agency is not touched by any of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.utils import (
    get_fields_from_path,
    get_model_from_relation,
    lookup_spawns_duplicates,
    unquote,
)
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, Q, QuerySet
from django.http import Http404, HttpRequest

from mpp.core.tables.cut import Cut

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin as TableBase
    from unfold.admin import TabularInline as Base
    from unfold.dataclasses import UnfoldAction
else:
    Base = TableBase = object

Lookups = str | tuple[str, ...]


def reach_of(user: Any) -> frozenset[int] | None:
    """Return the agencies whose rows `user` may see; None: every agency, and what belongs to none."""
    nothing: frozenset[int] = frozenset()
    return getattr(user, "reach", nothing)


def within(rows: QuerySet[Any], lookups: Lookups, reach: Iterable[int]) -> QuerySet[Any]:
    """Return those of `rows` that belong to one of these agencies, by any of `lookups`; by none: nothing."""
    paths = (lookups,) if isinstance(lookups, str) and lookups else tuple(lookups)
    if not paths:
        return rows.none()
    mine = Q()
    for path in paths:
        mine |= Q(**{f"{path}__in": list(reach)})
    if any(lookup_spawns_duplicates(rows.model._meta, path) for path in paths):
        return rows.filter(pk__in=rows.model._base_manager.filter(mine).values("pk"))
    return rows.filter(mine)


class Scoped(Base):
    """Cuts rows, pickers and permissions; a base of every ModelAdmin and Inline of the portal."""

    agency_lookup: Lookups = ()
    agency_fields: tuple[str, ...] = ()
    agency_adds = False
    person_lookup = ""

    def _is_shown(self) -> bool:
        return bool(self.agency_lookup or self.person_lookup)

    def is_cut(self, request: HttpRequest) -> bool:
        """Tell whether these pages are cut for who is signed in."""
        return reach_of(request.user) is not None

    def reaches(self, request: HttpRequest, row: Any) -> bool:
        """Tell whether who is signed in may see this row of this table."""
        if not self.is_cut(request) or not isinstance(row, self.model) or row.pk is None:
            return True
        # Asked many times for one page.
        known = request.__dict__.setdefault("reached_rows", {})
        key = (self.model, row.pk)
        if key not in known:
            known[key] = self.get_queryset(request).filter(pk=row.pk).exists()
        return bool(known[key])

    def get_queryset(self, request: HttpRequest) -> Any:
        rows, reach = super().get_queryset(request), reach_of(request.user)
        if reach is None:
            return rows
        if self.person_lookup:
            return rows.filter(**{self.person_lookup: request.user})
        return within(rows, self.agency_lookup, reach)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Offer in a picker only what its own list would show."""
        if not self.is_cut(request):
            return super().get_field_queryset(db, db_field, request)
        return self.reached_of(request, db_field.remote_field.model)

    def reached_of(self, request: HttpRequest, model: Any) -> QuerySet[Any]:
        """Return the rows of another table that its own list would show."""
        try:
            return self.admin_site.get_model_admin(model).get_queryset(request)
        except NotRegistered:
            return model._default_manager.none()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        if not self.is_cut(request):
            return fields
        columns = (*self.opts.fields, *self.opts.many_to_many)
        closed = [field.name for field in columns if field.name not in self.agency_fields]
        return [*dict.fromkeys([*fields, *closed])]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if self.is_cut(request) else super().get_prepopulated_fields(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not self.is_cut(request):
            return bool(super().has_view_permission(request, obj))
        return self._is_shown() and self.reaches(request, obj)

    def has_add_permission(self, request: HttpRequest, *parent: Any) -> bool:
        """An inline is asked with its parent, a table without."""
        if not self.is_cut(request):
            return bool(super().has_add_permission(request, *parent))
        return bool(self.agency_lookup) and self.agency_adds

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not self.is_cut(request):
            return bool(super().has_change_permission(request, obj))
        return bool(self.agency_fields) and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.is_cut(request) and bool(super().has_delete_permission(request, obj))


class ScopedTable(Scoped, TableBase):
    """Cuts the pages of a table: single rows, their history, filters, query strings and action pages."""

    agency_actions: tuple[str, ...] = ()

    def cut_of(self, request: HttpRequest) -> Cut | None:
        """Return what a file may touch for who is signed in; None: all of the table."""
        if not self.is_cut(request):
            return None
        first = self.agency_lookup if isinstance(self.agency_lookup, str) else self.agency_lookup[0]
        return Cut(
            rows=self.get_queryset(request),
            whose=first.partition("__")[0],
            fields=self.agency_fields,
            adds=self.agency_adds,
            choices=partial(self.reached_of, request),
            may_change=partial(self._may_change_reached, request),
        )

    def _may_change_reached(self, request: HttpRequest, row: Any) -> bool:
        # The file has found it among the rows that are reached: not to be asked again for each.
        request.__dict__.setdefault("reached_rows", {})[self.model, row.pk] = True
        return self.has_change_permission(request, row)

    def is_open_action(self, request: HttpRequest) -> bool:
        """Tell whether this is the page of an action that is open to managers."""
        match = request.resolver_match
        return match is not None and match.url_name in self._open_actions()

    def _open_actions(self) -> set[str]:
        return {f"{self.opts.app_label}_{self.opts.model_name}_{name}" for name in self.agency_actions}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self.is_cut(request) and self.is_open_action(request):
            return self.has_view_permission(request, obj)
        return super().has_change_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        if not self.is_cut(request):
            return bool(super().has_module_permission(request))
        return self._is_shown()

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the row; for who sees only some agencies a row of another is not found."""
        row = super().get_object(request, *args, **kwargs)
        if row is None and self.is_cut(request):
            raise Http404
        return row

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        if not self.is_cut(request):
            return filters
        cut = (self._cut_filter(request, each) for each in filters)
        return [each for each in cut if each is not None]

    def _cut_filter(self, request: HttpRequest, each: Any) -> Any:
        """Return the filter with choices from what is reached; None when it would show more."""
        path, kind = each if isinstance(each, (list, tuple)) else (each, None)
        if not isinstance(path, str):
            return each
        *way, field = get_fields_from_path(self.model, path)
        if field.is_relation:
            kind = kind or RelatedFieldListFilter
            is_list = issubclass(kind, RelatedFieldListFilter)
            return (path, type(kind.__name__, (ReachedChoices, kind), {})) if is_list else each
        # A plain column of another table would be offered with all the values that it has there.
        is_fixed = bool(field.choices) or isinstance(field, DateField)
        return each if is_fixed or not way else None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """For a cut list allow only the lookups of its own filters: others could guess what is not shown."""
        if self.is_cut(request) and not self._is_filter(request, lookup):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def _is_filter(self, request: HttpRequest, lookup: str) -> bool:
        filters = self.get_list_filter(request)
        paths = [each[0] if isinstance(each, (list, tuple)) else each for each in filters]
        if any(getattr(each, "parameter_name", None) == lookup for each in paths):
            return True
        return any(isinstance(path, str) and f"{lookup}__".startswith(f"{path}__") for path in paths)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if not self.is_cut(request):
            return actions
        return {name: each for name, each in actions.items() if name in self.agency_actions}

    def get_unfold_action(self, action: str) -> UnfoldAction:
        """Guard the page of an action: a foreign row is not found, and it must be open to managers."""
        found = super().get_unfold_action(action)

        @wraps(found.method)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if self.is_cut(request):
                if key := kwargs.get("object_id"):
                    self.get_object(request, unquote(str(key)))
                if action not in self.agency_actions:
                    raise PermissionDenied
            return found.method(request, *args, **kwargs)

        return replace(found, method=guarded)

    def _filter_unfold_actions_by_permissions(
        self, request: HttpRequest, actions: list[UnfoldAction], object_id: Any = None
    ) -> list[UnfoldAction]:
        if self.is_cut(request):
            return [each for each in actions if each.action_name in self._open_actions()]
        return super()._filter_unfold_actions_by_permissions(request, actions, object_id)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Refuse, with everything just written, a row that has left the reach of who wrote it."""
        super().save_related(request, form, formsets, change)
        if self.is_cut(request) and not self.get_queryset(request).filter(pk=form.instance.pk).exists():
            raise PermissionDenied


class ReachedChoices(RelatedFieldListFilter):
    """A filter by a relation that offers only what the list of that relation would show."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Return key and name of each choice."""
        ordering = self.field_admin_ordering(field, request, model_admin)
        try:
            table = model_admin.admin_site.get_model_admin(get_model_from_relation(field))
        except NotRegistered:
            return []
        reached = {"pk__in": table.get_queryset(request).order_by().values("pk")}
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=reached)
