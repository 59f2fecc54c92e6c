"""Which page of which rows does a connection answer? All rows at once, sorted and cut in Python."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, get_named_type

from schema.compiler.declare import Arms, Connection, Order, Row, Source
from schema.compiler.values import sign_cursor
from tests.schema.compiler.interpreter.rows import Found, Given

if TYPE_CHECKING:
    from schema.compiler.context import RequestContext
    from tests.schema.compiler.interpreter.walking import Walker

DEFAULT_PAGE = 20


@dataclass(frozen=True, slots=True)
class _Listed:
    row: Found
    key: Any
    tie: Any
    cursor: str


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[_Listed]
    total: int
    has_next: bool
    has_previous: bool


def make_cursor(secret: str, label: str, key: object, tie: object) -> str:
    """Write the cursor of a row in the list and order named by the label."""
    payload = json.dumps([key, tie if isinstance(tie, int) else str(tie)], ensure_ascii=False)
    encoded = urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    return f"{encoded}.{sign_cursor(secret, label, payload)}"


def asks_forbidden(walker: Walker, type_name: str, node: FieldNode) -> str | None:
    """Name the permission of a filter that no grant of the caller allows."""
    connection_type = walker.model.return_type(type_name, node.name.value).name
    source = walker.model.sources[walker.model.return_type(connection_type, "nodes").name]
    for where_type, name in _filtered(walker, type_name, node):
        where = walker.model.wheres[where_type, name]
        if isinstance(source, Source) and walker.sights.showing(source, where) == ():
            return where.permission or source.permission
    return None


def _filtered(walker: Walker, type_name: str, node: FieldNode) -> dict[tuple[str, str], Any]:
    given = walker.asked.arguments(type_name, node).get("filter") or {}
    owner: Any = walker.model.schema.type_map[type_name]
    declared = owner.fields[node.name.value].args.get("filter")
    filter_type = get_named_type(declared.type).name if declared else ""
    return {(filter_type, name): value for name, value in given.items() if value is not None}


def _given(value: Any, context: RequestContext) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: None if part is None else _given(part, context) for key, part in value.items()}
    return Given(value, context)


async def _is_found(walker: Walker, type_name: str, node: FieldNode, source: Source | Arms, row: Found) -> bool:
    """Tell whether the caller sees the columns of the row by which it is looked for."""
    wheres = [walker.model.wheres[where] for where in _filtered(walker, type_name, node)]
    for where in wheres if isinstance(source, Source) else ():
        if not await walker.sights.shows(source, row, where):  # type: ignore[arg-type]
            return False
    return True


def _conditions(walker: Walker, type_name: str, declared: Connection, node: FieldNode, row: Row) -> list[Any]:
    context = walker.context
    found = [
        walker.model.wheres[where].condition(row, _given(value, context))
        for where, value in _filtered(walker, type_name, node).items()
    ]
    arguments = walker.asked.arguments(type_name, node)
    for name, condition in declared.arguments.items():
        if name in arguments:
            found.append(condition(row, Given(arguments[name], context)))  # type: ignore[arg-type]
    return found


async def read_connection(
    walker: Walker, type_name: str, parent: Found | None, declared: Connection, nodes: list[FieldNode]
) -> dict[str, Any] | None:
    """Read a connection's page, as far as it is asked for."""
    connection_type = walker.model.return_type(type_name, nodes[0].name.value).name
    node_type = walker.model.return_type(connection_type, "nodes").name
    if walker.is_shut(node_type, covered=declared.covered) or asks_forbidden(walker, type_name, nodes[0]):
        return None
    page = await _page(walker, type_name, parent, declared, nodes[0])
    selected = walker.asked.of(nodes, connection_type)
    return {key: await _part(walker, connection_type, page, below) for key, below in selected.items()}


