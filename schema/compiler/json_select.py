"""How do rows become JSON in SQL? By sub-selects whose every part is known when they are made.

A select of SQLAlchemy finds out by itself, and at each compilation, what stands in FROM, which of it belongs to a
select around it, and what its columns are called. Most of what a plan consists of needs none of that, and leaving it
out takes more than half of a plan's time away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BooleanClauseList, ColumnElement, FromClause, func, literal_column
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql import operators

from schema.compiler.standing import Columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.types import TypeEngine

# What a sub-select is called whose rows become JSON. PostgreSQL prefers a column to a table of the same name, so the
# name is one that no response key can have.
OBJECT = "o$"

# Values by the names that they are given under, most of them response keys.
Fields = list[tuple[str, Any]]
# In place of a name: all columns of something, which have names of their own.
ALL = "*"


class Whole(Enum):
    """What the rows of a sub-select are made into."""

    # The one row, or null if there is none.
    OBJECT = "row_to_json(o$)"
    # The one value of the row, as it is: JSON already, or a number.
    VALUE = ""
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
    """`(SELECT whole FROM (SELECT fields FROM rows) AS o$)`, inside another select, or without the brackets alone."""

    __visit_name__ = "json_select"
    inherit_cache = False
    type = JSON()

    def __init__(self, whole: Whole, fields: Fields, rows: Rows | None) -> None:
        """Take what is made of which fields of which rows; without rows, of the row around it."""
        self.whole = whole
        self.fields = fields
        self.rows = rows


class Selected(FromClause):
    """`(SELECT fields FROM rows) AS name`, for others to select from."""

    __visit_name__ = "selected"
    inherit_cache = False
    named_with_column = True

    def __init__(self, name: str, fields: Fields, rows: Rows, types: Mapping[str, TypeEngine[Any]]) -> None:
        """Take what is selected, and the types of its columns as far as somebody asks for them."""
        self.name = name
        self.fields = fields
        self.rows = rows
        self.c = Columns(self, types)  # type: ignore[misc, assignment]  # Declared as a property, of its own collection.


_COUNT: Any = func.count()


def all_of(source: Any) -> tuple[str, Any]:
    """Select all columns of something that stands under a name."""
    return ALL, literal_column(f"{source.name}.*")


def object_of(fields: Fields) -> JsonSelect:
    """Make a JSON object of values of the row around it."""
    return JsonSelect(Whole.OBJECT, fields, None)


def row_of(fields: Fields, rows: Rows) -> JsonSelect:
    """Make a JSON object of the one row that is found, null if there is none."""
    return JsonSelect(Whole.OBJECT, fields, rows)


def node_of(node: Any, rows: Rows) -> JsonSelect:
    """Give what is JSON already of the one row that is found, null if there is none."""
    return JsonSelect(Whole.VALUE, [("node", node)], rows)


def value_of(value: Any) -> JsonSelect:
    """Give a value of the row around it."""
    return JsonSelect(Whole.VALUE, [("value", value)], None)


def number_of(rows: Rows) -> JsonSelect:
    """Count rows."""
    return JsonSelect(Whole.VALUE, [("count", _COUNT)], rows)


def list_of(fields: Fields, rows: Rows) -> JsonSelect:
    """Make a JSON list of objects."""
    return JsonSelect(Whole.LIST, fields, rows)


def list_of_nodes(node: Any, rows: Rows) -> JsonSelect:
    """Make a JSON list of what is JSON already."""
    return JsonSelect(Whole.NODES, [("node", node)], rows)


# How a condition is written that always holds.
_ALWAYS = "true"


class _Compiler(PGCompiler_asyncpg):
    """Writes such sub-selects beside all that PostgreSQL knows."""

    def visit_json_select(self, made: JsonSelect, **_: Any) -> str:
        """Write one; what is asked around it, as the types of a result, is no concern of what is inside."""
        is_statement = not self.stack
        text = self._select(made.fields, made.rows)
        if made.whole.value:
            text = f"SELECT {made.whole.value} FROM ({text}) AS {OBJECT}"
        return text if is_statement else f"({text})"

    def visit_selected(self, made: Selected, **_: Any) -> str:
        """Write one that stands in FROM."""
        return f"({self._select(made.fields, made.rows)}) AS {self.preparer.quote(made.name)}"

    def _select(self, fields: Fields, rows: Rows | None) -> str:
        # What selects within leave out of their FROM, since it stands in one around them.
        around = self.stack[-1]["correlate_froms"] if self.stack else frozenset()
        own = frozenset() if rows is None else frozenset(rows.parts)
        entry: Any = {"asfrom_froms": own, "correlate_froms": around | own, "selectable": rows, "compile_state": None}
        self.stack.append(entry)
        text = f"SELECT {', '.join(self._field(*field) for field in fields)}{'' if rows is None else self._rows(rows)}"
        self.stack.pop()
        return text

    def _field(self, name: str, value: Any) -> str:
        if name == ALL:
            return self._written(value)
        return (
            f"{self._written(value.self_group(against=operators.as_), as_column=True)} AS {self.preparer.quote(name)}"
        )

    def _rows(self, rows: Rows) -> str:
        text = f" FROM {self.process(rows.source, asfrom=True)}"
        conditions = self._conditions(rows.conditions)
        if conditions:
            text += f" WHERE {conditions}"
        if rows.order:
            text += f" ORDER BY {', '.join(map(self._written, rows.order))}"
        return text if rows.limit is None else f"{text} LIMIT {self._written(rows.limit)}"

    def _conditions(self, conditions: Sequence[Any]) -> str:
        """Write each condition once: what links a row is often what lets it be seen."""
        parts = (part for each in conditions for part in _parts(each))
        written = dict.fromkeys(self._written(part.self_group(against=operators.and_)) for part in parts)
        written.pop(_ALWAYS, None)
        return " AND ".join(written)

    def _written(self, part: Any, *, as_column: bool = False) -> str:
        return self.process(part, within_columns_clause=as_column, within_label_clause=as_column)


def _parts(condition: Any) -> Iterable[Any]:
    is_list = isinstance(condition, BooleanClauseList) and condition.operator is operators.and_
    return condition.clauses if is_list else (condition,)


def make_dialect() -> Any:
    """Make what statements with such sub-selects are compiled for."""
    dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types.
    dialect.statement_compiler = _Compiler
    return dialect
