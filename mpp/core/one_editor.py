"""Two people at one form of the admin: the later one is told, and nothing is overwritten unseen."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.http import HttpRequest
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    Base = ModelAdmin[Any]
    BaseForm = forms.ModelForm[Any]
else:
    Base = object
    BaseForm = forms.ModelForm


def fingerprint(row: models.Model) -> str:
    """Return a digest of the columns of `row` as they were read."""
    late = row.get_deferred_fields()
    columns = [field.attname for field in row._meta.concrete_fields if field.attname not in late]
    text = repr([(name, getattr(row, name)) for name in columns])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class WatchingForm(BaseForm):
    """Carries what the row was when the page was opened, and refuses when it is another now."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = fingerprint(self.instance)
        self.initial["seen"] = self.now

    def clean(self) -> Any:
        if self.data.get(self.add_prefix("seen")) != self.now:
            name = {"name": self.instance._meta.verbose_name}
            words = _("Orang lain baru saja mengubah %(name)s ini. Muat ulang, lalu ulangi perubahan Anda.")
            raise ValidationError(words % name)
        return super().clean()


class OneEditor(Base):
    """For tables that two people may edit at once; stands first among the bases of a ModelAdmin.

    The page carries a digest of the row as it was shown. Saving locks the row and compares, whoever
    has changed it meanwhile: another form, a file, an action.
    """

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Lock the row for the save: between comparing and writing nobody else comes in."""
        row = super().get_object(request, *args, **kwargs)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        rows = self.get_queryset(request).select_for_update(of=("self",), no_key=True)
        return rows.filter(pk=row.pk).first()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": [*options["fields"], "seen"]}), *others]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # "seen" is no column: the form below brings it along.
        if fields := kwargs.get("fields"):
            kwargs["fields"] = [name for name in fields if name != "seen"]
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (WatchingForm, form), {}) if change else form
