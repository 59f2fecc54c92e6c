"""What can be asked at all? Documents for every root field, type, filter and order, found in the schema itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from schema.compiler.declare import ById, SameRow
from schema.compiler.model import ReadModel, is_connection

# Of what is summed up, a period in which all of the world of tests/make.py lies.
_DAYS = '(from: "2026-04-10", to: "2026-06-15")'
_PAGE = frozenset({"first", "after", "last", "before"})
_SAMPLES: Mapping[str, Sequence[Any]] = {
    # Texts that find something in the world of tests/make.py, whatever they are compared with.
    "String": ("1号楼", "13800000001", "钱某"),
    "Boolean": (True, False),
    "Int": (0, 3),
    "Date": ("2026-06-01",),
    "DateTime": ("2026-06-01T00:00:00+08:00",),
}


# Fields of one document: the limit is 500.
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Question:
    """A document with its variables."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.document} {dict(self.variables)}"


@dataclass(frozen=True)
class Questions:
    """Makes documents of a schema, given ids by type."""

    model: ReadModel
    ids: Mapping[str, Sequence[str]]
    # How many links the selections follow.
    depth: int = 1

    @property
    def schema(self) -> GraphQLSchema:
        return self.model.schema

    def brief(self) -> Iterator[Question]:
        """Ask for everything by id, and for every list as it is."""
        yield from self.by_id()
        yield from self.roots(is_brief=True)

    def all(self) -> Iterator[Question]:
        """Ask for everything by id, then by every root field with every argument."""
        yield from self.by_id()
        yield from self.roots()

    def by_id(self) -> Iterator[Question]:
        """Ask for each type by its ids, with all its fields and what these lead to."""
        for prefix, type_name in sorted(self.model.prefixes.items()):
            if type_name not in self.ids:
                raise LookupError(f"no row of {type_name} ({prefix}) to ask for: teach tests/make.py one")
            for selection in self.selections(self.schema.type_map[type_name], depth=self.depth):
                document = f"query($id: ID!) {{ node(id: $id) {{ __typename ... on {type_name} {selection} }} }}"
                for global_id in self.ids[type_name]:
                    yield Question(document, {"id": global_id})

    def roots(self, *, is_brief: bool = False) -> Iterator[Question]:
        """Ask every root field without what may be left out, and once with each argument."""
        query: Any = self.schema.query_type
        for name, declared in query.fields.items():
            asked = declared.args
            target = get_named_type(declared.type)
            by_id = self.model.fields["Query", name]
            always = {key: argument for key, argument in asked.items() if isinstance(argument.type, GraphQLNonNull)}
            pages: list[dict[str, Any]] = [{"first": 30}, {"last": 3}] if "first" in asked else [{}]
            if isinstance(by_id, ById):
                for global_id in () if is_brief else self._ids(by_id.types):
                    yield _question(name, asked, {"id": global_id}, self.selection(target, depth=0))
                continue
            required = [
                dict(zip(always, values, strict=True))
                for values in itertools.product(*(self._values(key, argument.type) for key, argument in always.items()))
            ]
            for page, selection in itertools.product(pages, self.selections(target, depth=self.depth)):
                yield _question(name, asked, {**required[0], **page}, selection)
            # A row is chosen by its list's conditions, whatever is then selected of it.
            if is_brief:
                continue
            flat = self.selection(target, depth=0)
            for given in [*required[1:], *self._optional(asked, always, required[0])]:
                yield _question(name, asked, {**given, **pages[0]}, flat)

    def _optional(
        self, asked: Mapping[str, GraphQLArgument], always: Container[str], required: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        for key, argument in asked.items():
            if key not in always and key not in _PAGE:
                yield from ({**required, key: value} for value in self._values(key, argument.type))

    def _values(self, name: str, type_: GraphQLInputType) -> Iterator[Any]:
        """Give sample values of an input; for an input object, each of its fields alone."""
        if isinstance(type_, GraphQLNonNull):
            yield from self._values(name, type_.of_type)
        elif isinstance(type_, GraphQLList):
            yield from ([value] for value in self._values(name, type_.of_type))
        elif isinstance(type_, GraphQLEnumType):
            yield from type_.values
        elif isinstance(type_, GraphQLInputObjectType):
            for key, part in type_.fields.items():
                yield from ({key: value} for value in self._values(key, part.type))
        elif str(type_) == "ID":
            # `gridId` takes a grid's; of what is named otherwise, any may be tried.
            type_name = name.removesuffix("Id").capitalize()
            yield from self._ids((type_name,) if type_name in self.ids else ())
        elif str(type_) in _SAMPLES:
            yield from _SAMPLES[str(type_)]
        else:
            raise LookupError(f"teach {__name__} a value of {type_}")

    def _ids(self, type_names: Sequence[str]) -> Iterator[str]:
        for type_name in type_names or sorted(self.ids):
            yield from self.ids[type_name]

    # --- selections --------------------------------------------------------------------------------------------------

    def selections(self, type_: GraphQLNamedType, *, depth: int) -> list[str]:
        """Select every field, in as many parts as it takes to stay within the limit of fields in a document."""
        if isinstance(type_, GraphQLObjectType) and is_connection(type_):
            nodes = get_named_type(type_.fields["nodes"].type)
            return [f"{{ totalCount nodes {part} }}" for part in self.selections(nodes, depth=depth)]
        if not isinstance(type_, GraphQLObjectType):
            return [self.selection(type_, depth=depth)]
        parts: list[str] = ["__typename"]
        for small in self._small_fields(type_, depth):
            if _size(parts[-1]) + _size(small) > _AT_ONCE:
                parts.append("__typename")
            parts[-1] += f" {small}"
        return [f"{{ {part} }}" for part in parts]

    def _small_fields(self, type_: GraphQLObjectType, depth: int) -> Iterator[str]:
        """Give every field, one that leads to too much in parts."""
        for whole in self._fields(type_, depth):
            if _size(whole) <= _AT_ONCE:
                yield whole
                continue
            name = re.split(r"\W", whole, maxsplit=1)[0]
            target = get_named_type(type_.fields[name].type)
            head = whole[: whole.index("{")]
            is_same = isinstance(self.model.fields.get((type_.name, name)), SameRow)
            yield from (head + part for part in self.selections(target, depth=depth - (not is_same)))

    def selection(self, type_: GraphQLNamedType, *, depth: int) -> str:
        """Select every field of a type, and of what its fields lead to, so many links deep."""
        if isinstance(type_, GraphQLObjectType) and is_connection(type_):
            nodes = get_named_type(type_.fields["nodes"].type)
            return f"{{ totalCount nodes {self.selection(nodes, depth=depth)} }}"
        parts = ["__typename"]
        if isinstance(type_, GraphQLObjectType):
            parts += self._fields(type_, depth)
        elif isinstance(type_, GraphQLInterfaceType):
            parts += self._arms(type_)
        return "{ " + " ".join(parts) + " }"

    def _arms(self, type_: GraphQLInterfaceType) -> Iterator[str]:
        possible = sorted(self.schema.get_possible_types(type_), key=lambda one: one.name)
        kinds: dict[str, set[str]] = {}
        for concrete in possible:
            for name, declared in concrete.fields.items():
                kinds.setdefault(name, set()).add(str(declared.type))
        for concrete in possible:
            # Behind an interface stand many types: their links are followed where each is asked for by its id. What
            # bears one name and is of several types may not stand in one selection: it is asked for there, too.
            alike = [name for name in self._leaves(concrete) if len(kinds[name]) == 1]
            yield f"... on {concrete.name} {{ __typename {' '.join(alike)} }}"

    def _leaves(self, type_: GraphQLObjectType) -> Iterator[str]:
        return (name for name, declared in type_.fields.items() if is_leaf_type(get_named_type(declared.type)))

    def _fields(self, type_: GraphQLObjectType, depth: int) -> Iterator[str]:
        yield from self._leaves(type_)
        for name, declared in type_.fields.items():
            target = get_named_type(declared.type)
            # Sums are asked of a place where it is asked for itself, and not again wherever a link leads to it.
            is_asked = depth == self.depth or "from" not in declared.args
            if depth > 0 and not is_leaf_type(target) and is_asked:
                page = "(first: 20)" if "first" in declared.args else _DAYS if "from" in declared.args else ""
                if "unit" in declared.args:
                    page = page.replace(")", ", unit: MONTH)")
                if "by" in declared.args:
                    page = page.replace(")", ", by: REPORTED)")
                # An object made of the same row leads nowhere.
                is_same = isinstance(self.model.fields.get((type_.name, name)), SameRow)
                yield f"{name}{page} {self.selection(target, depth=depth - (not is_same))}"


def _size(selected: str) -> int:
    """Count the names in a selection: there are no fewer than fields."""
    return len(re.findall(r"\w+", selected))


def _question(name: str, asked: Mapping[str, GraphQLArgument], given: dict[str, Any], selection: str) -> Question:
    declared = ", ".join(f"${key}: {asked[key].type}" for key in given)
    passed = ", ".join(f"{key}: ${key}" for key in given)
    head = f"query({declared})" if given else "query"
    arguments = f"({passed})" if given else ""
    return Question(f"{head} {{ {name}{arguments} {selection} }}", given)
