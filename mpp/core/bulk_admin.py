"""Bulk actions of the lists, and the page on which one is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mpp.core import bulk
from mpp.core.errors import Refusal
from mpp.core.models import AuditEntry

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin as Base
else:
    Base = object


class Shown(Base):
    """With bulk actions that show rows to citizens, or hide them."""

    actions: Any = ["show_rows", "hide_rows"]

    @admin.action(description=gettext_lazy("Tampilkan"), permissions=["change"])
    def show_rows(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        switch(request, rows, "is_published", True, _("%(count)d %(rows)s ditampilkan."))

    @admin.action(description=gettext_lazy("Sembunyikan"), permissions=["change"])
    def hide_rows(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        switch(request, rows, "is_published", False, _("%(count)d %(rows)s disembunyikan."))


class InUse(Base):
    """With bulk actions that take rows into use, or out of it."""

    actions: Any = ["use_rows", "rest_rows"]

    @admin.action(description=gettext_lazy("Pakai"), permissions=["change"])
    def use_rows(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        switch(request, rows, "is_active", True, _("%(count)d %(rows)s dipakai."))

    @admin.action(description=gettext_lazy("Hentikan pemakaian"), permissions=["change"])
    def rest_rows(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        switch(request, rows, "is_active", False, _("%(count)d %(rows)s tidak dipakai lagi."))


def switch(request: HttpRequest, rows: QuerySet[Any], field: str, value: bool, said: str) -> None:
    """Switch these rows, and say how many changed and where that is taken back."""
    try:
        entry = bulk.switch(rows=rows, field=field, value=value, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return
    if entry is None:
        messages.info(request, _("Tidak ada yang berubah: semuanya sudah begitu."))
        return
    words = said % {"count": len(entry.detail["rows"]), "rows": rows.model._meta.verbose_name_plural}
    address = reverse("admin:core_auditentry_undo", args=[entry.pk])
    link = '{} <a href="{}" class="font-semibold underline">{}</a>'
    messages.success(request, format_html(link, words, address, _("Batalkan")))


def undo_note(entry: AuditEntry) -> str:
    """Return what will stand again: the column and its value of before."""
    field = apps.get_model(entry.detail["model"])._meta.get_field(entry.detail["field"])
    before = _("tidak") if entry.detail["value"] else _("ya")
    return _("“%(field)s” kembali menjadi “%(value)s”.") % {
        "field": capfirst(str(getattr(field, "verbose_name", ""))),
        "value": before,
    }


def undo_words(count: int, entry: AuditEntry) -> str:
    """Return what was done, and how many rows had changed meanwhile."""
    words = _("%(count)d baris kembali seperti semula.") % {"count": count}
    if left := len(entry.detail["rows"]) - count:
        words += " " + _("%(left)d sudah diubah orang lain dan dibiarkan.") % {"left": left}
    return words
