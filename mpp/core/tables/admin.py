"""Tables in and out of the admin: `TableTransfer` goes below a ModelAdmin (mpp.core.admin.TableAdmin)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from import_export.admin import ImportExportModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from mpp.core.tables import imports, mistakes, template, upload
from mpp.core.tables.cut import Cut
from mpp.core.tables.formats import ReadSheet, SheetCsv, SheetXlsx
from mpp.core.tables.kept import PreviewStorage
from mpp.core.tables.resources import TableResource
from mpp.core.tables.sheet import as_json, table
from mpp.core.tables.workbook import one_sheet

BOOK_TYPE = SheetXlsx.CONTENT_TYPE


def download(content: bytes | str, name: str, content_type: str = BOOK_TYPE) -> HttpResponse:
    """Answer with a file to keep."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=disposition)


class TableImportForm(ImportForm):
    """Reads the file in clean(): what cannot be read is an error of the form, with words."""

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.kind: type[TableResource] = resources[0]
        self.fields["import_file"].widget.attrs["accept"] = ".xlsx,.csv"
        self.fields["import_file"].help_text = _("XLSX atau CSV, paling besar 2 MB.")
        self.fields["format"].widget = forms.HiddenInput()

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        file.sheet = one_sheet(upload.read(file), self.kind)
        table(file.sheet)
        return file


class TableExportForm(ExportForm):
    """Offers the kind of file that people open first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["format"]
        field.choices = field.widget.choices = [each for each in field.choices if each[0]]
        field.initial = "1"


class TableTransfer(ImportExportModelAdmin):
    """With XLSX and CSV in and out, a template to fill in, and the mistakes of a file beside its rows."""

    import_form_class = TableImportForm
    export_form_class = TableExportForm
    tmp_storage_class = PreviewStorage
    # The trail is the import's own record, the audit, and each row's history.
    skip_admin_log = True

    @property
    def kind(self) -> type[TableResource]:
        """Return the table."""
        kind: type[TableResource] = self.resource_classes[0]
        return kind

    def cut_of(self, request: HttpRequest) -> Cut | None:
        """Return what of the table the files of who is signed in may touch; None: all of it."""
        return None

    def resource_of(self, request: HttpRequest) -> TableResource:
        """Return the table as who is signed in may fill it."""
        return self.kind(cut=self.cut_of(request))

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "cut": self.cut_of(request)}

    def get_import_formats(self) -> list[Any]:
        return [ReadSheet]

    def get_export_formats(self) -> list[Any]:
        return [SheetCsv, SheetXlsx]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        guarded = self.admin_site.admin_view
        urls = [
            path("import/template/", guarded(self.template_view), name=f"{name}_template"),
            path("import/mistakes/<str:key>/", guarded(self.mistakes_view), name=f"{name}_mistakes"),
        ]
        return urls + super().get_urls()

    def address(self, page: str, *args: str) -> str:
        """Return the address of one of these pages."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with a file to fill in, as XLSX or as CSV (`?jenis=csv`)."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        resource, name = self.resource_of(request), f"templat-{self.opts.model_name}"
        if request.GET.get("jenis") == "csv":
            return download(template.as_csv(resource), f"{name}.csv", SheetCsv.CONTENT_TYPE)
        return download(template.as_book([resource]), f"{name}.xlsx")

    def mistakes_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Answer with the file of a preview, and what is wrong in it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            return download(mistakes.book(key), f"perbaiki-{self.opts.model_name}.xlsx")
        except ValidationError as error:
            raise Http404 from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**_described(self.kind()), "template_url": self.address("template")}

    def write_to_tmp_storage(self, import_file: Any, input_format: Any) -> PreviewStorage:
        storage = PreviewStorage()
        storage.save(as_json([import_file.sheet]))
        return storage

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().import_action(request, **kwargs)
        context = response.context_data
        context |= _described(self.resource_of(request))
        form, result = context["form"], context.get("result")
        if form.is_bound and form.errors:
            response.status_code = 400
        if result and (key := mistakes.keep([(form.cleaned_data["import_file"].sheet, result)])):
            context["mistakes_url"] = self.address("mistakes", key)
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except (ValidationError, ValueError, IndexError) as error:
            words = error.messages if isinstance(error, ValidationError) else [_("Unggah berkasnya lagi.")]
            return self._back_to_import(request, words)

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Import, and note it for undoing, in one transaction."""
        with transaction.atomic():
            result = super().process_dataset(dataset, form, request, **kwargs)
            if result.is_good:
                name = form.cleaned_data["original_file_name"]
                imports.record([result], by=request.user, file_name=name)
        return result

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """After the confirmation; what was good in the preview may have changed meanwhile."""
        if not result.is_good:
            return self._back_to_import(request, [*result.problems, _("Tidak ada yang disimpan.")])
        return super().process_result(result, request)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        super().add_success_message(result, request)
        if result.changes:
            messages.info(request, _("Impor ini bisa dibatalkan selama 24 jam, di menu Impor."))
        for note in self.kind.notes_after(result):
            messages.info(request, note)

    def _back_to_import(self, request: HttpRequest, words: list[str]) -> HttpResponse:
        for each in words:
            messages.error(request, each)
        return redirect(self.address("import"))

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        words = e if isinstance(e, ValidationError) else _("Berkas tidak dapat dibaca. Unggah lagi.")
        form.add_error("import_file", words)

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> Any:
        if not self.has_export_permission(request):
            raise PermissionDenied
        return file_format.export_table(self.kind, self.get_data_for_export(request, queryset, **kwargs))


def _described(resource: TableResource) -> dict[str, Any]:
    """Return what the pages say of the columns."""
    needed = resource.needed()
    columns = [
        {
            "title": resource.title(name),
            "name": name,
            "hint": resource.fields[name].widget.hint(),
            "is_key": name in resource.key,
            "is_optional": name not in needed,
        }
        for name in resource.offered
    ]
    return {"columns": columns, "is_cut": resource.cut is not None, "about": resource.about}
