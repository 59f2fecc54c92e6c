"""How is something read that is reckoned for a row as a field's arguments ask?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import true

from schema.compiler.declare import Row
from schema.compiler.listing import plan_list

if TYPE_CHECKING:
    from graphql import FieldNode

    from schema.compiler.declare import Derived
    from schema.compiler.planning import Planner, Spot


def plan_derived(
    planner: Planner, type_name: str, target: str, row: Row, declared: Derived, nodes: list[FieldNode], spot: Spot
) -> Any:
    """Make the JSON of what is derived from a row, as far as the caller sees it."""
    source = planner.model.source(target)
    if planner.sights.is_forbidden(source):
        return planner.forbid(spot, source.permission)
    made = declared.rows(row, planner.arguments(type_name, nodes[0]))
    stood = made.rows.correlate(row.source).subquery(f"t{planner.extent.add_lookup()}")
    child = Row(stood, source.name, made_by=made.made_by)
    sight = planner.sight(source, child, is_covered=declared.covered)
    if declared.order is None:
        return planner.first(target, child, true(), nodes, spot, sight)
    conditions = planner.conditions(source, child, true(), sight)
    return plan_list(planner, target, child, conditions, declared, nodes, spot)
