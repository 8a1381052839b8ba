"""What the kiosk's templates need to carry a visitor's wishes on: `{% load kiosk %}`."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from queueing.manner import Manner, same_screen
from tenants import devices

register = template.Library()


@register.simple_tag(takes_context=True)
def manner(context: Context) -> Manner:
    """Return the wishes of the visitor."""
    request: HttpRequest = context["request"]
    return Manner.of(request)


@register.simple_tag(takes_context=True)
def small_panel(context: Context) -> bool:
    """Tell whether this kiosk's panel is smaller than the usual one."""
    return devices.is_small_panel(context["request"])


@register.simple_tag(takes_context=True)
def kiosk_link(context: Context, name: str, *args: str, **query: str) -> str:
    """Return an address of the kiosk, with `query` where it says something, that carries the wishes on."""
    said = {key: value for key, value in query.items() if value}
    return manner(context).link(reverse(name, args=args), said)


@register.simple_tag(takes_context=True)
def turn(context: Context, name: str) -> str:
    """Return the address of this screen with one wish turned over."""
    return same_screen(context["request"], manner(context).turned(name))


@register.simple_tag(takes_context=True)
def carried_fields(context: Context) -> SafeString:
    """Return the wishes as hidden fields of a form."""
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', manner(context).carried.items())
