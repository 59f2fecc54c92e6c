"""What might a client ask? Documents made at random from the schema, the same from the same seed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)

MOST_DIRECTIVES = 20
# Around what is in the world of tests/make.py, and at the ends of months.
DAYS = ("2025-05-31", "2026-05-01", "2026-05-19", "2026-05-20", "2026-05-31", "2026-06-01", "2026-06-15", "2099-01-01")


@dataclass(frozen=True, slots=True)
class Stock:
    """What arguments are filled from: ids and texts that mean something to the world, and some that do not."""

    ids: Sequence[str]
    texts: Sequence[str]
    # Cursors by the field, with its order, that hands them out.
    cursors: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document with its variables."""

    text: str
    variables: dict[str, Any]


@dataclass(slots=True)
class DocumentMaker:
    """Makes documents, one after the other."""

    schema: GraphQLSchema
    stock: Stock
    random: Random
    depth: int = 5
    roots: tuple[str, ...] = ()
    _declared: dict[str, str] = field(default_factory=dict)
    _variables: dict[str, Any] = field(default_factory=dict)
    _fragments: list[str] = field(default_factory=list)
    _names: int = 0
    _directives: int = 0

    def make(self) -> MadeDocument:
        """Make the next document."""
        self._declared, self._variables, self._fragments, self._names, self._directives = {}, {}, [], 0, 0
        query = self.schema.query_type
        assert query is not None
        body = " ".join(self._field(query, name, self.depth) for name in self._some_roots(query))
        declared = ", ".join(f"${name}: {type_}" for name, type_ in self._declared.items())
        head = f"query Made({declared}) " if declared else "query Made "
        return MadeDocument("\n".join([f"{head}{{ {body} }}", *self._fragments]), self._variables)

    def _some_roots(self, query: GraphQLObjectType) -> list[str]:
        names = list(self.roots or query.fields)
        return self.random.choices(names, k=self.random.choice((1, 1, 1, 2, 3)))

    def _new(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    # --- selections ----------------------------------------------------------------------------------------------

    def _selection(self, type_: Any, depth: int) -> str:  # noqa: ANN401
        parts = ["__typename"] if self._chance(0.2) else []
        fields = getattr(type_, "fields", {})
        usable = [name for name, one in fields.items() if depth > 0 or is_leaf_type(get_named_type(one.type))]
        if usable:
            parts += [self._field(type_, name, depth) for name in self._some(usable)]
        if is_abstract_type(type_):
            kinds = list(self.schema.get_possible_types(type_))
            parts += [self._fragment(kind, depth) for kind in self.random.sample(kinds, k=min(len(kinds), 3))]
        elif self._chance(0.15):
            parts.append(self._fragment(type_, depth))
        return f"{{ {' '.join(parts or ['__typename'])} }}"

    def _some(self, names: list[str]) -> list[str]:
        return self.random.choices(names, k=min(len(names), self.random.choice((1, 2, 2, 3, 4))))

    def _fragment(self, type_: Any, depth: int) -> str:  # noqa: ANN401
        on: Any = type_
        if self._chance(0.2) and not is_abstract_type(type_) and type_.interfaces:
            on = self.random.choice(type_.interfaces)
        below = self._selection(on, depth - 1) if depth > 0 else "{ __typename }"
        if self._chance(0.4):
            name = self._new("F")
            self._fragments.append(f"fragment {name} on {on.name} {below}")
            return f"...{name}{self._condition()}"
        return f"... on {on.name}{self._condition()} {below}"

    def _field(self, type_: Any, name: str, depth: int) -> str:  # noqa: ANN401
        declared: GraphQLField = type_.fields[name]
        named = get_named_type(declared.type)
        given = self._arguments(f"{type_.name}.{name}", declared)
        # A name of its own wherever the same one could mean something else.
        is_plain = not given and is_leaf_type(named) and type_.name != "Query" and name in ("id", "name", "cursor")
        alias = "" if is_plain else f"{self._new('a')}: "
        below = f" {self._selection(named, depth - 1)}" if is_composite_type(named) else ""
        return f"{alias}{name}{given}{self._condition()}{below}"

    def _condition(self) -> str:
        if self._directives >= MOST_DIRECTIVES or not self._chance(0.08):
            return ""
        self._directives += 1
        name = self.random.choice(("skip", "include"))
        if self._chance(0.5):
            return f" @{name}(if: {self.random.choice(('true', 'false'))})"
        variable = self._new("v")
        if self._chance(0.3):
            self._declared[variable] = f"Boolean = {self.random.choice(('true', 'false'))}"
        else:
            self._declared[variable] = "Boolean!"
            self._variables[variable] = self._chance(0.5)
        return f" @{name}(if: ${variable})"

    # --- arguments -----------------------------------------------------------------------------------------------

    def _arguments(self, owner: str, declared: GraphQLField) -> str:
        names = set(declared.args)
        if "first" in names:
            # A page has one direction.
            backward = self._chance(0.25)
            names -= {"first", "after"} if backward else {"last", "before"}
        given = {}
        for name in declared.args:
            argument = declared.args[name]
            is_needed = isinstance(argument.type, GraphQLNonNull)
            if name in names and (is_needed or name in ("first", "last") or self._chance(0.35)):
                given[name] = self._argument(owner, name, argument, is_needed=is_needed)
        self._match_cursor(owner, given)
        self._order_days(given)
        written = ", ".join(f"{name}: {self._place(declared.args[name], value)}" for name, value in given.items())
        return f"({written})" if written else ""

    def _argument(self, owner: str, name: str, argument: GraphQLArgument, *, is_needed: bool) -> Any:  # noqa: ANN401
        if name in ("first", "last"):
            return self.random.choice((0, 1, 1, 2, 2, 3, 3, 4))
        if name in ("after", "before"):
            return ""
        if not is_needed and self._chance(0.1):
            return None
        return self._value(owner, argument.type)

    def _order_days(self, given: dict[str, Any]) -> None:
        if {"from", "to"} <= given.keys():
            given["from"], given["to"] = sorted((given["from"], given["to"]))
            if "unit" in given:
                # Of so many years there would be too many days.
                given["to"] = min(given["to"], "2026-06-15")
                given["from"] = min(given["from"], given["to"])

    def _match_cursor(self, owner: str, given: dict[str, Any]) -> None:
        order = given.get("orderBy") or [""]
        held = self.stock.cursors.get(f"{owner}.{order[0]}", ())
        # A cursor is of a row that the list has: a filter may leave it out.
        for name in {"after", "before"} & set(given):
            if held and "filter" not in given:
                given[name] = self.random.choice(held)
            else:
                del given[name]

    def _value(self, owner: str, type_: Any) -> Any:  # noqa: ANN401
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            value = self.random.choice(list(named.values))
            return [value] if "[" in str(type_) else value
        if isinstance(named, GraphQLInputObjectType):
            names = list(named.fields)
            fields = self.random.sample(names, k=min(len(names), self.random.choice((0, 1, 1, 2))))
            return {name: self._value(owner, named.fields[name].type) for name in fields}
        plain: dict[str, Sequence[Any]] = {
            "ID": self.stock.ids,
            "Int": (0, 1, 2, 5),
            "Boolean": (True, False),
            "Date": DAYS,
        }
        return self.random.choice(plain.get(named.name, self.stock.texts))

    def _place(self, argument: GraphQLArgument, value: Any) -> str:  # noqa: ANN401
        if self._chance(0.5):
            name = self._new("v")
            self._declared[name] = str(argument.type)
            self._variables[name] = value
            return f"${name}"
        return write_value(value, argument.type)


def write_value(value: Any, type_: Any) -> str:  # noqa: ANN401
    """Write a value as GraphQL has it."""
    named = get_named_type(type_)
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(write_value(part, named) for part in value)}]"
    if isinstance(value, dict):
        parts = (f"{name}: {write_value(part, named.fields[name].type)}" for name, part in value.items())
        return f"{{ {', '.join(parts)} }}"
    return str(value) if isinstance(named, GraphQLEnumType) else json.dumps(value)
