"""What the mall says of itself, from memory: every citizen page links to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mpp.core import revision
from services.models import Facility, GuidePage, News, Question


@dataclass(frozen=True)
class Guide:
    """All that is shown; shared by all threads: nobody may change it."""

    pages: Sequence[GuidePage]
    facilities: Sequence[Facility]
    questions: Sequence[Question]
    news: Sequence[News]

    def page(self, slug: str) -> GuidePage | None:
        """Return the page with this address."""
        return next((page for page in self.pages if page.slug == slug), None)

    def news_on(self, day: date) -> list[News]:
        """Return what is new on `day`, the newest first."""
        return [
            one
            for one in self.news
            if one.shown_from <= day and (one.shown_to is None or day <= one.shown_to)
        ]


def _read(_key: str) -> Guide:
    return Guide(
        pages=list(GuidePage.objects.shown()),
        facilities=list(Facility.objects.shown()),
        questions=list(Question.objects.shown()),
        news=list(News.objects.shown()),
    )


_guides: revision.Memory[str, Guide] = revision.Memory(_read)


def guide_at(instant: revision.Instant) -> Guide:
    """Return what is said at `instant`: no query once it is known."""
    return _guides.get(instant.revision, "")
