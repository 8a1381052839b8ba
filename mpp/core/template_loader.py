"""Templates with their fixed words already in place, a copy for each language.

A page has some forty words to translate, icons and addresses that are the same for everybody who reads the
language. Django looks each of them up anew for every page, which is a quarter of the work of drawing it
(docs/decisions/0012-fixed-words-in-templates.md).
"""

from __future__ import annotations

from contextlib import suppress

from django.template import Context, Node, NodeList, Origin, Template
from django.template.base import FilterExpression, TextNode
from django.template.defaulttags import AutoEscapeControlNode, IfNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import LanguageNode, TranslateNode
from django.urls import NoReverseMatch
from django.utils.translation import get_language

from mpp.core.templatetags.mpp import icon


class WithFixedWords(base.Loader):
    """Draws what cannot differ in this language when the template is loaded."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template: Template = super().get_template(template_name, skip)
        template.nodelist = _settled(template.nodelist)
        return template


class Loader(cached.Loader, WithFixedWords):
    """Django's cached loader, with a copy for each language."""

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"


def _settled(nodes: NodeList) -> NodeList:
    """Return the nodes with text in the place of those that are fixed; neighbouring texts become one."""
    settled = NodeList()
    for node in nodes:
        known = _text(node)
        if known is None:
            _settle_inside(node)
            settled.append(node)
        elif settled and isinstance(settled[-1], TextNode):
            settled[-1] = TextNode(settled[-1].s + known)
        else:
            settled.append(TextNode(known))
    return settled


def _settle_inside(node: Node) -> None:
    # Without escaping, or in a language that is chosen inside, the same words are written otherwise.
    if isinstance(node, AutoEscapeControlNode | LanguageNode):
        return
    if isinstance(node, IfNode):
        node.conditions_nodelists = [(when, _settled(nodes)) for when, nodes in node.conditions_nodelists]
        return
    for name in node.child_nodelists:
        if nodes := getattr(node, name, None):
            setattr(node, name, _settled(nodes))


def _text(node: Node) -> str | None:
    """Return what a fixed node writes; None for one that depends on the page."""
    if isinstance(node, TextNode):
        return node.s
    if _is_fixed(node):
        # An address that leads nowhere is told when its part of the page is drawn, as ever.
        with suppress(NoReverseMatch):
            return str(node.render(Context()))
    return None


def _is_fixed(node: Node) -> bool:
    match node:
        case TranslateNode():
            return not (node.asvar or node.message_context) and _is_literal(node.filter_expression)
        case URLNode():
            return not (node.asvar or node.args or node.kwargs) and _is_own(node.view_name)
        case SimpleNode():
            values = [*node.args, *node.kwargs.values()]
            return node.func is icon and not node.target_var and all(map(_is_literal, values))
    return False


def _is_literal(value: FilterExpression) -> bool:
    return not value.filters and (not value.is_var or value.var.lookups is None)


def _is_own(name: FilterExpression) -> bool:
    # The names of an admin site depend on which site is asked.
    return _is_literal(name) and ":" not in str(name.token)
