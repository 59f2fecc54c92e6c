"""How do rows become JSON in SQL? By sub-selects whose every part is known when they are made.

A select of SQLAlchemy finds out by itself, and at each compilation, what stands in FROM, which of it belongs to a
select around it, and what its columns are called. Most of what a plan consists of needs none of that, and leaving it
out takes some two fifths of a plan's time away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql import operators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import FromClause

# What a sub-select is called whose rows become JSON. PostgreSQL prefers a column to a table of the same name, so the
# name is one that no response key can have.
OBJECT = "o$"

# Values by the response keys that they are given under.
Fields = list[tuple[str, Any]]


class Whole(Enum):
    """What the rows of a sub-select are made into."""

    # The one row, or null if there is none.
    OBJECT = "row_to_json(o$)"
    # The same, where the row is JSON already: it is given as it is.
    NODE = ""
    # All rows, in their order.
    LIST = "coalesce(json_agg(row_to_json(o$)), '[]'::json)"
    # All rows, each of which is JSON already: the one column, called node.
    NODES = "coalesce(json_agg(o$.node), '[]'::json)"


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows, in which order and how many of them."""

    source: FromClause
    # What stands in the source: itself, if it is no join.
    parts: Sequence[FromClause]
    conditions: Sequence[Any] = ()
    order: Sequence[Any] = ()
    limit: Any = None


class JsonSelect(ColumnElement[Any]):
    """`(SELECT whole FROM (SELECT fields FROM rows) AS o$)`, inside another select."""

    __visit_name__ = "json_select"
    inherit_cache = False
    type = JSON()

    def __init__(self, whole: Whole, fields: Fields, rows: Rows | None) -> None:
        """Take what is made of which fields of which rows; without rows, of the row around it."""
        self.whole = whole
        self.fields = fields
        self.rows = rows


def object_of(fields: Fields) -> JsonSelect:
    """Make a JSON object of values of the row around it."""
    return JsonSelect(Whole.OBJECT, fields, None)


def row_of(fields: Fields, rows: Rows) -> JsonSelect:
    """Make a JSON object of the one row that is found, null if there is none."""
    return JsonSelect(Whole.OBJECT, fields, rows)


def node_of(node: Any, rows: Rows) -> JsonSelect:
    """Give what is JSON already of the one row that is found, null if there is none."""
    return JsonSelect(Whole.NODE, [("node", node)], rows)


def list_of(fields: Fields, rows: Rows) -> JsonSelect:
    """Make a JSON list of objects."""
    return JsonSelect(Whole.LIST, fields, rows)


def list_of_nodes(node: Any, rows: Rows) -> JsonSelect:
    """Make a JSON list of what is JSON already."""
    return JsonSelect(Whole.NODES, [("node", node)], rows)


class _Compiler(PGCompiler_asyncpg):
    """Writes such sub-selects beside all that PostgreSQL knows."""

    def visit_json_select(self, made: JsonSelect, **_: Any) -> str:
        """Write one; what is asked around it, as the types of a result, is no concern of what is inside."""
        rows = made.rows
        # What selects within leave out of their FROM, since it stands in one around them.
        around = self.stack[-1]["correlate_froms"]
        own = set() if rows is None else set(rows.parts)
        entry: Any = {"asfrom_froms": own, "correlate_froms": around | own, "selectable": made, "compile_state": None}
        self.stack.append(entry)
        values = [
            f"{self._written(value.self_group(against=operators.as_), as_column=True)} AS {self.preparer.quote(key)}"
            for key, value in made.fields
        ]
        text = f"SELECT {', '.join(values)}{'' if rows is None else self._rows(rows)}"
        self.stack.pop()
        return f"(SELECT {made.whole.value} FROM ({text}) AS {OBJECT})" if made.whole.value else f"({text})"

    def _rows(self, rows: Rows) -> str:
        text = f" FROM {self.process(rows.source, asfrom=True)}"
        if rows.conditions:
            text += f" WHERE {self._written(and_(*rows.conditions))}"
        if rows.order:
            text += f" ORDER BY {', '.join(map(self._written, rows.order))}"
        return text if rows.limit is None else f"{text} LIMIT {self._written(rows.limit)}"

    def _written(self, part: Any, *, as_column: bool = False) -> str:
        return self.process(part, within_columns_clause=as_column, within_label_clause=as_column)


def make_dialect() -> Any:
    """Make what statements with such sub-selects are compiled for."""
    dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types.
    dialect.statement_compiler = _Compiler
    return dialect
