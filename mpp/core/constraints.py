"""Helpers for constraints that several apps share, and for what a person reads when one is broken."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import IntegrityError, models
from django.db.models import F, Func, Q, Value

from mpp.core.errors import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Expression = F | Func


class NumberSpan(Func):
    """`int8range(low, high, '[]')`; with low = high it is equality in GiST without btree_gist."""

    function = "int8range"
    output_field = models.Field()

    def __init__(self, low: Expression, high: Expression) -> None:
        super().__init__(low, high, Value("[]"))


class DateSpan(Func):
    """`daterange(from, to, '[]')`: a period of whole days, open when `to` is empty."""

    function = "daterange"
    output_field = models.Field()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(F(start), F(end), Value("[]"))


class MomentSpan(Func):
    """`tstzrange(from, to, '[)')`: a stretch of time, open when `to` is empty."""

    function = "tstzrange"
    output_field = models.Field()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(F(start), F(end), Value("[)"))


class NoOverlap(ExclusionConstraint):
    """An exclusion by spans that lets a form say what is wrong with a span that ends before it starts.

    PostgreSQL refuses to make such a range at all, and the question itself would fail; `in_order` has the
    words. For migrations it is the constraint of Django that it is in the database.
    """

    def validate(self, model: Any, instance: Any, *args: Any, **kwargs: Any) -> None:
        spans = [each for each, _operator in self.expressions if isinstance(each, (DateSpan, MomentSpan))]
        for span in spans:
            start, end = (getattr(instance, each.name) for each in span.get_source_expressions()[:2])
            if start and end and end < start:
                return
        super().validate(model, instance, *args, **kwargs)

    def deconstruct(self) -> Any:
        _path, args, kwargs = super().deconstruct()
        return f"{ExclusionConstraint.__module__}.{ExclusionConstraint.__qualname__}", args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExclusionConstraint) and self.deconstruct() == other.deconstruct()

    __hash__ = ExclusionConstraint.__hash__


def no_overlap(
    name: str,
    *keys: str | tuple[Expression, Expression],
    start: str,
    end: str,
    message: StrOrPromise,
    condition: Q | None = None,
    of: type[DateSpan] | type[MomentSpan] = DateSpan,
) -> ExclusionConstraint:
    """Return the constraint that no two rows of the same `keys` overlap in [start, end].

    A key is the name of an integer column, or a (low, high) span of numbers that must not overlap.
    `of` says whether start and end are dates or moments.
    """
    spans = [(F(key), F(key)) if isinstance(key, str) else key for key in keys]
    expressions: list[tuple[Func, str]] = [(NumberSpan(*span), RangeOperators.OVERLAPS) for span in spans]
    return NoOverlap(
        name=name,
        expressions=[*expressions, (of(start, end), RangeOperators.OVERLAPS)],
        condition=condition,
        violation_error_message=message,
    )


def in_order(name: str, first: str, then: str, *, message: StrOrPromise) -> models.CheckConstraint:
    """Return the constraint that `then` is empty or not before `first`."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{then}__isnull": True}) | Q(**{f"{then}__gte": F(first)}),
        violation_error_message=message,
    )


@contextlib.contextmanager
def refused_by(*models_: type[models.Model]) -> Iterator[None]:
    """Turn the breach of a named constraint of `models_` into a `Refusal` with its own message.

    It stands around the transaction that the breach ends: `with refused_by(X), transaction.atomic():`.
    """
    try:
        yield
    except IntegrityError as error:
        if constraint := broken_constraint(error, *models_):
            message = str(constraint.get_violation_error_message())
            raise Refusal("not_allowed", message, constraint=constraint.name) from error
        raise


def broken_constraint(error: IntegrityError, *models_: type[models.Model]) -> models.BaseConstraint | None:
    """Return the constraint of `models_` whose breach the database reports, or None."""
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    found = (one for model in models_ for one in model._meta.constraints if one.name == name)
    return next(found, None)
