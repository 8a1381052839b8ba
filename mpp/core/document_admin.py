"""The address of a paper in the admin: whoever may see the row may have its file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core.admin import get_or_404
from mpp.core.documents import Document, sent


class WithDocument:
    """For the admin of a `Document`, before its other bases."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_document"
        view = self.admin_site.admin_view(self.send_document)
        own = path("<path:object_id>/berkas/", view, name=name)
        return [own, *super().get_urls()]  # type: ignore[misc]

    def send_document(self, request: HttpRequest, object_id: str) -> FileResponse:
        """Answer the file. A row outside the asker's own list is unknown to them (404)."""
        rows = self.get_queryset(request)  # type: ignore[attr-defined]
        row: Document = get_or_404(rows, object_id)
        if not self.has_view_permission(request, row):  # type: ignore[attr-defined]
            raise PermissionDenied
        return sent(row)

    @display(description=_("berkas"))
    def document(self, row: Document) -> str:
        return format_html('<a href="{}">{}</a>', row.file.url, row.file_name) if row.file else "–"
