"""How is a piece of JSON written in SQL?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLScalarType, get_named_type
from sqlalchemy import ColumnElement, Text, cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import Grouping

from schema.compiler.faults import AliasTooLong

if TYPE_CHECKING:
    from graphql import GraphQLOutputType

_LONGEST_NAME = 63
# Where something stands that is no operand.
_APART = (None, operators.as_, operators.comma_op)
EMPTY_LIST: Any = literal_column("'[]'::json", JSON)


def quoted(text: str) -> Any:
    """Write one of our own names (a type, a prefix) as a literal."""
    return literal_column("'" + text.replace("'", "''") + "'", Text())


class GlobalIdOfRow(ColumnElement[str]):
    """A row's global id: the most common of all values, hence written by one element instead of eight."""

    inherit_cache = False
    type = Text()

    def __init__(self, prefix: str, tenant_id: Any, row_id: Any) -> None:
        """Take the type's prefix, the tenant's number, None for what all tenants share, and the row's id."""
        self.prefix = prefix
        self.tenant_id = tenant_id
        self.row_id = row_id

    def self_group(self, against: Any = None) -> Any:
        """Stand in parentheses beside an operator."""
        return self if against in _APART else Grouping(self)

    @property
    def _from_objects(self) -> list[Any]:
        parts = (self.row_id,) if self.tenant_id is None else (self.tenant_id, self.row_id)
        return [found for part in parts for found in part._from_objects]  # noqa: SLF001 - as SQLAlchemy's own do.


@compiles(GlobalIdOfRow)
def _write_global_id(made: GlobalIdOfRow, compiler: Any, **_: Any) -> str:
    row_id = f"CAST({compiler.process(made.row_id)} AS TEXT)"
    if made.tenant_id is None:
        return f"'{made.prefix}_0_' || {row_id}"
    return f"'{made.prefix}_' || CAST({compiler.process(made.tenant_id)} AS TEXT) || '_' || {row_id}"


def global_id(prefix: str | None, tenant_id: Any, row_id: Any) -> Any:
    """Write the global id of a row that two columns name, one of what all tenants share; null when there is none."""
    return GlobalIdOfRow(prefix or "", tenant_id, row_id)


def true_if(condition: Any) -> Any:
    """Read a missing condition as yes."""
    return literal_column("true") if condition is None else condition


def label(key: str) -> str:
    """Take a response key as a column name.

    Raises AliasTooLong.
    """
    if len(key) > _LONGEST_NAME:
        raise AliasTooLong(name=key[:20] + "…")
    return key


def as_json_leaf(value: Any, type_: GraphQLOutputType) -> Any:
    """Write a column as GraphQL wants its leaves: decimals as text, instants with offset and three decimals."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLEnumType) or not isinstance(named, GraphQLScalarType):
        return value
    if named.name == "Decimal":
        return cast(value, Text)
    if named.name == "DateTime":
        return func.to_char(value, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MSTZH:TZM'"""))
    return value
