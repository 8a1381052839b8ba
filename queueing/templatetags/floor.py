"""A counter's call for help on the console: `{% load floor %}{% console_help page.session %}`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.template.context import Context

from mpp.core import clock
from queueing.enums import HelpAnswer, HelpKind
from queueing.models import CounterSession, HelpCall

register = template.Library()

# So long the officer reads who is coming.
ANSWER_SHOWN = timedelta(minutes=10)


@register.inclusion_tag("queueing/console_help.html", takes_context=True)
def console_help(context: Context, session: CounterSession) -> dict[str, Any]:
    """Return the button that calls for help, or who has been called and who is coming: one query."""
    call = HelpCall.objects.filter(session=session).select_related("answered_by").first()
    is_open = call is not None and not call.answer
    is_coming = (
        call is not None
        and call.answer == HelpAnswer.COMING
        and call.answered_at is not None
        and clock.now() - call.answered_at < ANSWER_SHOWN
    )
    return {
        "session": session,
        "call": call if is_open or is_coming else None,
        "is_open": is_open,
        "kinds": HelpKind,
        "csrf_token": context.get("csrf_token"),
    }
