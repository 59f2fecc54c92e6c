"""How does a filter become conditions?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import get_named_type

from schema.compiler.declare import FieldClass, Source, Where

if TYPE_CHECKING:
    from schema.compiler.declare import Arms, Row
    from schema.compiler.planning import Planner


class ForbiddenFilter(Exception):  # noqa: N818 - answered as a refusal of the list.
    """A filter by something that no grant of the caller could ever show."""

    def __init__(self, permission: str) -> None:
        """Name the permission that is missing."""
        super().__init__(permission)
        self.permission = permission


def filter_conditions(
    planner: Planner, filter_type: Any, given: dict[str, Any], source: Source | Arms | None, row: Row
) -> list[Any]:
    """Make the conditions of a filter's fields that are given and not null. Raises ForbiddenFilter."""
    named = get_named_type(filter_type)
    conditions = []
    for name, value in given.items():
        if value is None:
            continue
        declared = planner.model.wheres.get((named.name, name))
        if declared is None:
            conditions += filter_conditions(planner, named.fields[name].type, value, source, row)
            continue
        conditions += _where_seen(planner, declared, source, row)
        if declared.audited:
            planner.audits.append(f"{named.name}.{name}")
        conditions.append(declared.condition(row, value))
    return conditions


def _where_seen(planner: Planner, declared: Where, source: Source | Arms | None, row: Row) -> list[Any]:
    """Ask that the caller sees what the filter is about of this very row: nothing is found by what is not shown."""
    is_public = declared.field_class is FieldClass.PUBLIC and declared.permission is None
    if is_public or not isinstance(source, Source):
        return []
    field_class = FieldClass.INTERNAL if declared.field_class is FieldClass.PUBLIC else declared.field_class
    sight = planner.sights.of_field(source, row, declared.permission, field_class=field_class)
    if sight.is_forbidden:
        raise ForbiddenFilter(declared.permission or source.permission or "")
    return [] if sight.condition is None else [sight.condition]
