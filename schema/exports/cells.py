"""How does an answer in JSON become rows of cells?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType

from schema.compiler.plan import MAX_PAGE
from schema.exports.labels import choice_of
from schema.exports.paged import NAME
from services.exports.errors import ExportIncomplete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from graphql import GraphQLSchema

    from schema.exports.parts import Leaf, Part
    from services.exports.cells import Cell

_YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}
_Row = dict[str, "Cell"]


@dataclass(slots=True)
class Cells:
    """Makes the cells of one export, in its language and its tenant's time."""

    schema: GraphQLSchema
    language: str
    zone: ZoneInfo

    def maker(self, leaf: Leaf) -> Callable[[Any], Cell]:
        """Give what makes a column's cells of its values; several values stand in one cell."""
        make = self._maker(leaf.type_name)

        def made(value: Any) -> Cell:
            if isinstance(value, list):
                return "、".join(str(make(each)) for each in value if each is not None)
            return None if value is None else make(value)

        return made

    def _maker(self, type_name: str) -> Callable[[Any], Cell]:
        type_ = self.schema.type_map[type_name]
        if isinstance(type_, GraphQLEnumType):
            return lambda value: choice_of(type_, value, self.language)
        yes, no = _YES_NO[self.language]
        known: dict[str, Callable[[Any], Cell]] = {
            "Boolean": lambda value: yes if value else no,
            "Int": lambda value: value,
            "Float": lambda value: value,
            "Decimal": Decimal,
            "Date": date.fromisoformat,
            "DateTime": self.local,
        }
        # Ids, phones and whatever else is written: as it is.
        return known.get(type_name, str)

    def local(self, text: str) -> datetime:
        """Read an instant as the tenant's clocks show it."""
        return datetime.fromisoformat(text).astimezone(self.zone).replace(tzinfo=None, microsecond=0)


@dataclass(slots=True)
class Rows:
    """Makes rows of what a part of an answer holds; a list within it makes several of one."""

    columns: Sequence[Leaf]
    makers: dict[str, Callable[[Any], Cell]]

    @classmethod
    def of(cls, columns: Sequence[Leaf], cells: Cells) -> Rows:
        """Make rows of these columns."""
        return cls(columns, {leaf.dotted: cells.maker(leaf) for leaf in columns})

    def of_object(self, part: Part, value: Any) -> Iterator[list[Cell]]:
        """Give the rows of one object, each with every column in order."""
        for row in self._expanded(part, value):
            yield [row.get(leaf.dotted) for leaf in self.columns]

    def _expanded(self, part: Part, value: Any) -> list[_Row]:
        held: dict[str, Any] = value or {}
        base: _Row = {}
        for leaf in part.leaves:
            make = self.makers.get(leaf.dotted)
            if make is not None and leaf.key in held:
                base[leaf.dotted] = make(held[leaf.key])
        several: list[_Row] | None = None
        for child in part.parts:
            if child.is_again:
                continue
            if child.is_list or child.listed:
                several = (
                    self._listed(child, held.get(child.key))
                    if child.is_list
                    else self._expanded(child, held.get(child.key))
                )
            else:
                base |= self._expanded(child, held.get(child.key))[0]
        return [base] if not several else [base | row for row in several]

    def _listed(self, part: Part, value: Any) -> list[_Row]:
        items = value or []
        if part.is_connection and value is not None:
            items = value["nodes"]
            if value["pageInfo"]["hasNextPage"]:
                raise ExportIncomplete(where=part.dotted, limit=MAX_PAGE)
        check_whole(part, items)
        return [row for item in items for row in self._expanded(part, item)]


def check_whole(part: Part, items: Sequence[Any]) -> None:
    """Go on only where a list that is cut off at its limit has not come to it. Raises ExportIncomplete."""
    if part.limit is not None and part.is_list and len(items) >= part.limit:
        raise ExportIncomplete(where=part.dotted, limit=part.limit)


def names_on_the_way(path: Sequence[Part], value: Any) -> list[str]:
    """Tell what the objects between the root and the list are called, the outermost first."""
    found = []
    for part in path[1:]:
        value = (value or {}).get(part.key)
        name = (value or {}).get(NAME)
        if name:
            found.append(str(name))
    return found


def list_in(path: Sequence[Part], rows: Part, answer: Any) -> Any:
    """Go down an answer to its list, or to its one object; None where something on the way is not there."""
    for part in (*path[1:], rows):
        answer = (answer or {}).get(part.key)
    return answer
