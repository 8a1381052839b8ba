"""The addresses of the admin that belong to no table: saved filters of the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.exceptions import NotRegistered
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mpp.core.errors import Refusal
from mpp.dashboard.models import SavedView
from mpp.dashboard.saved_views import drop_view, normal, save_view

if TYPE_CHECKING:
    FormBase = forms.ModelForm[SavedView]
else:
    FormBase = forms.ModelForm


class ViewForm(FormBase):
    """What the box above a list sends."""

    class Meta:
        model = SavedView
        fields = ["table", "name", "query", "is_shared"]

    def clean_query(self) -> str:
        query = normal(self.cleaned_data["query"])
        if not query:
            raise forms.ValidationError(_("Pilih saringan dulu, lalu simpan."))
        return query


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter that a list shows."""
    form = ViewForm(request.POST)
    address = _list(request, request.POST.get("table", ""))
    if not form.is_valid():
        for words in form.errors.values():
            messages.error(request, str(words[0]))
        return redirect(address)
    try:
        view = save_view(**form.cleaned_data, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Saringan “%(name)s” disimpan.") % {"name": view.name})
    return redirect(f"{address}?{form.cleaned_data['query']}")


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own filters."""
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    address = _list(request, view.table)
    drop_view(view=view, by=request.user)
    messages.success(request, _("Saringan “%(name)s” dihapus.") % {"name": view.name})
    return redirect(address)


def _list(request: HttpRequest, table: str) -> str:
    """Return the address of a list that this person may open."""
    try:
        model_admin = admin.site.get_model_admin(apps.get_model(table))
    except (LookupError, ValueError, NotRegistered) as error:
        raise Http404 from error
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
