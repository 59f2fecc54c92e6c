"""How does something stand in a statement under a name? With columns that are made when they are asked for.

SQLAlchemy makes all columns anew under each name, and of some thirty a plan asks for five.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnClause, TableClause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import FromClause
    from sqlalchemy.types import TypeEngine


class Columns:
    """The columns of what stands under a name, by their own names."""

    def __init__(self, stood: FromClause, types: Mapping[str, TypeEngine[Any]]) -> None:
        """Take what stands, and the types of its columns."""
        self.types = types
        self._stood = stood
        self._made: dict[str, ColumnClause[Any]] = {}

    def __getitem__(self, name: str) -> ColumnClause[Any]:
        """Give a column.

        Raises KeyError.
        """
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = ColumnClause(name, self.types[name], _selectable=self._stood)
        return made

    def __getattr__(self, name: str) -> ColumnClause[Any]:
        """Give a column.

        Raises AttributeError.
        """
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[ColumnClause[Any]]:
        """Give all of them in their order."""
        return (self[name] for name in self.types)

    def get(self, name: str) -> ColumnClause[Any] | None:
        """Give a column, None if there is no such."""
        return self[name] if name in self.types else None


class PlainTable(TableClause):
    """A stored table as the names and types of its columns alone."""

    inherit_cache = True

    @cached_property
    def types_of_columns(self) -> Mapping[str, TypeEngine[Any]]:
        return {each.name: each.type for each in self.c}

    def alias(self, name: str | None = None, flat: bool = False) -> Any:  # noqa: FBT001, FBT002 - as inherited.
        """Stand the table under a name."""
        return _with_columns(super().alias(name, flat), self.types_of_columns)


def types_of(stood: FromClause) -> Mapping[str, TypeEngine[Any]]:
    """Tell the types of the columns of what stands under a name."""
    columns: Any = stood.c
    return columns.types if isinstance(columns, Columns) else {each.name: each.type for each in columns}


def _with_columns(stood: FromClause, types: Mapping[str, TypeEngine[Any]]) -> FromClause:
    # SQLAlchemy makes `c` when it is first asked for, and keeps it there; what is there already, it leaves alone.
    stood.c = Columns(stood, types)  # type: ignore[misc, assignment]  # Declared as a property, of its own collection.
    return stood
