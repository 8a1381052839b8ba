"""The register of letters in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.models import Letter
from agreements.resources import LetterResource
from mpp.core.admin import HistoryAdmin, SampleMark, TableAdmin, WholeRowForm
from mpp.core.document_admin import WithDocument


class LetterForm(WholeRowForm):
    """Refuses an instrument of another agency."""

    def clean(self) -> dict[str, Any]:
        sent: dict[str, Any] = super().clean() or {}
        instrument, agency = sent.get("instrument"), sent.get("agency")
        if instrument and agency and instrument.agency_id != agency.pk:
            raise ValidationError({"instrument": _("Naskah itu milik instansi lain.")})
        return sent


@admin.register(Letter)
class LetterAdmin(WithDocument, SampleMark, HistoryAdmin, TableAdmin):
    resource_classes = [LetterResource]
    agency_lookup = ("agency", "instrument__agency")
    form = LetterForm
    list_display = ["number", "date", "direction", "counterpart", "subject", "agency", "document", "sample"]
    list_filter = ["direction", "date", "agency"]
    list_select_related = ["agency"]
    search_fields = ["number", "counterpart", "subject", "agency__short_name"]
    autocomplete_fields = ["agency", "instrument", "milestone"]
    date_hierarchy = "date"
    fieldsets = [
        (None, {"fields": ["direction", ("number", "date"), "counterpart", "subject", "file"]}),
        (_("Berkaitan dengan"), {"fields": ["agency", "instrument", "milestone", "is_sample"]}),
    ]
