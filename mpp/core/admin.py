"""What every page of the admin has in common, and the mall's own tables."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from mpp.core import bulk, mall, pictures
from mpp.core.bulk_admin import undo_note, undo_words
from mpp.core.errors import NotFound, Refusal
from mpp.core.history import differences
from mpp.core.mall_form import MallForm
from mpp.core.models import AuditEntry, Mall
from mpp.core.paging import ByKeys
from mpp.core.refusals import constraint_words
from mpp.core.resources import MallResource
from mpp.core.scope import Scoped, ScopedTable
from mpp.core.tables.admin import TableTransfer

# In an address: where a form leads when it is done, instead of to its list.
BACK = "kembali"


class PortalAdmin(ScopedTable, ModelAdmin):
    """Lists that stay quick on large tables, and forms whose refusals are words.

    A manager of an agency sees a table only when it declares `agency_lookup` (mpp.core.scope).
    """

    show_full_result_count = False
    list_per_page = 50
    paginator: type = ByKeys

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without "delete all that is ticked": one row at a time, with what hangs on it shown first."""
        return {
            name: each for name, each in super().get_actions(request).items() if name != "delete_selected"
        }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        """Write a new row whole, of a known row only what this form changed."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns]
        # A file brings its name, size and digest along (mpp.core.documents).
        changed += [each for name in changed for each in getattr(obj._meta.get_field(name), "fills", ())]
        if changed:
            obj._history_user = request.user  # type: ignore[attr-defined]
            obj.save(update_fields=changed)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form again with the reason when the database or an action refuses what was sent."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (IntegrityError, Refusal) as error:
            if hasattr(request, "refusal_words"):
                raise
            request.refusal_words = _reason(error)  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Show a day that the address names as any other day is written."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        for field in self.opts.fields:
            if isinstance(field, models.DateField) and field.name in given:
                with suppress(ValidationError):
                    given[field.name] = field.to_python(given[field.name])
        return given

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        words = getattr(request, "refusal_words", "")
        return _refusing(form, words) if words else form

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        given: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, Inline) and obj.pk is None and request.method == "GET":
            given["initial"] = inline.proposed(request)
        return given

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let a form that goes on to another of the same row, as for a new person, lead back too."""
        answer: HttpResponse = super().response_add(request, obj, *args, **kwargs)
        back = way_back(request)
        if back and answer.status_code == 302 and answer["Location"] != back:
            answer["Location"] += f"?{urlencode({BACK: back})}"
        return answer

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        back = way_back(request)
        return redirect(back) if back else super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        back = way_back(request)
        return redirect(back) if back else super().response_post_save_change(request, obj)


def way_back(request: HttpRequest) -> str:
    """Return where the address says that this form leads back to; "" for none, or for another site."""
    back = request.GET.get(BACK, "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


class WholeRowForm(forms.ModelForm):
    """Lets the constraints see columns that stand in no field: without them they could not judge."""

    judged: tuple[str, ...] = ()

    def _get_validation_exclusions(self) -> set[str]:
        return set(super()._get_validation_exclusions()) - set(self.judged)  # type: ignore[misc]


def _refusing(form: type[forms.ModelForm], words: str) -> type[forms.ModelForm]:
    def clean(self: forms.ModelForm) -> Any:
        form.clean(self)
        raise ValidationError(words)

    return type(form.__name__, (form,), {"clean": clean})


def _reason(error: IntegrityError | Refusal) -> str:
    if isinstance(error, Refusal):
        return str(error.message)
    otherwise = _("Isian ini bertentangan dengan data lain. Periksa kode, nomor, dan tanggalnya.")
    return constraint_words(error, apps.get_models()) or otherwise


class HistoryAdmin(SimpleHistoryAdmin, PortalAdmin):
    """With the history of each row.

    Going back is a new change made by hand, never a button: an old row holds an old status, which
    only an action may set.
    """

    object_history_list_template = "admin/history_list.html"

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        self._refuse_foreign(request, object_id)
        return super().history_view(request, object_id, *args, **kwargs)

    def history_form_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        self._refuse_foreign(request, object_id)
        if request.method == "POST":
            raise PermissionDenied
        # The library takes the class's own, whoever looks; an old version needs none.
        looking = copy(self)
        looking.prepopulated_fields = {}
        return super(HistoryAdmin, looking).history_form_view(request, object_id, *args, **kwargs)

    def _refuse_foreign(self, request: HttpRequest, object_id: str) -> None:
        """Answer 404 to a manager about rows of others, and about deleted ones, which are nobody's."""
        if self.is_cut(request):
            self.get_object(request, unquote(object_id))

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, foreign_keys_are_objs: bool = True
    ) -> None:
        for newer, older in pairwise(historical_records):
            newer.history_delta_changes = differences(older, newer)


