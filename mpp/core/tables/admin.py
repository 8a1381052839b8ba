"""Tables in and out of the admin: `TableTransfer` goes below a ModelAdmin (mpp.core.admin.TableAdmin)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV
from import_export.tmp_storages import BaseStorage
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from mpp.core import tokens
from mpp.core.tables import csvfile

PREVIEW_SECONDS = 1800


class SafeCsv(CSV):
    """CSV by the portal's rules; the only format: it opens everywhere and carries no program."""

    def get_title(self) -> str:
        return "csv"

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        return csvfile.read(in_stream)

    def export_data(self, dataset: Any, **kwargs: Any) -> str:
        return csvfile.write(dataset.headers or [], dataset)


class PreviewStorage(BaseStorage):
    """Keeps the file between preview and confirmation, for half an hour, where every process finds it."""

    PREFIX = "import-preview-"

    def save(self, data: bytes) -> None:
        self.name = tokens.new_nonce()
        cache.set(self.PREFIX + self.name, data.decode("utf-8-sig", "replace"), PREVIEW_SECONDS)

    def read(self) -> str:
        data = cache.get(f"{self.PREFIX}{self.name}")
        if data is None:
            raise ValidationError(_("Pratinjau ini sudah kedaluwarsa. Unggah berkasnya lagi."))
        return str(data)

    def remove(self) -> None:
        cache.delete(f"{self.PREFIX}{self.name}")


class CsvImportForm(ImportForm):
    """Refuses a large file before it is read."""

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > csvfile.MAX_BYTES:
            raise ValidationError(_("Berkas terlalu besar. Paling besar 2 MB."))
        csvfile.read(file.read())
        file.seek(0)
        return file


class TableTransfer(ImportExportModelAdmin):
    """With CSV in and out."""

    import_form_class = CsvImportForm
    export_form_class = ExportForm
    formats = [SafeCsv]
    tmp_storage_class = PreviewStorage
    # The trail is the audit entry that the resource writes, and each row's own history.
    skip_admin_log = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        resource = self.resource_classes[0]
        return {
            "columns": [
                (name, resource.meaning(name), name in resource.key, name in resource.optional)
                for name in resource.columns
            ]
        }

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except (ValidationError, ValueError, IndexError) as error:
            words = error.messages if isinstance(error, ValidationError) else [_("Unggah berkasnya lagi.")]
            return self._back_to_import(request, words)

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """After the confirmation; what was good in the preview may have changed meanwhile."""
        if not result.is_good:
            return self._back_to_import(request, [*result.problems, _("Tidak ada yang disimpan.")])
        return super().process_result(result, request)

    def _back_to_import(self, request: HttpRequest, words: list[str]) -> HttpResponse:
        for each in words:
            messages.error(request, each)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        words = (
            e if isinstance(e, ValidationError) else _("Berkas tidak dapat dibaca. Simpan sebagai CSV UTF-8.")
        )
        form.add_error("import_file", words)
