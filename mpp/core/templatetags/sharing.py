"""What others are told of a page: search engines by schema.org, messengers by a preview."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mpp.core import pictures, signs
from mpp.core.net import public_address

register = template.Library()

# Inside a script element only these could end it.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """Return `data` as a block that search engines read; browsers run no such type of script."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', SafeString(text))


@register.simple_tag(takes_context=True)
def page_address(context: Context) -> str:
    """Return the public address of this page without its query."""
    request = context["request"]
    return public_address(request, request.path)


@register.simple_tag(takes_context=True)
def share_picture(context: Context) -> pictures.Drawing | None:
    """Return the picture for a preview: the building, else the emblem, else a card in the mall's colour and
    motif; never anything of a person."""
    mall = context.get("mall")
    if mall is None:
        return None
    if mall.photo:
        shown = pictures.drawing(mall.photo, pictures.CARD)
    elif mall.emblem:
        shown = pictures.Drawing(pictures.address(mall.emblem, pictures.ROUND_512), 512, 512)
    else:
        shown = pictures.Drawing(signs.of(mall).address(signs.CARD), *signs.CARD_SIZE)
    return replace(shown, address=public_address(context["request"], shown.address))


@register.simple_tag
def whatsapp_share(words: str, address: str) -> str:
    """Return the address that lets a person send `words` and `address` to whom they choose."""
    return "https://wa.me/?text=" + quote(f"{words}\n{address}")
