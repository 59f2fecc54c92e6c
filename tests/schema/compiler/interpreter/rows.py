"""What does a declared expression or condition say of one row? Each is asked of the database by itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnClause,
    ColumnElement,
    FromClause,
    Select,
    TableClause,
    Text,
    Uuid,
    any_,
    column,
    false,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from schema.compiler.context import CONTEXT_VALUES, SCOPE_LISTS, RequestContext
from schema.compiler.declare import Arms, Row, Source
from tenants.grants import Scope

# Later than any other instant; the driver gives one that knows no time zone.
INFINITY = datetime.max.replace(tzinfo=UTC)
_DRIVERS_INFINITY = datetime.max  # noqa: DTZ901


@dataclass(frozen=True, slots=True)
class Found:
    """One row of a source: its values in the order of the source's columns, and the grid it was reached through."""

    name: str
    columns: tuple[str, ...] = field(compare=False, repr=False)
    types: tuple[TypeEngine[Any], ...] = field(compare=False, repr=False)
    values: tuple[Any, ...] = ()
    seen_from: uuid.UUID | None = None

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - a column's value.
        return self.values[self.columns.index(column)]

    def get(self, column: str) -> Any:  # noqa: ANN401
        """Give a column's value; None when the source has no such column."""
        return self[column] if column in self.columns else None

    def stand(self, alias: str) -> Row:
        """Stand the row as a table of one row, made of nothing but its values."""
        pairs = zip(self.columns, self.types, self.values, strict=True)
        one = select(*(literal(value, type_).label(name) for name, type_, value in pairs)).subquery(alias)
        return self._standing_as(one)

    def column_of(self, expression: Callable[[Row], Any]) -> str | None:
        """Name the column that an expression gives as it is; None if it gives anything else."""
        named = _named(self.columns, self.types)
        given = expression(self._standing_as(named))
        return given.name if isinstance(given, ColumnClause) and given.table is named else None

    def _standing_as(self, source: FromClause) -> Row:
        return Row(source, self.name, None if self.seen_from is None else literal(self.seen_from, Uuid()))


@cache
def _named(columns: tuple[str, ...], types: tuple[TypeEngine[Any], ...]) -> TableClause:
    return table("r", *map(column, columns, types))


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a client gave, offered to conditions as the compiler's bound values are."""

    sample: Any
    context: RequestContext

    def bind(self, type_: TypeEngine[Any]) -> ColumnElement[Any]:
        return literal(self.sample, type_)

    def mapped(self, convert: Callable[[Any, RequestContext], Any], type_: TypeEngine[Any]) -> ColumnElement[Any]:
        return literal(convert(self.sample, self.context), type_)

    def text(self) -> ColumnElement[Any]:
        return literal(self.sample, Text())

    def _part(self, prefix: str, position: int) -> str | None:
        parts = str(self.sample).split("_")
        return parts[position] if len(parts) == 3 and parts[0] == prefix and is_id(self.sample) else None

    def row_id(self, prefix: str) -> ColumnElement[Any]:
        part = self._part(prefix, 2)
        return literal(None if part is None else uuid.UUID(part), Uuid())

    def id_tenant(self, prefix: str) -> ColumnElement[Any]:
        part = self._part(prefix, 1)
        return literal(None if part is None else int(part))


def is_id(text: str) -> bool:
    """Tell whether a text is a global id, as they are written."""
    parts = text.split("_")
    if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 9:
        return False
    try:
        return str(uuid.UUID(parts[2])) == parts[2] and str(int(parts[1])) == parts[1] and len(parts[0]) == 3
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one permission, offered to conditions as the compiler's bound lists are."""

    scope: Scope
    permission: str = ""

    def holds(self, column: Any, scope_list: str) -> Any:  # noqa: ANN401
        ids = getattr(self.scope, scope_list)
        return column == any_(literal(list(ids), ARRAY(Uuid()))) if ids else None

    def holds_any(self, **columns: Any) -> Any:  # noqa: ANN401
        assert set(columns) <= set(SCOPE_LISTS)
        asked = [self.holds(column, name) for name, column in columns.items()]
        return or_(false(), *(condition for condition in asked if condition is not None))


@dataclass(slots=True)
class Rows:
    """Asks one thing of one row, and remembers the answer: the world does not change."""

    connection: AsyncConnection
    context: RequestContext
    known: dict[Hashable, Any] = field(default_factory=dict)
    asked: int = 0

    @property
    def _values(self) -> Mapping[str, Any]:
        values = {name: get(self.context) for name, get in CONTEXT_VALUES.items()}
        return {**values, "grants_json": orjson.loads(values["grants_json"])}

    async def _ask(self, statement: Select[Any]) -> list[Any]:
        self.asked += 1
        found = (await self.connection.execute(statement, self._values)).all()
        return [[INFINITY if value == _DRIVERS_INFINITY else value for value in row] for row in found]

    async def value(self, what: Hashable, row: Found, expression: Callable[[Row], Any]) -> Any:  # noqa: ANN401
        """Evaluate an expression of a row; `what` names the expression."""
        key = (what, row)
        if key not in self.known:
            name = row.column_of(expression)
            # Most expressions are nothing but a column, which the row has.
            self.known[key] = await self._reckoned(row, expression) if name is None else _as_told(row[name])
        return self.known[key]

    async def _reckoned(self, row: Found, expression: Callable[[Row], Any]) -> Any:  # noqa: ANN401 - of any type.
        standing = row.stand("r")
        ((found,),) = await self._ask(select(expression(standing)).select_from(standing.source))
        return found

    async def alone(self, what: Hashable, expression: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        """Evaluate an expression that is about the request itself and no row."""
        key = ("alone", what)
        if key not in self.known:
            ((self.known[key],),) = await self._ask(select(expression(None)))
        return self.known[key]

    async def holds(self, what: Hashable, row: Found, condition: Callable[[Row], Any]) -> bool:
        """Tell whether a condition is true of a row."""
        return await self.value(what, row, condition) is True

    async def linked(
        self,
        what: Hashable,
        source: Source | Arms,
        parent: Found | None,
        conditions: Callable[[Row | None, Row], list[Any]],
        *,
        beside: Callable[[Row], list[Any]] = lambda _: [],
    ) -> list[tuple[Found, tuple[Any, ...]]]:
        """Find a source's rows that meet conditions with their parent, each with what is asked beside it."""
        key = ("linked", what, parent)
        if key not in self.known:
            standing = None if parent is None else parent.stand("r")
            child = Row(source.table("c"), source.name)
            sources: list[FromClause] = [child.source] if standing is None else [child.source, standing.source]
            columns = list(child.c)
            statement = select(*columns, *(part.label(f"b{n}__") for n, part in enumerate(beside(child))))
            rows = await self._ask(statement.select_from(*sources).where(*conditions(standing, child)))
            self.known[key] = [_found(source.name, columns, row) for row in rows]
        found: list[tuple[Found, tuple[Any, ...]]] = self.known[key]
        return found


def _as_told(value: Any) -> Any:  # noqa: ANN401 - a column's value.
    return list(value) if isinstance(value, tuple) else value


def _found(name: str, columns: list[Any], row: Any) -> tuple[Found, tuple[Any, ...]]:  # noqa: ANN401
    size = len(columns)
    names, types = tuple(column.name for column in columns), tuple(column.type for column in columns)
    values = (tuple(value) if isinstance(value, list) else value for value in row[:size])
    return Found(name, names, types, tuple(values)), tuple(row[size:])
