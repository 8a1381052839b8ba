"""What was imported: by whom, when, what it changed; undone for a day. And one workbook for all tables."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget

from mpp.core import clock
from mpp.core.admin import PortalAdmin, ReadOnly, TableAdmin, action_page, change_url, get_or_404
from mpp.core.models import ImportRun
from mpp.core.tables import imports, kept, mistakes, template, upload
from mpp.core.tables.admin import download
from mpp.core.tables.resources import TABLES
from mpp.core.tables.results import SHOWN_CHANGES, Change
from mpp.core.tables.sheet import Sheet, as_json, from_json, table
from mpp.core.tables.workbook import in_order, matched
from tenants.models import Placement

STATE_COLOURS = {"bisa dibatalkan": "info", "dibatalkan": "warning"}


class BookForm(forms.Form):
    """A workbook with one sheet for each table."""

    import_file = forms.FileField(
        label=gettext_lazy("Buku kerja"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xlsx"}),
        help_text=gettext_lazy("Satu lembar untuk setiap tabel. Kosongkan lembar yang tidak perlu."),
    )

    def __init__(self, *args: Any, cuts: imports.Cuts) -> None:
        super().__init__(*args)
        self.cuts = cuts

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        file.sheets = upload.read(file)
        file.parts = parts_of(file.sheets, self.cuts)
        return file


def parts_of(sheets: list[Sheet], cuts: imports.Cuts) -> list[imports.Part]:
    """Return what is to be imported, in its order; raises `ValidationError`."""
    parts = []
    for kind, sheet in matched(sheets, cuts):
        try:
            parts.append(imports.Part(kind, table(sheet), sheet.title, cuts[kind]))
        except ValidationError as error:
            raise ValidationError([f"{sheet.title}: {each}" for each in error.messages]) from error
    return parts


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly, PortalAdmin):
    list_display = ["at", "actor", "tables", "file_name", "new", "changed", "state"]
    list_filter = ["at"]
    list_select_related = ["actor"]
    search_fields = ["file_name", "tables", "actor__username"]
    ordering = ["-pk"]
    actions_list = ["book", "book_template"]
    actions_detail = ["undo"]
    # A manager sees the imports that they made themselves.
    person_lookup = "actor"
    agency_actions = ("book", "book_template", "undo")
    readonly_fields = ["state", "what"]
    fieldsets = [
        (None, {"fields": [("at", "actor"), ("tables", "file_name"), ("new", "changed"), "state"]}),
        (gettext_lazy("Isi yang berubah"), {"fields": ["what"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(self.mistakes_view)
        return [path("mistakes/<str:key>/", guarded, name="core_importrun_mistakes"), *super().get_urls()]

    def has_import_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Tell whether who is signed in may import any table."""
        return bool(self.cuts_of(request))

    def get_queryset(self, request: HttpRequest) -> Any:
        """What a manager imported for an agency that they have left is not theirs to read any more."""
        rows = super().get_queryset(request)
        if not self.is_cut(request):
            return rows
        placed = Placement.objects.on(clock.today()).filter(user=request.user.pk)
        since = placed.aggregate(since=Max("starts_on"))["since"]
        return rows.filter(at__date__gte=since) if since else rows.none()

    def has_undo_permission(self, request: HttpRequest, run: Any = None) -> bool:
        """Whoever may import its tables may take an import back; `run`: it, or its key."""
        allowed = {kind.label() for kind in self.cuts_of(request)}
        runs = self.get_queryset(request).filter(pk=getattr(run, "pk", run))
        written = set(runs.order_by().values_list("rows__table", flat=True))
        return bool(written) and written <= allowed

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to undo only what can still be undone."""
        run = self.get_queryset(request).filter(pk=object_id).first()
        may_be_undone = run is not None and imports.may_be_undone(run)
        return super().get_actions_detail(request, object_id) if may_be_undone else []

    def cuts_of(self, request: HttpRequest) -> imports.Cuts:
        """Return the tables that who is signed in may import, in the order of writing, and what of each."""
        admins = [each for each in self.admin_site._registry.values() if isinstance(each, TableAdmin)]
        open_ = {each.kind: each for each in admins if each.has_import_permission(request)}
        return {kind: open_[kind].cut_of(request) for kind in in_order(open_)}

    @display(description=gettext_lazy("keadaan"), label=STATE_COLOURS)
    def state(self, run: ImportRun) -> str:
        if run.undone_at:
            return _("dibatalkan")
        return _("bisa dibatalkan") if imports.may_be_undone(run) else _("tetap")

    @display(description=gettext_lazy("baris"))
    def what(self, run: ImportRun) -> SafeString:
        changes = []
        for row in run.rows.order_by("pk")[:SHOWN_CHANGES]:
            kind, change = TABLES[row.table], Change(row.line, row.key, row.name, row.before, row.after)
            changes.append((kind.sheet_title(), change, change.differences(kind)))
        hidden = max(0, run.new + run.changed - SHOWN_CHANGES)
        return render_to_string(
            "admin/import_export/recorded_changes.html", {"changes": changes, "hidden": hidden}
        )

    @action(description=gettext_lazy("Batalkan impor"), url_path="batal", permissions=["undo"], icon="undo")
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_or_404(self.get_queryset(request), object_id)
        notes = [
            _("%(new)d baris baru dihapus, %(changed)d baris kembali ke isi sebelumnya.")
            % {"new": run.new, "changed": run.changed},
            _("Bila ada baris yang sudah berubah lagi, tidak ada yang dibatalkan."),
        ]
        return action_page(
            self,
            request,
            instance=run,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Batalkan impor %(file)s") % {"file": run.file_name},
            button=_("Batalkan impor ini"),
            act=lambda _sent: self._undone(run, request),
            notes=notes,
            permission="undo",
        )

    def _undone(self, run: ImportRun, request: HttpRequest) -> str:
        imports.undo(run=run, by=request.user, cuts=self.cuts_of(request))
        return _("Impor dibatalkan. Semua baris kembali seperti sebelumnya.")

    @action(
        description=gettext_lazy("Unduh templat"),
        url_path="templat",
        permissions=["import"],
        icon="download",
    )
    def book_template(self, request: HttpRequest) -> HttpResponse:
        resources = [kind(cut=cut) for kind, cut in self.cuts_of(request).items()]
        return download(template.as_book(resources), "templat-mpp.xlsx")

    @action(
        description=gettext_lazy("Impor buku kerja"),
        url_path="buku-kerja",
        permissions=["import"],
        icon="upload",
    )
    def book(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and "preview" in request.POST:
            return self._confirm(request, request.POST["preview"])
        form = BookForm(
            *([request.POST, request.FILES] if request.method == "POST" else []),
            cuts=self.cuts_of(request),
        )
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Impor buku kerja"),
            "form": form,
            "opts": self.opts,
            "template_url": reverse("admin:core_importrun_book_template"),
        }
        status = 200
        if form.is_bound:
            context |= self._preview(request, form) if form.is_valid() else {}
            status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/import_export/workbook.html", context, status=status)

    def _preview(self, request: HttpRequest, form: BookForm) -> dict[str, Any]:
        file = form.cleaned_data["import_file"]
        is_good = imports.run(file.parts, by=request.user, file_name=file.name, dry_run=True)
        context: dict[str, Any] = {"parts": file.parts, "is_good": is_good}
        if is_good:
            if any(part.result.changes for part in file.parts):
                kept_data = {"file_name": file.name, "sheets": as_json(file.sheets)}
                context["preview"] = kept.keep(kept.PREVIEW, kept_data)
            return context
        by_title = {sheet.title: sheet for sheet in file.sheets}
        key = mistakes.keep([(by_title[part.title], part.result) for part in file.parts])
        if key:
            context["mistakes_url"] = reverse("admin:core_importrun_mistakes", args=[key])
        return context

    def _confirm(self, request: HttpRequest, preview: str) -> HttpResponse:
        back = reverse("admin:core_importrun_book")
        try:
            data = kept.kept(kept.PREVIEW, preview)
            parts = parts_of(from_json(data["sheets"]), self.cuts_of(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(back)
        if not imports.run(parts, by=request.user, file_name=PurePath(data["file_name"]).name):
            for part in parts:
                for problem in part.result.problems if part.result else []:
                    messages.error(request, f"{part.title}: {problem}")
            messages.error(request, _("Tidak ada yang disimpan."))
            return redirect(back)
        kept.forget(kept.PREVIEW, preview)
        for part in parts:
            for note in part.kind.notes_after(part.result) if part.result else []:
                messages.info(request, note)
        run = ImportRun.objects.filter(actor_id=request.user.pk).first()
        messages.success(request, _("Impor selesai. Bisa dibatalkan selama 24 jam, di halaman ini."))
        return redirect(change_url(run) if run else back)

    def mistakes_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Answer with the workbook of a preview, and what is wrong in it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            return download(mistakes.book(key), "perbaiki-mpp.xlsx")
        except ValidationError as error:
            raise Http404 from error
