"""Pages of long lists."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet


class ByKeys(Paginator):  # type: ignore[type-arg]
    """Sorts and skips keys alone and fetches the rows of one page by them: whole rows are slow to sort."""

    def page(self, number: int | str) -> Any:
        """Return the page `number`; its rows are read when they are looked at."""
        page = super().page(number)
        rows = cast(QuerySet[Any], self.object_list)
        keys = list(cast(QuerySet[Any], page.object_list).values_list("pk", flat=True))
        page.object_list = rows.filter(pk__in=keys)
        return page
