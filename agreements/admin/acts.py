"""What the forms of several acts have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import DateField, QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from mpp.core import clock
from mpp.core.documents import DocumentFormField, DocumentWidget
from mpp.core.text import validate_plain


def sent_to(request: HttpRequest) -> dict[str, Any]:
    """Return what a form of an action page is made from: what was sent, or nothing yet."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def with_today(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows with `today` on each: the clock is asked once for a whole list."""
    return rows.annotate(today=Value(clock.today(), output_field=DateField()))


def words_field(
    label: Any, *, most: int = 300, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    """Return a field for one line of words."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        validators=[validate_plain],
        widget=UnfoldAdminTextInputWidget,
    )


def evidence_field() -> forms.CharField:
    """Return the field for evidence in words."""
    return forms.CharField(
        label=_("Bukti"),
        required=False,
        validators=[validate_plain],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Apa yang menunjukkannya: nomor berita acara, foto, tautan."),
    )


def file_field() -> DocumentFormField:
    """Return the field for a paper."""
    return DocumentFormField(
        label=_("Berkas"),
        required=False,
        widget=DocumentWidget(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("PDF, paling besar 10 MB."),
    )
