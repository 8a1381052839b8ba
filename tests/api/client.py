"""A client that holds every answer against the OpenAPI document."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.utils.translation import get_language
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from rest_framework.test import APIClient

from mpp.api_docs import document

# Can happen to any request, before its operation is known.
OF_ANY_REQUEST = {405, 406}


class CheckedClient(APIClient):
    """An APIClient that fails when status or body of an answer is not what the document says."""

    def request(self, **kwargs: Any) -> Any:
        response = super().request(**kwargs)
        check(kwargs["REQUEST_METHOD"], kwargs["PATH_INFO"], response)
        return response


def check(method: str, path: str, response: Any) -> None:
    """Hold one answer against the document; addresses that are not in it pass."""
    answers = _answers(method.lower(), path)
    if answers is None or response.status_code in OF_ANY_REQUEST:
        return
    status = str(response.status_code)
    assert status in answers, f"{method} {path}: {status} is not documented: {response.content!r}"
    content = answers[status].get("content")
    if content is None:
        assert response.content == b"", f"{method} {path}: {status} must be empty"
        return
    validator = Draft202012Validator(
        content["application/json"]["schema"] | {"components": {"schemas": _closed_parts()}}
    )
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(response.json())]
    assert errors == [], f"{method} {path} {status}: {errors}"


def _answers(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in document(get_language())["paths"].items():
        if method in operations and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            answers: dict[str, Any] = operations[method]["responses"]
            return answers
    return None


@cache
def _closed_parts() -> dict[str, Any]:
    """Return the document's parts, each closed to keys that it does not name."""
    parts = document(get_language())["components"]["schemas"]
    return {
        name: {"additionalProperties": False} | part if "properties" in part else part
        for name, part in parts.items()
    }
