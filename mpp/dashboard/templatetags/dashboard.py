"""Tags of the admin's own parts."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from mpp.dashboard.saved_views import may_share, normal, views_of

register = template.Library()


@register.inclusion_tag("admin/saved_views_bar.html", takes_context=True)
def saved_views(context: Context, cl: Any) -> dict[str, Any]:
    """Show the saved filters of a list, and the box that saves the present one."""
    request = context["request"]
    table, query = cl.opts.label_lower, normal(request.GET.urlencode())
    found = list(views_of(request.user, table))
    return {
        "views": [(view, view.query == query, view.owner_id == request.user.pk) for view in found],
        "table": table,
        "query": query,
        "is_new": bool(query) and not any(view.query == query for view in found),
        "may_share": may_share(request.user),
        "csrf_token": context.get("csrf_token"),
    }