async def _part(walker: Walker, connection_type: str, page: _Page, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
    name = nodes[0].name.value
    node_type = walker.model.return_type(connection_type, "nodes").name
    if name == "nodes":
        return [await walker.node(node_type, one.row, nodes) for one in page.rows]
    if name == "edges":
        edge_type = walker.model.return_type(connection_type, "edges").name
        selected = walker.asked.of(nodes, edge_type)
        return [
            {key: await _edge(walker, edge_type, one, below) for key, below in selected.items()} for one in page.rows
        ]
    if name == "pageInfo":
        ends = (page.rows[0].cursor, page.rows[-1].cursor) if page.rows else (None, None)
        told = {
            "__typename": "PageInfo",
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "startCursor": ends[0],
            "endCursor": ends[1],
        }
        return {key: told[below[0].name.value] for key, below in walker.asked.of(nodes, "PageInfo").items()}
    return page.total if name == "totalCount" else connection_type


async def _edge(walker: Walker, edge_type: str, one: _Listed, nodes: list[FieldNode]) -> Any:  # noqa: ANN401
    name = nodes[0].name.value
    if name == "node":
        return await walker.node(walker.model.return_type(edge_type, "node").name, one.row, nodes)
    return one.cursor if name == "cursor" else edge_type


async def _page(walker: Walker, type_name: str, parent: Found | None, declared: Connection, node: FieldNode) -> _Page:
    arguments = walker.asked.arguments(type_name, node)
    names = [getattr(choice, "name", choice) for choice in arguments.get("orderBy", ())]
    order = declared.orders[names[0]] if names else declared.order
    label = f"{type_name}.{node.name.value}.{names[0] if names else ''}"
    rows = await _listed(walker, type_name, parent, declared, node, order, label)
    rows.sort(key=lambda one: (one.key, one.tie), reverse=order.descending)
    if "last" in arguments or "before" in arguments:
        end = _before(rows, arguments["before"], order) if "before" in arguments else len(rows)
        start = max(0, end - arguments.get("last", DEFAULT_PAGE))
        return _Page(rows[start:end], len(rows), "before" in arguments, start > 0)
    start = len(rows) - _before(rows[::-1], arguments["after"], order, turned=True) if "after" in arguments else 0
    end = start + arguments.get("first", DEFAULT_PAGE)
    return _Page(rows[start:end], len(rows), end < len(rows), "after" in arguments)


def _before(rows: list[_Listed], cursor: str, order: Order, *, turned: bool = False) -> int:
    """Count the rows that come before a cursor's, which the caller's list need not have."""
    payload = cursor.partition(".")[0]
    key, tie = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    descends = order.descending != turned
    return sum(
        1
        for one in rows
        if ((one.key, str(one.tie)) > (key, tie) if descends else (one.key, str(one.tie)) < (key, tie))
    )


async def _listed(
    walker: Walker,
    type_name: str,
    parent: Found | None,
    declared: Connection,
    node: FieldNode,
    order: Order,
    label: str,
) -> list[_Listed]:
    connection_type = walker.model.return_type(type_name, node.name.value).name
    source: Any = walker.model.sources[walker.model.return_type(connection_type, "nodes").name]
    if isinstance(source, Arms) and declared.kinds is not None:
        source = replace(source, types={kind: source.types[kind] for kind in declared.kinds})
    found = []
    for row, (key, tie, seen_from) in await _candidates(walker, type_name, parent, declared, node, order, source):
        is_seen = declared.covered or await walker.is_seen(source, row)
        if is_seen and await _is_found(walker, type_name, node, source, row):
            cursor = make_cursor(walker.context.cursor_secret, label, walker.as_postgresql(key), tie)
            found.append(_Listed(replace(row, seen_from=seen_from), key, tie, cursor))
    return found


async def _candidates(
    walker: Walker,
    type_name: str,
    parent: Found | None,
    declared: Connection,
    node: FieldNode,
    order: Order,
    source: Source | Arms,
) -> list[tuple[Found, tuple[Any, ...]]]:
    from tests.schema.compiler.interpreter.walking import kinds_of  # noqa: PLC0415

    acting = walker.context.grants.tenant
    link = declared.on_in.get(acting.kind, declared.on) if acting else declared.on
    through = Row(declared.through("v"), "through") if declared.through else None
    tie = (source.tie_column or source.id_column) if isinstance(source, Source) else "id"

    def conditions(here: Row | None, child: Row) -> list[Any]:
        met = [link(here, through or child), *kinds_of(source, child)]
        if through is not None and declared.through_on is not None:
            met.append(declared.through_on(through, child))
        return met + _conditions(walker, type_name, declared, node, child)

    def beside(child: Row) -> list[Any]:
        ordered = through or child
        seen_from = declared.sees_from(ordered) if declared.sees_from else None
        return [order.key(ordered), child.c[tie], *([] if seen_from is None else [seen_from])]

    what: Hashable = (type_name, node.name.value, order, repr(walker.asked.arguments(type_name, node)))
    rows = await walker.rows.linked(what, source, parent, conditions, beside=beside)
    return [(row, parts if len(parts) == 3 else (*parts, None)) for row, parts in rows]
