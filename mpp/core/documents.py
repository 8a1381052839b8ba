"""Papers that people keep here: PDF files, looked into before they are kept, handed out by right only.

A model that holds a paper inherits `Document`; its admin inherits `mpp.core.document_admin.WithDocument`,
which answers the one address of the file. Nothing else serves it (trust.md S-043…S-050, T-08).
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mpp.core import pdf, scanning
from mpp.core.errors import NotFound
from mpp.core.text import has_control

LONGEST_NAME = 120


def stored_name(instance: models.Model, _name: str) -> str:
    """Return where the file is kept: nothing of the sender's name is left."""
    return f"documents/{uuid.uuid4().hex}"


def shown_name(name: str) -> str:
    """Return the sender's name of the file: without folders and hidden characters, not too long."""
    plain = "".join(letter for letter in name if not has_control(letter) and letter not in "\r\n\t")
    stem = PurePath(plain.replace("\\", "/")).stem.strip() or "berkas"
    return f"{stem[: LONGEST_NAME - 4]}.pdf"


class DocumentWidget(forms.ClearableFileInput):
    """Shows the name of the file that is kept, and lets it be fetched."""

    template_name = "admin/document_widget.html"


class DocumentFormField(forms.FileField):
    """Refuses what is not a plain PDF, in words for the person who sent it."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile):
            self._look_into(file)
        return file

    def _look_into(self, file: UploadedFile[Any]) -> None:
        try:
            if not (file.name or "").lower().endswith(".pdf"):
                raise pdf.Unusable(pdf.NOT_A_PDF)
            if (file.size or 0) > pdf.MOST_BYTES:
                raise pdf.Unusable(pdf.TOO_LARGE)
            file.seek(0)
            data = file.read()
            pdf.inspect(data)
            scanning.scan(data)
        except pdf.Unusable as error:
            raise ValidationError(str(error)) from error
        file.seek(0)


class StoredDocument(FieldFile):
    """A kept file; its address is a page of the admin that knows who may see it."""

    @property
    def url(self) -> str:
        meta = self.instance._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_document", args=[self.instance.pk])


class DocumentField(models.FileField):
    """The file of a `Document`; it fills the columns beside it when a new file is sent."""

    attr_class = StoredDocument
    fills = ("file_name", "file_size", "file_sha256")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"upload_to": stored_name, "max_length": 80, **kwargs})

    def formfield(self, **kwargs: Any) -> Any:
        own = {
            "form_class": DocumentFormField,
            "max_length": None,
            "widget": DocumentWidget(attrs={"accept": ".pdf,application/pdf"}),
            "help_text": self.help_text or _("PDF, paling besar 10 MB."),
        }
        return super().formfield(**{**kwargs, **own})

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        super().save_form_data(instance, data)
        if isinstance(data, UploadedFile):
            values: tuple[Any, ...] = (shown_name(data.name or ""), data.size, _digest(data))
        elif data is False:
            values = ("", 0, "")
        else:
            return
        for name, value in zip(self.fills, values, strict=True):
            setattr(instance, name, value)


def _digest(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


class Document(models.Model):
    """A row with a paper. What was sent as its name is only ever shown, never used as a path."""

    file = DocumentField(_("berkas"), blank=True)
    file_name = models.CharField(_("nama berkas"), max_length=LONGEST_NAME, blank=True, editable=False)
    file_size = models.PositiveIntegerField(_("ukuran berkas"), default=0, editable=False)
    file_sha256 = models.CharField(_("sidik berkas (SHA-256)"), max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_file_is_known",
                condition=Q(file="", file_name="", file_size=0, file_sha256="")
                | (~Q(file="") & ~Q(file_name="") & Q(file_size__gt=0) & ~Q(file_sha256="")),
                violation_error_message=_("Berkas ini belum diperiksa. Unggah lagi."),
            )
        ]


def attach(document: Document, file: UploadedFile[Any] | None) -> list[str]:
    """Put a checked `file` (DocumentFormField) on the row; return the columns to save."""
    if file is None:
        return []
    field: Any = document._meta.get_field("file")
    field.save_form_data(document, file)
    return [field.name, *field.fills]


def sent(document: Document) -> FileResponse:
    """Return the file as something to save, never to open here; whoever calls has checked the right."""
    try:
        content = document.file.open("rb")
    except (ValueError, FileNotFoundError) as error:
        raise NotFound(_("Berkas ini tidak ada di penyimpanan.")) from error
    response = FileResponse(
        content, as_attachment=True, filename=document.file_name, content_type="application/pdf"
    )
    # Compressed already: another round costs time and gains nothing.
    response["Content-Encoding"] = "identity"
    return response
