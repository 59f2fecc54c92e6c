"""How does a connection become SQL? By keyset: an order key and the id, never an offset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, cast, func, literal_column, tuple_
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

from schema.compiler.context import CURSOR_SECRET
from schema.compiler.declare import Arms, Connection, Order, Row, Source
from schema.compiler.faults import BadOrder, BadPage
from schema.compiler.filtering import filter_conditions
from schema.compiler.json_select import (
    Fields,
    Rows,
    Selected,
    all_of,
    list_of,
    list_of_nodes,
    number_of,
    object_of,
    row_of,
)
from schema.compiler.json_sql import EMPTY_LIST, label, quoted
from schema.compiler.plan import DEFAULT_PAGE, MAX_PAGE, PageSize
from schema.compiler.standing import types_of
from schema.compiler.values import Value, decode_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import FieldNode
    from sqlalchemy import ColumnElement, FromClause

    from schema.compiler.context import RequestContext
    from schema.compiler.planning import Planner, Spot
    from schema.compiler.values import Variables

_NUMBER, _TEXT, _JSON = Integer(), Text(), JSON()
_LONGEST: Any = literal_column(str(MAX_PAGE + 1))
_FIRST: Any = literal_column("0")
_LAST: Any = literal_column("-1")
_NUMBERED: Any = literal_column("row_number() OVER ()")
# The columns that rows get with their numbers.
_NUMBERING: Mapping[str, Any] = {"n__": _NUMBER, "cursor__": _TEXT}
# What is asked of edges and of the page info that takes a cursor to answer.
_CURSORS = frozenset({"cursor", "startCursor", "endCursor"})


@dataclass(frozen=True)
class _Listed:
    """One way to stand the listed rows: the row itself, the row it is ordered by, what both are selected from."""

    child: Row
    ordered: Row
    source: FromClause
    conditions: list[Any]


@dataclass(frozen=True)
class _Page:
    """Which page of which list: order, direction, size."""

    order: Order
    cursor_label: str
    is_backward: bool
    size: PageSize
    cursor: Value | None

    @property
    def descends(self) -> bool:
        return self.order.descending != self.is_backward


class _Connection:
    """Compiles one connection field."""

    def __init__(
        self,
        planner: Planner,
        type_name: str,
        parent: Row | None,
        declared: Connection,
        nodes: list[FieldNode],
        spot: Spot,
    ) -> None:
        self.planner = planner
        self.declared = declared
        self.parent: Any = parent
        self.spot = spot
        self.owner = type_name
        self.type_name = planner.model.return_type(type_name, nodes[0].name.value).name
        self.node_type = planner.model.return_type(self.type_name, "nodes").name
        self.source = _narrowed(planner.model.sources[self.node_type], declared.kinds)
        self.arguments = planner.arguments(type_name, nodes[0])
        self.node = nodes[0]
        self.selected = planner.selector.of_nodes(nodes, self.type_name)

    # --- which rows ----------------------------------------------------------------------------------------------

    def stand(self) -> _Listed | None:
        """Stand the list's rows under fresh aliases, with every condition but the page's; None when forbidden."""
        planner, declared = self.planner, self.declared
        through = (
            None if declared.through is None else Row(declared.through(f"v{planner.extent.add_lookup()}"), "through")
        )
        seen_from = None if through is None or declared.sees_from is None else declared.sees_from(through)
        child = planner.row(self.source, seen_from)  # type: ignore[arg-type]
        sight = planner.sight(self.source, child, is_covered=declared.covered)
        if sight.is_forbidden:
            return None
        acting = planner.grants.tenant
        link = declared.on_in.get(acting.kind, declared.on) if acting else declared.on
        linked = link(self.parent, through or child)
        conditions = planner.conditions(self.source, child, linked, sight)
        conditions += self._filtered(child)
        source = child.source
        if through is not None and declared.through_on is not None:
            source = through.source.join(child.source, declared.through_on(through, child))
        return _Listed(child, through or child, source, [c for c in conditions if c is not None])

    def _filtered(self, child: Row) -> list[Any]:
        conditions = []
        for name, condition in self.declared.arguments.items():
            if name in self.arguments:
                conditions.append(condition(child, self.arguments[name]))
        if isinstance(self.arguments.get("filter"), dict):
            owner: Any = self.planner.model.schema.type_map[self.owner]
            filter_type = owner.fields[self.node.name.value].args["filter"].type
            conditions += filter_conditions(self.planner, filter_type, self.arguments["filter"], self.source, child)
        return conditions

    # --- which page ----------------------------------------------------------------------------------------------

    def page(self) -> _Page:
        """Read the page's arguments.

        Raises BadPage, BadOrder.
        """
        arguments = self.arguments
        is_backward = "last" in arguments or "before" in arguments
        # `first` goes with `after`, `last` with `before`; what goes both ways would have two meanings.
        if is_backward and ("first" in arguments or "after" in arguments):
            raise BadPage
        size_value = arguments.get("last" if is_backward else "first")
        name, order = self._order()
        return _Page(
            order=order,
            cursor_label=f"{self.owner}.{self.node.name.value}.{name}",
            is_backward=is_backward,
            size=PageSize(DEFAULT_PAGE) if size_value is None else PageSize(None, size_value.get),
            cursor=arguments.get("before" if is_backward else "after"),
        )

    def _order(self) -> tuple[str, Order]:
        chosen = self.arguments.get("orderBy")
        names = [getattr(choice, "name", choice) for choice in chosen.sample] if chosen is not None else []
        if len(names) > 1:
            raise BadOrder
        return (names[0], self.declared.orders[names[0]]) if names else ("", self.declared.order)

    def _limit(self, page: _Page, extra: int) -> Any:
        size = page.size
        return self.planner.binds.bind(lambda variables, context: size.of(variables, context) + extra, _NUMBER)

    def _keys(self, listed: _Listed, page: _Page) -> tuple[Any, Any]:
        return page.order.key(listed.ordered), listed.child.c[_tie_column(self.source)]

    def _beyond(self, listed: _Listed, page: _Page) -> list[Any]:
        if page.cursor is None:
            return []
        key, row_id = self._keys(listed, page)
        parts = [self._cursor_part(page, index) for index in (0, 1)]
        after = tuple_(cast(parts[0], key.type), cast(parts[1], row_id.type))
        here = tuple_(key, row_id)
        return [here < after if page.descends else here > after]

    def _cursor_part(self, page: _Page, index: int) -> Any:
        get, cursor_label = page.cursor.get, page.cursor_label  # type: ignore[union-attr]

        def part(variables: Variables, context: RequestContext) -> str:
            return str(decode_cursor(context.cursor_secret, cursor_label, get(variables, context))[index])

        return self.planner.binds.bind(part, _TEXT)

    def _ordering(self, listed: _Listed, page: _Page) -> list[Any]:
        keys = self._keys(listed, page)
        return [key.desc() for key in keys] if page.descends else list(keys)

    # --- what of it ----------------------------------------------------------------------------------------------

    def compile(self) -> Any:
        """Make the connection's JSON, reading no more than its selection asks for."""
        listed = self.stand()
        if listed is None:
            return self.planner.forbid(self.spot, self.planner.model.permission(self.source))
        page = self.page()
        asked = {nodes[0].name.value for nodes in self.selected.values()}
        if asked & {"edges", "pageInfo"} or page.is_backward:
            return self._whole(listed, page)
        return object_of([(label(key), self._plain(key, nodes, listed, page)) for key, nodes in self.selected.items()])

    def _plain(self, key: str, nodes: list[FieldNode], listed: _Listed, page: _Page) -> Any:
        name = nodes[0].name.value
        if name == "nodes":
            return self._nodes(listed, page, nodes, self._below(key, page))
        return quoted(self.type_name) if name == "__typename" else self._total()

    def _below(self, key: str, page: _Page) -> Spot:
        below = self.spot.down(key).in_list(page.size)
        self.planner.cost.terms.append(below.sizes)
        return below

    def _nodes(self, listed: _Listed, page: _Page, nodes: list[FieldNode], spot: Spot) -> Any:
        is_of_arms = isinstance(self.source, Arms)
        made: Any = (
            self._node(listed.child, nodes, spot)
            if is_of_arms
            else self.planner.fields(self.node_type, listed.child, nodes, spot)
        )
        conditions = [*listed.conditions, *self._beyond(listed, page)]
        rows = Rows(listed.source, _parts(listed), conditions, self._ordering(listed, page), self._limit(page, 0))
        return list_of_nodes(made, rows) if is_of_arms else list_of(made, rows)

    def _total(self) -> Any:
        listed: Any = self.stand()
        return number_of(Rows(listed.source, _parts(listed), listed.conditions))

    def _whole(self, listed: _Listed, page: _Page) -> Any:
        """Give the page's rows numbers, one row more than asked for, so that edges and page info can be told."""
        row = self._numbered(listed, page)
        size = self._limit(page, 0)
        columns, pieces = self._pieces(row, page)
        has_ends = bool(_CURSORS & self._asked_below("pageInfo"))
        gathered = _gathered(row, columns, page, size, has_ends=has_ends)
        return row_of([(label(key), piece(gathered)) for key, piece in pieces.items()], Rows(gathered, [gathered]))

    def _numbered(self, listed: _Listed, page: _Page) -> Row:
        """Stand the page's rows and the one behind them, with number, key and, if somebody asks for it, cursor."""
        key, row_id = self._keys(listed, page)
        child = listed.child
        added = {"key__": key, "id__": row_id} | ({} if child.seen_from is None else {"seen_from__": child.seen_from})
        types = {**types_of(child.source), **{name: one.type for name, one in added.items()}}
        conditions = [*listed.conditions, *self._beyond(listed, page)]
        found = Selected(
            f"f{self.planner.extent.add_lookup()}",
            [all_of(child.source), *added.items()],
            Rows(listed.source, _parts(listed), conditions, self._ordering(listed, page), _LONGEST),
            types,
        )
        fields = [all_of(found), ("n__", _NUMBERED)]
        if _CURSORS & (self._asked_below("edges") | self._asked_below("pageInfo")):
            fields.append(("cursor__", _cursor(found, page.cursor_label)))
        # PostgreSQL takes a bound limit for a tenth of all rows, and a long list for so costly that it would plan each
        # request anew, which takes longer than to run it. Below a written bound, no list is long.
        rows = Rows(found, [found], limit=self._limit(page, 1))
        numbered = Selected(f"n{self.planner.extent.add_lookup()}", fields, rows, {**types, **_NUMBERING})
        return Row(numbered, child.name, None if child.seen_from is None else numbered.c.seen_from__)

    def _asked_below(self, name: str) -> set[str]:
        """Tell which fields of the edges or of the page info are asked for, under whatever keys."""
        target = self.planner.model.return_type(self.type_name, name).name
        asked = [nodes for nodes in self.selected.values() if nodes[0].name.value == name]
        below = [self.planner.selector.of_nodes(nodes, target) for nodes in asked]
        return {nodes[0].name.value for selected in below for nodes in selected.values()}

    def _pieces(self, row: Row, page: _Page) -> tuple[dict[str, Any], dict[str, Any]]:
        """Make the per-row columns, and for each response key how it is put together from what they gather to."""
        columns: dict[str, Any] = {}
        pieces: dict[str, Any] = {}
        for key, nodes in self.selected.items():
            name = nodes[0].name.value
            if name in ("nodes", "edges"):
                spot = self._below(key, page)
                column = f"c{len(columns)}__"
                columns[column] = self._edge(row, nodes, spot) if name == "edges" else self._node(row, nodes, spot)
                pieces[key] = lambda gathered, column=column: gathered.c[column]
            elif name == "pageInfo":
                pieces[key] = self._page_info(nodes, page)
            else:
                value = quoted(self.type_name) if name == "__typename" else self._total()
                pieces[key] = lambda _, value=value: value
        return columns, pieces

    def _node(self, row: Row, nodes: list[FieldNode], spot: Spot) -> ColumnElement[Any]:
        if isinstance(self.source, Arms):
            return self.planner.node_of_arms(self.source, row, nodes, spot)
        return self.planner.node(self.node_type, row, nodes, spot)

    def _edge(self, row: Row, nodes: list[FieldNode], spot: Spot) -> ColumnElement[Any]:
        edge_type = self.planner.model.return_type(self.type_name, "edges").name
        columns = []
        for key, below in self.planner.selector.of_nodes(nodes, edge_type).items():
            name = below[0].name.value
            values = {"__typename": lambda: quoted(edge_type), "cursor": lambda: row.c.cursor__}
            make = values.get(name, lambda below=below, key=key: self._node(row, below, spot.down(key)))
            columns.append((label(key), make()))
        return object_of(columns)

    def _page_info(self, nodes: list[FieldNode], page: _Page) -> Any:
        fields = self.planner.selector.of_nodes(nodes, "PageInfo")
        has_cursor: Any = literal_column("true" if page.cursor is not None else "false")

        def make(gathered: Any) -> Any:
            more = gathered.c.more__
            ahead, behind = (has_cursor, more) if page.is_backward else (more, has_cursor)
            values: dict[str, Callable[[], Any]] = {
                "__typename": lambda: quoted("PageInfo"),
                "hasNextPage": lambda: ahead,
                "hasPreviousPage": lambda: behind,
                "startCursor": lambda: gathered.c.cursors__.op("->>")(_FIRST),
                "endCursor": lambda: gathered.c.cursors__.op("->>")(_LAST),
            }
            return object_of([(label(key), values[below[0].name.value]()) for key, below in fields.items()])

        return make


