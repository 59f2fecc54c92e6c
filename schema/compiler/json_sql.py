"""How is a piece of JSON written in SQL?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLScalarType, get_named_type
from sqlalchemy import Text, cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSON

from schema.compiler.faults import AliasTooLong

if TYPE_CHECKING:
    from graphql import GraphQLOutputType

_LONGEST_NAME = 63
EMPTY_LIST: Any = literal_column("'[]'::json", JSON)


def quoted(text: str) -> Any:
    """Write one of our own names (a type, a prefix) as a literal."""
    return literal_column("'" + text.replace("'", "''") + "'", Text())


def global_id(prefix: str, tenant_id: Any, row_id: Any) -> Any:
    """Write the global id of a row that two columns name; null when there is none."""
    return quoted(f"{prefix}_").concat(cast(tenant_id, Text)).concat(quoted("_")).concat(cast(row_id, Text))


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
