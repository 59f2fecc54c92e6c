"""How are a request's variables taken in: what is each turned into, and what of it shapes the plan?

Prepared once for each declared variable, since graphql-core looks everything up anew in every request. What is not
usual is left to it.
"""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
)
from graphql.type import is_required_input_field
from graphql.utilities.coerce_input_value import coerce_default_value

from schema.compiler.values import decode_id

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from graphql import GraphQLInputType

    Coercer = Callable[[Any], Any]
    Shaper = Callable[[Any], Hashable]

# What is not there; graphql-core's Undefined is equal to None.
ABSENT = ("absent",)

_INT_LIMIT = 2**31
_PLAIN: dict[str, Callable[[Any], bool]] = {
    "ID": lambda value: type(value) is str,
    "String": lambda value: type(value) is str,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and -_INT_LIMIT <= value < _INT_LIMIT,
}


class Unusual(Exception):  # noqa: N818 - no error yet: graphql-core takes the value in, or says what is wrong with it.
    """A value that graphql-core has to look at."""


# --- coercing --------------------------------------------------------------------------------------------------------


def coercer(type_: GraphQLInputType) -> Coercer:
    """Make what turns a value of the type into what graphql-core would, and raises Unusual where it cannot."""
    if isinstance(type_, GraphQLNonNull):
        return _required(coercer(type_.of_type))
    if isinstance(type_, GraphQLList):
        return _each(coercer(type_.of_type))
    if isinstance(type_, GraphQLInputObjectType):
        return _InputObject(type_)
    if isinstance(type_, GraphQLEnumType):
        return _choosing(type_)
    return _plain(_PLAIN.get(type_.name))


def _required(coerce: Coercer) -> Coercer:
    def required(value: Any) -> Any:
        if value is None:
            raise Unusual
        return coerce(value)

    return required


def _each(coerce: Coercer) -> Coercer:
    def each(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise Unusual
        return [coerce(part) for part in value]

    return each


def _choosing(type_: GraphQLEnumType) -> Coercer:
    chosen = {name: type_.coerce_input_value(name) for name in type_.values}

    def choose(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not str or value not in chosen:
            raise Unusual
        return chosen[value]

    return choose


def _plain(is_plain: Callable[[Any], bool] | None) -> Coercer:
    def plain(value: Any) -> Any:
        if value is None or (is_plain is not None and is_plain(value)):
            return value
        raise Unusual

    return plain


class _InputObject:
    """Coerces an input object. Its fields are prepared when they are first given, since types may hold themselves."""

    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._type = type_

    @cached_property
    def _fields(self) -> dict[str, tuple[str, Coercer]]:
        return {name: (field.out_name or name, coercer(field.type)) for name, field in self._type.fields.items()}

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        found = {field.out_name or name: coerce_default_value(field) for name, field in self._type.fields.items()}
        return {name: value for name, value in found.items() if value is not Undefined}

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, field in self._type.fields.items() if is_required_input_field(field))

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict or not self._required <= value.keys() or self._is_unclear(value):
            raise Unusual
        coerced = self._defaults.copy()
        for name, part in value.items():
            field = self._fields.get(name)
            if field is None:
                raise Unusual
            coerced[field[0]] = field[1](part)
        return self._type.out_type(coerced)

    def _is_unclear(self, value: dict[str, Any]) -> bool:
        return self._type.is_one_of and (len(value) != 1 or None in value.values())


# --- shaping ---------------------------------------------------------------------------------------------------------


def shaper(type_: GraphQLInputType) -> Shaper:
    """Make what tells of a coerced value how it shapes the plan: nulls, choices, the type in an id, never the value."""
    named = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(named, GraphQLInputObjectType):
        return _ObjectShape(named)
    if isinstance(named, GraphQLList):
        inner = named.of_type.of_type if isinstance(named.of_type, GraphQLNonNull) else named.of_type
        return _choices if isinstance(inner, GraphQLEnumType) else _list
    if isinstance(named, GraphQLEnumType):
        return _choice
    return _SCALARS.get(named.name, _value)


class _ObjectShape:
    """Shapes an input object, field by field in the type's order."""

    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._type = type_

    @cached_property
    def _fields(self) -> tuple[tuple[str, Shaper], ...]:
        return tuple((field.out_name or name, shaper(field.type)) for name, field in self._type.fields.items())

    def __call__(self, value: Any) -> Hashable:
        if value is None or value is ABSENT:
            return _itself(value)
        return tuple([shape(value.get(name, ABSENT)) for name, shape in self._fields])


def _itself(value: Any) -> Hashable:
    shape: Hashable = value
    return shape


def _value(value: Any) -> Hashable:
    return _itself(value) if value is None or value is ABSENT else "value"


def _list(value: Any) -> Hashable:
    return _itself(value) if value is None or value is ABSENT else "list"


def _choice(value: Any) -> Hashable:
    return value.name if isinstance(value, Enum) else _itself(value)


def _choices(value: Any) -> Hashable:
    return _itself(value) if value is None or value is ABSENT else tuple([_choice(part) for part in value])


def _id(value: Any) -> Hashable:
    if value is None or value is ABSENT:
        return _itself(value)
    found = decode_id(value)
    return found.prefix if found else "!"


_SCALARS: dict[str, Shaper] = {"Boolean": _itself, "ID": _id}
