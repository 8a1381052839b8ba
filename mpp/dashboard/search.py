"""Search across the admin: by names, codes and numbers, within what a person may see; one query a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from mpp.core import clock
from mpp.dashboard.navigation import navigation

if TYPE_CHECKING:
    from mpp.core.admin import PortalAdmin

LONGEST = 60
SHORTEST = 2
# Of each table; the rest is one press away.
MOST = 5
# Tables in which people look for something, and the relation that tells two of one name apart.
SEARCHED = (
    ("tenants.agency", ""),
    ("services.service", "agency"),
    ("tenants.counter", "zone"),
    ("tenants.user", ""),
    ("queueing.queue", "agency"),
    ("agreements.instrument", "agency"),
    ("agreements.instrumentparty", "instrument"),
    ("agreements.workitem", "agency"),
    ("agreements.letter", ""),
    ("agreements.meeting", ""),
    ("agreements.milestone", ""),
    ("agreements.finding", "agency"),
    ("tenants.device", "zone"),
)
# A-012, A12, AM 3: as printed, and as people type it.
NUMBER = re.compile(r"^([A-Z][A-Z1-9]{0,5}?)[-\s]?0*(\d{1,4})$")


@dataclass(frozen=True)
class Found:
    """One result: its name, what else tells which one it is, its page."""

    title: str
    note: str
    link: str


@dataclass(frozen=True)
class Group:
    """Results of one table; `more` is the list with all of them, when there are more."""

    title: str
    items: list[Found]
    more: str = ""


def search(request: HttpRequest, typed: str) -> list[Group]:
    """Return what matches: pages of the menu, then rows by table, then a number of today."""
    term = " ".join(typed.replace("\x00", "").split())[:LONGEST]
    if len(term) < SHORTEST:
        return []
    groups = [Group(_("Menu"), _pages(request, term)), *_rows(request, term), _number(request, term)]
    return [group for group in groups if group.items]


def _pages(request: HttpRequest, term: str) -> list[Found]:
    pages = [(item, str(group.get("title", ""))) for group in navigation(request) for item in group["items"]]
    return [
        Found(str(item["title"]), group, str(item["link"]))
        for item, group in pages
        if term.lower() in str(item["title"]).lower()
    ]


def _rows(request: HttpRequest, term: str) -> Iterator[Group]:
    for label, relation in SEARCHED:
        table = _table(label)
        if table.has_view_permission(request):
            rows = table.get_queryset(request)
            if relation:
                rows = rows.select_related(relation)
            rows, has_doubles = table.get_search_results(request, rows, term)
            found = list((rows.distinct() if has_doubles else rows)[: MOST + 1])
            more = _address(rows.model, "changelist", query={"q": term}) if len(found) > MOST else ""
            title = capfirst(str(table.opts.verbose_name_plural))
            yield Group(title, [_found(row, relation) for row in found[:MOST]], more)


def _found(row: Model, relation: str) -> Found:
    note = (
        getattr(row, relation, None)
        if relation
        else getattr(row, "code", None) or getattr(row, "username", "")
    )
    return Found(str(row), str(note or ""), _address(row, "change", args=[row.pk]))


def _number(request: HttpRequest, term: str) -> Group:
    """Return the number of today that was typed, as it is printed or without its dash."""
    table, match = _table("queueing.ticket"), NUMBER.match(term.upper())
    if match is None or not table.has_view_permission(request):
        return Group("", [])
    today = table.get_queryset(request).filter(queue_day__date=clock.today())
    rows = today.filter(queue_day__prefix=match[1], number=int(match[2])).select_related(
        "queue_day", "service"
    )
    return Group(
        _("Nomor hari ini"),
        [Found(row.label, str(row.service), _address(row, "change", args=[row.pk])) for row in rows[:MOST]],
    )


def _table(label: str) -> PortalAdmin:
    table: Any = admin.site.get_model_admin(apps.get_model(label))
    return table


def _address(row: Model | type[Model], page: str, **options: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", **options)
