"""What is left of an operation once it is compiled: a statement, where its values come from, what to say beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schema.compiler.faults import BadPage, TooCostly

if TYPE_CHECKING:
    from graphql import FieldNode

    from schema.compiler.context import RequestContext
    from schema.compiler.values import Getter, Variables

MAX_NODES = 50_000
MAX_PAGE = 100
DEFAULT_PAGE = 20


@dataclass(frozen=True, slots=True)
class PlannedRefusal:
    """A field that no grant of the caller could ever show."""

    code: str
    path: tuple[str, ...]
    field: str
    permission: str | None = None


@dataclass(frozen=True, slots=True)
class PageSize:
    """How many of a list's rows are asked for: known beforehand, or by a variable."""

    fixed: int | None
    get: Getter | None = None

    def of(self, variables: Variables, context: RequestContext) -> int:
        """Tell the size in one request.

        Raises BadPage.
        """
        size = self.fixed if self.get is None else self.get(variables, context)
        if size is None:
            return DEFAULT_PAGE
        if not 0 <= size <= MAX_PAGE:
            raise BadPage
        return int(size)


@dataclass(slots=True)
class Cost:
    """The nodes an operation may return: one term per list, the product of the page sizes down to it."""

    terms: list[tuple[PageSize, ...]] = field(default_factory=list)

    def of(self, variables: Variables, context: RequestContext) -> int:
        """Count the nodes at most returned for one request."""
        total = 0
        for term in self.terms:
            product = 1
            for size in term:
                product *= size.of(variables, context)
            total += product
        return total

    def check(self, variables: Variables, context: RequestContext) -> None:
        """Go on only within the limit.

        Raises TooCostly, BadPage.
        """
        cost = self.of(variables, context)
        if cost > MAX_NODES:
            raise TooCostly(cost=f"{cost:,}", limit=f"{MAX_NODES:,}")


@dataclass(slots=True)
class Plan:
    """One compiled operation, for one shape of variables and what is granted of the permissions that it asks for."""

    sql: str
    getters: tuple[Getter, ...]
    refusals: tuple[PlannedRefusal, ...]
    cost: Cost
    # Searches by a sealed value that the audit log must know.
    audits: tuple[str, ...]
    introspection: dict[str, list[FieldNode]]
    # Every response key of the root in order, for putting introspection in its place.
    keys: tuple[str, ...]
    needs_tenant: bool
    # What it was made by, of all that the caller is granted.
    permissions: frozenset[str] = frozenset()
    # The operation it was made for, so that a cache can tell.
    operation: object = None

    def arguments(self, variables: Variables, context: RequestContext) -> list[Any]:
        """Gather the values to bind, in order.

        Raises BadPage, BadCursor, TooCostly.
        """
        self.cost.check(variables, context)
        return [get(variables, context) for get in self.getters]