def plan_connection(
    planner: Planner,
    type_name: str,
    parent: Row | None,
    declared: Connection,
    nodes: list[FieldNode],
    spot: Spot,
) -> Any:
    """Compile one connection field."""
    return _Connection(planner, type_name, parent, declared, nodes, spot).compile()


def _narrowed(source: Source | Arms | None, kinds: tuple[str, ...] | None) -> Source | Arms | None:
    if kinds is None or not isinstance(source, Arms):
        return source
    return replace(source, types={kind: name for kind, name in source.types.items() if kind in kinds})


def _tie_column(source: Any) -> str:
    return source.tie_column or source.id_column if isinstance(source, Source) else "id"


def _parts(listed: _Listed) -> list[FromClause]:
    return [listed.child.source, listed.ordered.source]


def _gathered(row: Row, columns: dict[str, Any], page: _Page, size: Any, *, has_ends: bool) -> Selected:
    """Gather the numbered rows into one: whether there is more, a list of each column and, if asked for, of cursors."""
    listed = {**columns, "cursors__": row.c.cursor__} if has_ends else columns
    fields: Fields = [("more__", func.count() > size)]
    for name, value in listed.items():
        # All in one order: PostgreSQL sorts the rows once, by what one aggregate asks, for all that ask nothing, too.
        ordered = aggregate_order_by(value, row.c.n__.desc()) if page.is_backward else value
        shown = func.json_agg(ordered, type_=_JSON).filter(row.c.n__ <= size)
        fields.append((name, func.coalesce(shown, EMPTY_LIST)))
    return Selected("g", fields, Rows(row.source, [row.source]), dict.fromkeys(dict(fields), _JSON))


def _cursor(found: Selected, cursor_label: str) -> Any:
    """Write a row's cursor: its order value and id, signed as `values.sign_cursor` does it."""
    payload = cast(func.json_build_array(found.c.key__, found.c.id__), Text)
    inner = _sha256(CURSOR_SECRET.concat(quoted(cursor_label)).concat(payload))
    signature = func.substr(_sha256(CURSOR_SECRET.concat(inner)), literal_column("1"), literal_column("16"))
    encoded = func.translate(
        func.encode(func.convert_to(payload, quoted("UTF8")), quoted("base64")),
        literal_column(r"E'+/=\n'"),
        quoted("-_"),
    )
    return cast(encoded, Text).concat(quoted(".")).concat(signature)


def _sha256(text: Any) -> Any:
    return func.encode(func.sha256(func.convert_to(text, quoted("UTF8"))), quoted("hex"), type_=Text)
