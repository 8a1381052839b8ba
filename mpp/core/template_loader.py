"""Templates with their fixed words already in place, a copy for each language.

A page has some forty words to translate, icons, addresses and parts that are the same for everybody who reads
the language. Django looks each of them up anew for every page, which is a quarter of the work of drawing it
(docs/decisions/0012-fixed-words-in-templates.md).
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable
from contextlib import suppress

from django.template import Context, Engine, Node, NodeList, Origin, Template
from django.template.base import FilterExpression, TextNode, VariableNode
from django.template.defaulttags import AutoEscapeControlNode, CycleNode, IfChangedNode, IfNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockNode, ExtendsNode, IncludeNode
from django.template.loaders import base, cached
from django.templatetags.i18n import LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from mpp.core.templatetags.mpp import icon

# A word that can stand in an address as it is; and one to find out where in the address it stands.
WORD = re.compile(r"[\w-]+", re.ASCII)
ANY_WORD = "any-word_at-all"


class WithFixedWords(base.Loader):
    """Draws what cannot differ in this language when the template is loaded."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template: Template = super().get_template(template_name, skip)
        template.nodelist = _framed(_settled(template.nodelist))
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


class KnownPart(Node):
    """Stands for `{% include "…" %}` of a part that keeps nothing from one place of the page to another."""

    def __init__(self, node: IncludeNode, known: KnownTemplate) -> None:
        self._node = node
        self._known = known

    def render(self, context: Context) -> SafeString:
        nodes = self._nodes
        if nodes is None:
            return self._node.render(context)
        with context.push(**{name: one.resolve(context) for name, one in self._node.extra_context.items()}):
            return nodes.render(context)

    @functools.cached_property
    def _nodes(self) -> NodeList | None:
        nodes = self._known.resolve(Context()).nodelist
        keeping = (BlockNode, ExtendsNode, CycleNode, IfChangedNode)
        return None if any(nodes.get_nodes_by_type(kind) for kind in keeping) else nodes


class KnownBlock(BlockNode):
    """A block with what the page puts there."""

    def render(self, context: Context) -> SafeString:
        # The frame of a page whose name depends on the request: Django puts its blocks in.
        if BLOCK_CONTEXT_KEY in context.render_context:
            return super().render(context)
        with context.push():
            return self.nodelist.render(context)


class KnownAddress(Node):
    """Stands for `{% url "…" word %}`: all but the word is known after the first time."""

    def __init__(self, node: URLNode) -> None:
        self._node = node

    def render(self, context: Context) -> str:
        word = str(self._node.args[0].resolve(context))
        if self._around is None or not WORD.fullmatch(word):
            return self._node.render(context)
        before, after = self._around
        address = SafeString(f"{before}{word}{after}")
        if not self._node.asvar:
            return address
        context[self._node.asvar] = address
        return SafeString("")

    @functools.cached_property
    def _around(self) -> tuple[str, str] | None:
        # What takes this word takes each; an address of numbers alone, or of none, is asked for each time.
        with suppress(NoReverseMatch):
            before, _word, after = reverse(str(self._node.view_name.var), args=[ANY_WORD]).partition(ANY_WORD)
            return before, after
        return None


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
    match node:
        case TranslateNode() if node.asvar and _is_word(node):
            named = Context()
            node.render(named)
            return KnownWord(node.asvar, named[node.asvar])
        case URLNode() if len(node.args) == 1 and not node.kwargs and _is_own(node.view_name):
            return KnownAddress(node)
        case IncludeNode() if name := _whole_name(node.template):
            known = KnownTemplate(name)
            node.template = known  # type: ignore[assignment]
            return node if node.isolated_context else KnownPart(node, known)
        # A template of ours that extends one of the same name means the next one of that name.
        case ExtendsNode() if (name := _whole_name(node.parent_name)) not in ("", node.origin.template_name):
            node.parent_name = KnownTemplate(name)  # type: ignore[assignment]
    # Without escaping, or in a language that is chosen inside, the same words are written otherwise.
    if not isinstance(node, AutoEscapeControlNode | LanguageNode):
        _change_inside(node, _settled)
    return node


def _change_inside(node: Node, change: Callable[[NodeList], NodeList]) -> None:
    if isinstance(node, IfNode):
        node.conditions_nodelists = [(when, change(nodes)) for when, nodes in node.conditions_nodelists]
        return
    for name in node.child_nodelists:
        if nodes := getattr(node, name, None):
            setattr(node, name, change(nodes))


def _framed(nodes: NodeList) -> NodeList:
    """Return the nodes of a page that extends a known frame: the frame with the page's blocks in it."""
    match nodes:
        case [ExtendsNode(parent_name=KnownTemplate() as known) as page]:
            frame = known.resolve(Context())
            if not frame.nodelist.get_nodes_by_type(ExtendsNode):
                return _filled(frame.nodelist, page.blocks)
    return nodes


def _filled(nodes: NodeList, blocks: dict[str, BlockNode]) -> NodeList:
    """Return the nodes of a frame with these blocks in their places; the frame serves other pages too."""
    return NodeList(_filled_node(node, blocks) for node in nodes)


def _filled_node(node: Node, blocks: dict[str, BlockNode]) -> Node:
    if isinstance(node, BlockNode):
        inside = _filled(node.nodelist, blocks)
        if own := blocks.get(node.name):
            inside = _with_super(_filled(own.nodelist, {}), inside)
        return KnownBlock(node.name, inside)
    if not node.get_nodes_by_type(BlockNode):
        return node
    filled = copy.copy(node)
    _change_inside(filled, lambda nodes: _filled(nodes, blocks))
    return filled


def _with_super(nodes: NodeList, frame: NodeList) -> NodeList:
    """Return the nodes of a block with those of its frame in the place of `{{ block.super }}`."""
    whole = NodeList()
    for node in nodes:
        if isinstance(node, VariableNode) and str(node.filter_expression) == "block.super":
            whole.extend(frame)
            continue
        # Inside another block it is that one's.
        if not isinstance(node, BlockNode):
            _change_inside(node, lambda inside: _with_super(inside, frame))
        whole.append(node)
    return whole


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


def _whole_name(name: FilterExpression | Node) -> str:
    """Return the name of a template that is fixed; "" when it depends on the page or on where it stands."""
    if not isinstance(name, FilterExpression) or not _is_literal(name):
        return ""
    known = str(name.resolve(Context()))
    return "" if known.startswith(".") else known


def _is_literal(value: FilterExpression) -> bool:
    return not value.filters and (not value.is_var or value.var.lookups is None)


def _is_own(name: FilterExpression) -> bool:
    # The names of an admin site depend on which site is asked.
    return _is_literal(name) and ":" not in str(name.token)