class SampleMark:
    """A column that marks sample rows with a word; the others stay empty."""

    @display(description=gettext_lazy("data contoh"), ordering="is_sample", label=True)
    def sample(self, instance: Any) -> str | None:
        return _("contoh") if instance.is_sample else None


class ReadOnly:
    """What the portal writes by itself: to be looked at, never to be changed by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# What opens a citizen's page, or is theirs: neither shown nor searched for.
SECRETS = ("nonce", "token_digest", "request_key", "phone", "person", "code", "recipient", "keys")


class Discreet:
    """Refuses to filter by what opens a citizen's page: it could be guessed letter by letter."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if any(part in SECRETS for part in lookup.split("__")):
            return False
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]


class TableAdmin(PortalAdmin, TableTransfer):
    """With tables in and out."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        """A manager brings in what they may fill in by hand; their file is cut as the form is."""
        if self.is_cut(request):
            return bool(self.agency_lookup) and self.has_change_permission(request)
        return super().has_import_permission(request)


def action_page(
    model_admin: PortalAdmin,
    request: HttpRequest,
    *,
    instance: models.Model | None,
    form: forms.Form,
    title: Any,
    button: Any,
    act: Callable[[dict[str, Any]], object],
    gaps: list[str] | None = None,
    notes: list[str] | None = None,
    permission: str = "change",
) -> HttpResponse:
    """Show a form for one decision about `instance`; when sent, call `act` with what was filled in.

    None: about the table as a whole. A text that `act` returns is shown. A GET never changes
    anything. A `Refusal` is shown above the form, with the status it carries. `permission` names the
    method of `model_admin` that says who may decide.
    """
    if not _may_act(model_admin, request, instance, permission):
        raise PermissionDenied
    status, back = 200, way_back(request) or (change_url(instance) if instance else list_url(model_admin))
    if request.method == "POST" and form.is_valid():
        try:
            said = act(form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal.message))
            status = refusal.status
        else:
            messages.success(request, said if isinstance(said, str) else _("Sudah dicatat."))
            return redirect(back)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "form": form,
        "button": button,
        "gaps": gaps or [],
        "notes": notes or [],
        "original": instance,
        "opts": model_admin.opts,
        "back": back,
        "mend": _there_and_back(instance, request) if instance and gaps else "",
    }
    return TemplateResponse(request, "admin/action_page.html", context, status=status)


def _there_and_back(instance: models.Model, request: HttpRequest) -> str:
    """Return the address of the form of `instance`, which leads back to this page when it is saved."""
    return f"{change_url(instance)}?{urlencode({BACK: request.get_full_path()})}"


def _may_act(
    model_admin: PortalAdmin, request: HttpRequest, instance: models.Model | None, permission: str
) -> bool:
    """Tell whether the action may be taken: by a manager when it is declared, or adds what they may add."""
    if instance is None and model_admin.is_cut(request) and not model_admin.is_open_action(request):
        return model_admin.has_add_permission(request)
    return bool(getattr(model_admin, f"has_{permission}_permission")(request, instance))


def change_url(instance: models.Model) -> str:
    """Return the address of the form of `instance`."""
    return reverse(f"admin:{instance._meta.app_label}_{instance._meta.model_name}_change", args=[instance.pk])


def list_url(model_admin: PortalAdmin) -> str:
    """Return the address of the list of this table."""
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")


def get_or_404(queryset: models.QuerySet[Any], key: Any) -> Any:
    """Return the row with this key; a key that is none is 404 too."""
    try:
        return queryset.get(pk=key)
    except (queryset.model.DoesNotExist, ValueError, ValidationError) as error:
        raise NotFound from error


class Inline(Scoped, TabularInline):
    """Rows that belong to the one above them; a manager sees those with an `agency_lookup`."""

    extra = 0
    show_change_link = False

    def proposed(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return what a new row above begins with here, each as the form is filled in."""
        return []

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return self.extra if obj else len(self.proposed(request))


