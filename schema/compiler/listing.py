"""How is a plain list read? Ordered, and bounded by its parent and by what it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal_column

from schema.compiler.json_select import Rows, list_of
from schema.compiler.plan import PageSize

if TYPE_CHECKING:
    from graphql import FieldNode
    from sqlalchemy import ColumnElement

    from schema.compiler.declare import Derived, Many, Row
    from schema.compiler.planning import Planner, Spot


def plan_many(planner: Planner, target: str, row: Any, declared: Many, nodes: list[FieldNode], spot: Spot) -> Any:
    """Make the JSON of the rows that are linked with one."""
    source = planner.model.sources[target]
    child = planner.row(source)  # type: ignore[arg-type]
    sight = planner.sight(source, child, is_covered=declared.covered)
    if sight.is_forbidden:
        return planner.forbid(spot, planner.model.permission(source))
    conditions = planner.conditions(source, child, declared.on(row, child), sight)
    return plan_list(planner, target, child, conditions, declared, nodes, spot)


def plan_list(
    planner: Planner,
    target: str,
    child: Row,
    conditions: list[Any],
    declared: Many | Derived,
    nodes: list[FieldNode],
    spot: Spot,
) -> ColumnElement[Any]:
    """Make the JSON of the rows that meet conditions, in their order."""
    below = spot.in_list(PageSize(declared.expected))
    planner.cost.terms.append(below.sizes)
    order = declared.order or (lambda _: ())
    rows = Rows(child.source, [child.source], conditions, order(child), literal_column(str(declared.limit)))
    return list_of(planner.fields(target, child, nodes, below), rows)
