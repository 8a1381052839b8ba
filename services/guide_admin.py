"""What the mall says of itself, in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from mpp.core.admin import HistoryAdmin, SampleMark, TableAdmin
from mpp.core.bulk_admin import Shown
from mpp.core.one_editor import OneEditor
from services.models import Facility, GuidePage, News, Question, Synonym
from services.resources import (
    FacilityResource,
    GuidePageResource,
    NewsResource,
    QuestionResource,
    SynonymResource,
)


@admin.register(GuidePage)
class GuidePageAdmin(Shown, SampleMark, OneEditor, HistoryAdmin, TableAdmin):
    resource_classes = [GuidePageResource]
    list_display = ["title", "slug", "position", "is_published", "sample"]
    search_fields = ["title", "summary", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "body"]}),
        (_("Tampilan dan sumber"), {"fields": ["position", "is_published", "is_sample"]}),
    ]

    def view_on_site(self, page: GuidePage) -> str:
        return f"/mal/{page.slug}/"


@admin.register(Facility)
class FacilityAdmin(Shown, SampleMark, TableAdmin):
    resource_classes = [FacilityResource]
    list_display = ["name", "place", "is_accessible", "position", "is_published", "sample"]
    list_filter = ["is_accessible", "is_published"]
    search_fields = ["code", "name", "place", "note"]
    fieldsets = [
        (None, {"fields": ["code", "name", "place", "note", "is_accessible"]}),
        (_("Tampilan dan sumber"), {"fields": ["position", "is_published", "is_sample"]}),
    ]


@admin.register(Question)
class QuestionAdmin(Shown, SampleMark, OneEditor, HistoryAdmin, TableAdmin):
    resource_classes = [QuestionResource]
    list_display = ["question", "code", "position", "is_published", "sample"]
    search_fields = ["code", "question", "answer", "aliases"]
    fieldsets = [
        (None, {"fields": ["code", "question", "answer", "aliases"]}),
        (_("Tampilan dan sumber"), {"fields": ["position", "is_published", "is_sample"]}),
    ]


@admin.register(News)
class NewsAdmin(Shown, SampleMark, OneEditor, HistoryAdmin, TableAdmin):
    resource_classes = [NewsResource]
    list_display = ["title", "shown_from", "shown_to", "is_published", "sample"]
    list_filter = ["shown_from", "is_published"]
    search_fields = ["code", "title", "text"]
    fieldsets = [
        (None, {"fields": ["code", "title", "text", ("shown_from", "shown_to")]}),
        (_("Tampilan dan sumber"), {"fields": ["is_published", "is_sample"]}),
    ]


@admin.register(Synonym)
class SynonymAdmin(TableAdmin):
    resource_classes = [SynonymResource]
    list_display = ["word", "meaning"]
    search_fields = ["word", "means"]
    fields = ["word", "means"]

    @display(description=_("berarti"), ordering="means")
    def meaning(self, synonym: Synonym) -> str:
        return synonym.means or str(_("tidak dicari"))