@admin.register(Mall)
class MallAdmin(TableAdmin):
    form = MallForm
    resource_classes = [MallResource]
    list_display = ["name", "region", "manager_short", "timezone"]
    readonly_fields = ["emblem_now", "photo_now"]
    fieldsets = [
        (None, {"fields": ["name", "short_name", "region", "building", "address", "timezone", "is_sample"]}),
        (gettext_lazy("Tampilan"), {"fields": ["accent", "motif", "today_note"]}),
        (gettext_lazy("Lambang"), {"fields": ["emblem_now", "emblem_file", "no_emblem"]}),
        (gettext_lazy("Foto gedung"), {"fields": ["photo_now", "photo_file", "photo_words", "no_photo"]}),
        (gettext_lazy("Pengelola"), {"fields": ["manager_name", "manager_short"]}),
        (gettext_lazy("Kontak"), {"fields": ["phone", "whatsapp", "email", "website"]}),
        (gettext_lazy("Data pribadi"), {"fields": ["dpo_contact", "kept_days", "purpose"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Mall.objects.exists()

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_change_permission(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
        for kind, files in form.new_pictures.items():
            mall.change_picture(kind=kind, files=files, by=request.user)

    @display(description=gettext_lazy("sekarang"))
    def emblem_now(self, instance: Mall) -> str:
        return _shown(pictures.address(instance.emblem, pictures.HEAD))

    @display(description=gettext_lazy("sekarang"))
    def photo_now(self, instance: Mall) -> str:
        return _shown(pictures.address(instance.photo, pictures.PHONE))


def _shown(address: str) -> str:
    return format_html('<img src="{}" alt="">', address) if address else _("Belum ada.")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "actor_name", "action", "target", "address"]
    list_filter = ["at"]
    search_fields = ["actor_name", "target", "action"]
    ordering = ["-pk"]
    actions_detail = ["undo"]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to take back what can be taken back."""
        entry = self.get_object(request, str(object_id))
        can_undo = entry is not None and entry.action == bulk.SWITCHED and not bulk.is_undone(entry)
        return super().get_actions_detail(request, object_id) if can_undo else []

    @action(description=gettext_lazy("Batalkan"), url_path="batalkan", permissions=["view"], icon="undo")
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask once more, then take a bulk change back; for who may change the rows."""
        entry = get_or_404(AuditEntry.objects.filter(action=bulk.SWITCHED), object_id)
        model_admin: Any = self.admin_site.get_model_admin(apps.get_model(entry.detail["model"]))
        return action_page(
            model_admin,
            request,
            instance=None,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Batalkan: %(target)s") % {"target": entry.target},
            button=_("Kembalikan seperti semula"),
            act=lambda _sent: undo_words(bulk.undo(entry=entry, by=request.user), entry),
            notes=[undo_note(entry), _("Baris yang sudah diubah orang lain sesudahnya dibiarkan.")],
        )
