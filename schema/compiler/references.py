"""How is a row told of that the caller may know of without being allowed to read it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, null

from schema.compiler.declare import Source
from schema.compiler.json_select import object_of
from schema.compiler.json_sql import global_id, label, quoted

if TYPE_CHECKING:
    from graphql import FieldNode

    from schema.compiler.declare import Reference, Row
    from schema.compiler.planning import Planner, Spot

_TOLD = {"__typename", "id"}


def plan_reference(
    planner: Planner, interface: str, row: Any, declared: Any, nodes: list[FieldNode], spot: Spot
) -> Any:
    """Tell type and id of the row that two columns name; whatever else is asked of it, only to those who see it."""
    arms = []
    for type_name in _kinds(planner, interface):
        is_kind = and_(declared.kind(row) == quoted(type_name), declared.row_id(row).is_not(None))
        arms.append((is_kind, _arm(planner, type_name, row, declared, nodes, spot)))
    return case(*arms, else_=null())


def _kinds(planner: Planner, interface: str) -> list[str]:
    schema = planner.model.schema
    possible: Any = schema.get_possible_types(schema.type_map[interface])  # type: ignore[arg-type]
    with_id = set(planner.model.prefixes.values())
    return sorted(type_.name for type_ in possible if type_.name in with_id)


def _arm(planner: Planner, type_name: str, row: Row, declared: Reference, nodes: list[FieldNode], spot: Spot) -> Any:
    source = planner.model.source(type_name)
    selected = planner.selector.of_nodes(nodes, type_name)
    names = {key: below[0].name.value for key, below in selected.items()}
    if _TOLD.issuperset(names.values()):
        told = {"__typename": quoted(type_name), "id": _global_id(source, row, declared)}
        return object_of([(label(key), told[name]) for key, name in names.items()])
    child = planner.row(source)
    sight = planner.sights.of_row(source, child)
    if sight.is_forbidden:
        return planner.forbid(spot, source.permission)
    on = child.c[source.id_column] == declared.row_id(row)
    if source.tenant is not None:
        on = and_(source.tenant(child) == row.c.tenant_id, on)
    return planner.first(type_name, child, on, nodes, spot, sight)


def _global_id(source: Source, row: Row, declared: Reference) -> Any:
    tenant = None if source.tenant is None else row.c.tenant_id
    return global_id(source.prefix, tenant, declared.row_id(row))
