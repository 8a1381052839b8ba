"""Templates with their fixed words already in place, a copy for each language.

A page has some forty words to translate, icons, addresses and parts that are the same for everybody who reads
the language. Django looks each of them up anew for every page, which is a quarter of the work of drawing it
(docs/decisions/0012-fixed-words-in-templates.md).
"""

from __future__ import annotations

from contextlib import suppress

from django.template import Context, Engine, Node, NodeList, Origin, Template
from django.template.base import FilterExpression, TextNode
from django.template.defaulttags import AutoEscapeControlNode, IfNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.template.loaders import base, cached
from django.templatetags.i18n import LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mpp.core.templatetags.mpp import icon


class WithFixedWords(base.Loader):
    """Draws what cannot differ in this language when the template is loaded."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template: Template = super().get_template(template_name, skip)
        template.nodelist = _settled(template.nodelist)
        return template


class KnownWord(Node):
    """Stands for `{% translate "…" as word %}`: the word under its name."""

    def __init__(self, name: str, word: str) -> None:
        self._name = name
        self._word = word

    def render(self, context: Context) -> SafeString:
        context[self._name] = self._word
        return SafeString("")


class KnownTemplate:
    """Stands for the name in `{% include "…" %}` and `{% extends "…" %}`: what it leads to, looked up once.

    It belongs to a template of one language, and so does what it leads to.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: Template | None = None

    def resolve(self, _context: Context) -> Template:
        """Return the template; raise `TemplateDoesNotExist` as Django would."""
        # Not when the page is loaded: a part may include itself.
        if self._found is None:
            self._found = Engine.get_default().get_template(self._name)
        return self._found


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
            settled.append(_settled_node(node))
        elif settled and isinstance(settled[-1], TextNode):
            settled[-1] = TextNode(settled[-1].s + known)
        else:
            settled.append(TextNode(known))
    return settled


def _settled_node(node: Node) -> Node:
    """Return a node that is drawn for each page, with all in it that is fixed settled."""
    if isinstance(node, TranslateNode) and node.asvar and _is_word(node):
        named = Context()
        node.render(named)
        return KnownWord(node.asvar, named[node.asvar])
    attribute = {IncludeNode: "template", ExtendsNode: "parent_name"}.get(type(node))
    name = _whole_name(getattr(node, attribute)) if attribute else ""
    # A template of ours that extends one of the same name means the next one of that name.
    if attribute and name not in ("", node.origin.template_name):
        setattr(node, attribute, KnownTemplate(name))
    _settle_inside(node)
    return node


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
        # An address that leads nowhere is told when its part of the page is drawn, as ever; so is a file
        # that is not there.
        with suppress(NoReverseMatch, ValueError):
            return str(node.render(Context()))
    return None


def _is_fixed(node: Node) -> bool:
    match node:
        case TranslateNode():
            return not node.asvar and _is_word(node)
        case StaticNode():
            return not node.varname and _is_literal(node.path)
        case URLNode():
            return not (node.asvar or node.args or node.kwargs) and _is_own(node.view_name)
        case SimpleNode():
            values = [*node.args, *node.kwargs.values()]
            return node.func is icon and not node.target_var and all(map(_is_literal, values))
    return False


def _is_word(node: TranslateNode) -> bool:
    return not node.message_context and _is_literal(node.filter_expression)


def _whole_name(name: FilterExpression) -> str:
    """Return the name of a template that is fixed; "" when it depends on the page or on where it stands."""
    known = str(name.resolve(Context())) if _is_literal(name) else ""
    return "" if known.startswith(".") else known


def _is_literal(value: FilterExpression) -> bool:
    return not value.filters and (not value.is_var or value.var.lookups is None)


def _is_own(name: FilterExpression) -> bool:
    # The names of an admin site depend on which site is asked.
    return _is_literal(name) and ":" not in str(name.token)
