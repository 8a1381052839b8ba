"""Conditions that Django's own lookups do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Field, Lookup

if TYPE_CHECKING:
    Base = Lookup[Any]
else:
    Base = Lookup


@Field.register_lookup
class AnyOf(Base):
    """`key__any_of=keys`: the same as `__in`, with all keys as one array.

    Django writes `__in` as one parameter for each key: for two thousand of them that takes longer than
    the query.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return `left = ANY(array)`."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*parameters, list(self.rhs))
