"""The API described: OpenAPI 3.1 for programs, one page for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mpp.core.endpoints import PublicEndpoint

BEGINNINGS = ("schema", "docs", "agencies", "services", "queues", "counters", "tickets")
# A field of a field of a field is still shown.
DEPTH = 3


@cache
def document(language: str | None) -> dict[str, Any]:
    """Return the OpenAPI document; made once per process, since it takes half a second."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


class Schema(PublicEndpoint):
    """JSON unless YAML is asked for."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Answer the OpenAPI document."""
        return Response(document(get_language()))


class Index(PublicEndpoint):
    """Where everything begins."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Answer the addresses that need no key."""
        return Response({name: reverse(f"api:{name}") for name in BEGINNINGS})


@dataclass(frozen=True)
class Field:
    """One line of a table: a parameter, or a key of a body."""

    name: str
    kind: str
    note: str
    required: bool = False
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """One status with what comes back."""

    status: str
    words: str
    fields: list[Field]


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    needs_key: bool
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]
    refusals: list[Answer]


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation, read from the same document that programs get."""
    found = sorted(_operations(document(get_language())), key=lambda operation: operation.tag)
    groups = [(tag, list(of_tag)) for tag, of_tag in groupby(found, key=lambda operation: operation.tag)]
    return render(request, "api/docs.html", {"groups": groups})


def _operations(schema: dict[str, Any]) -> Iterator[Operation]:
    parts = schema["components"]["schemas"]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            answers = [_answer(parts, *answer) for answer in sorted(operation["responses"].items())]
            yield Operation(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                tag=operation["tags"][0],
                summary=operation["summary"],
                description=operation.get("description", ""),
                needs_key={} not in operation.get("security", [{}]),
                parameters=[_parameter(parts, parameter) for parameter in operation.get("parameters", [])],
                body=list(_body(parts, operation.get("requestBody", {}))),
                answers=[answer for answer in answers if answer.status < "300"],
                refusals=[answer for answer in answers if answer.status >= "300"],
            )


def _parameter(parts: dict[str, Any], parameter: dict[str, Any]) -> Field:
    places = {"path": _("di alamat"), "query": _("sesudah ?"), "header": _("di kepala")}
    return Field(
        name=parameter["name"],
        kind=_kind(parts, parameter["schema"]),
        note=_first_line(parameter),
        required=parameter.get("required", False),
        place=places[parameter["in"]],
    )


def _answer(parts: dict[str, Any], status: str, answer: dict[str, Any]) -> Answer:
    return Answer(status, answer["description"], list(_body(parts, answer)))


def _body(parts: dict[str, Any], carrier: dict[str, Any]) -> Iterator[Field]:
    for media in carrier.get("content", {}).values():
        return _fields(parts, media["schema"])
    return iter(())


def _fields(
    parts: dict[str, Any], schema: dict[str, Any], before: str = "", depth: int = 0
) -> Iterator[Field]:
    """Walk an object's keys in order, those of objects inside it after their own line."""
    schema = _resolved(parts, schema)
    for name, part in schema.get("properties", {}).items():
        whole = _resolved(parts, part)
        inner = _resolved(parts, whole.get("items", whole))
        yield Field(before + name, _kind(parts, part), _first_line(part), name in schema.get("required", []))
        if "properties" in inner and depth < DEPTH:
            mark = "[]." if "items" in whole else "."
            yield from _fields(parts, inner, f"{before}{name}{mark}", depth + 1)


def _resolved(parts: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema behind a reference, alone or beside a description or null."""
    for key in ("allOf", "oneOf"):
        if key in schema:
            return _resolved(parts, schema[key][0])
    if "$ref" in schema:
        found: dict[str, Any] = parts[schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(parts: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return the type in one or two words; of a choice, its words."""
    words = {
        "string": _("teks"),
        "integer": _("bilangan"),
        "boolean": _("ya/tidak"),
        "array": _("daftar"),
        "object": _("objek"),
    }
    whole = _resolved(parts, schema)
    if "enum" in whole:
        return ", ".join(str(word) for word in whole["enum"])
    named = whole.get("type", "object")
    kinds = [named] if isinstance(named, str) else named
    may_be_null = "null" in kinds or {"type": "null"} in schema.get("oneOf", [])
    kind = words[next(kind for kind in kinds if kind != "null")]
    return _("%(kind)s atau null") % {"kind": kind} if may_be_null else kind


def _first_line(schema: dict[str, Any]) -> str:
    """Return what is said of a field, without the list of its choices."""
    line: str = schema.get("description", "").partition("\n")[0]
    return "" if line.startswith("* ") else line
