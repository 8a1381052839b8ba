"""What a page adds when a device shows it: `{% load devices %}`."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants.devices import token_of

register = template.Library()


@register.simple_tag(takes_context=True)
def device_script(context: Context) -> SafeString | str:
    """Return the script that gives signs of life; nothing for a browser that is no device."""
    if not token_of(context["request"]):
        return ""
    return format_html(
        '<script src="{}" defer data-mpp-beat="{}" data-mpp-version="{}"></script>',
        static("js/device.js"),
        reverse("device-beat"),
        settings.VERSION,
    )
