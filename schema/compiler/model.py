"""What is each field of the schema read from? Checked whole when the schema is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from schema.compiler.declare import METADATA_KEY, Arms, ById, Declaration, Root, SameRow, Source, Where
from schema.compiler.feeds import Feed, Letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import GraphQLSchema

BACKREF = "strawberry-definition"
CONNECTION_FIELDS = frozenset({"edges", "nodes", "pageInfo", "totalCount"})


class UnreadableFieldError(TypeError):
    """A query field that does not say what it is read from."""


@dataclass(frozen=True)
class ReadModel:
    """The schema with, for every field that a query reaches, its declaration."""

    schema: GraphQLSchema
    sources: dict[str, Source | Arms | None]
    fields: dict[tuple[str, str], Declaration]
    wheres: dict[tuple[str, str], Where]
    # Global-id prefix to type.
    prefixes: dict[str, str]
    # By the name of a subscription's root field.
    feeds: dict[str, Feed | Letters]

    def source(self, type_name: str) -> Source:
        """Tell what a concrete type is read from."""
        source = self.sources[type_name]
        if not isinstance(source, Source):
            message = f"{type_name} is not read from rows"
            raise UnreadableFieldError(message)
        return source

    def permission(self, source: Source | Arms | None) -> str | None:
        """Name the permission that a source asks for; for an interface that of the first of its types."""
        if isinstance(source, Arms):
            return self.source(next(iter(source.types.values()))).permission
        return None if source is None else source.permission

    def return_type(self, type_name: str, field_name: str) -> GraphQLNamedType:
        """Tell the type that a field leads to."""
        owner: Any = self.schema.type_map[type_name]
        return get_named_type(owner.fields[field_name].type)  # type: ignore[no-any-return]

    def is_list(self, type_name: str, field_name: str) -> bool:
        """Tell whether a field's answer is a list."""
        owner: Any = self.schema.type_map[type_name]
        type_ = owner.fields[field_name].type
        return isinstance(getattr(type_, "of_type", type_), GraphQLList) or isinstance(type_, GraphQLList)


def is_connection(type_: GraphQLNamedType) -> bool:
    """Tell whether a type is a connection, by its name as Relay has it."""
    return isinstance(type_, GraphQLObjectType) and type_.name.endswith("Connection")


def build_model(schema: GraphQLSchema) -> ReadModel:
    """Walk every type that a query reaches and gather what each field is read from.

    Raises UnreadableFieldError for a field that says nothing, so that a second way to read cannot slip in.
    """
    model = ReadModel(schema, {}, {}, {}, {}, {})
    if schema.query_type is None:
        return model
    _visit(schema.query_type, model)
    for mutation_field in schema.mutation_type.fields.values() if schema.mutation_type else ():
        for part in getattr(get_named_type(mutation_field.type), "fields", {}).values():
            if _declaration(part) is not None:
                _visit(get_named_type(part.type), model)
    for name, feed in schema.subscription_type.fields.items() if schema.subscription_type else ():
        _visit_feed(schema.subscription_type, name, feed, model)
    return model


def _visit_feed(owner: Any, name: str, feed: Any, model: ReadModel) -> None:
    declared = _require(owner, name, feed)
    if not isinstance(declared, Feed | Letters):
        message = f"{owner.name}.{name} is no feed (schema.compiler.declare)"
        raise UnreadableFieldError(message)
    model.feeds[name] = declared
    _visit(model.schema.type_map[declared.type_name], model)
    for argument in feed.args.values():
        _visit(get_named_type(argument.type), model)


def _visit(type_: GraphQLNamedType, model: ReadModel) -> None:
    if type_.name in model.sources:
        return
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        model.sources[type_.name] = _declared_source(type_)
        for concrete in _implementations(type_, model):
            _visit(concrete, model)
    elif isinstance(type_, GraphQLInputObjectType):
        _visit_filter(type_, model)
    elif isinstance(type_, GraphQLObjectType):
        _visit_object(type_, model)


def _visit_object(type_: GraphQLObjectType, model: ReadModel) -> None:
    source = _declared_source(type_)
    model.sources[type_.name] = source
    if isinstance(source, Source) and source.prefix is not None:
        model.prefixes[source.prefix] = type_.name
    for name, field in type_.fields.items():
        if not (is_connection(type_) or type_.name.endswith("Edge") or type_.name == "PageInfo"):
            model.fields[type_.name, name] = _require(type_, name, field)
        _visit(get_named_type(field.type), model)
        for argument in field.args.values():
            _visit(get_named_type(argument.type), model)


def _visit_filter(type_: GraphQLInputObjectType, model: ReadModel) -> None:
    model.sources[type_.name] = None
    for name, field in type_.fields.items():
        declared = _declaration(field)
        if isinstance(declared, Where):
            model.wheres[type_.name, name] = declared
        elif isinstance(get_named_type(field.type), GraphQLInputObjectType):
            _visit(get_named_type(field.type), model)


def _implementations(type_: GraphQLInterfaceType | GraphQLUnionType, model: ReadModel) -> Iterable[GraphQLNamedType]:
    return model.schema.get_possible_types(type_)


def _declared_source(type_: GraphQLNamedType) -> Source | Arms | None:
    definition = (type_.extensions or {}).get(BACKREF)
    origin = getattr(definition, "origin", None)
    return vars(origin).get("__read__") if isinstance(origin, type) else None


def _declaration(field: Any) -> Any:
    definition = (field.extensions or {}).get(BACKREF)
    return definition.metadata.get(METADATA_KEY) if definition is not None else None


def _require(type_: GraphQLObjectType, name: str, field: Any) -> Declaration:
    declared = _declaration(field)
    if declared is None or isinstance(declared, Where):
        message = f"{type_.name}.{name} does not say what it is read from (schema.compiler.declare)"
        raise UnreadableFieldError(message)
    if isinstance(declared, ById | Root | SameRow):
        return declared
    return declared  # type: ignore[no-any-return]
