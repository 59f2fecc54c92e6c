"""Where does each bound value of a plan come from? Arguments are never written into SQL."""

from __future__ import annotations

import hashlib
import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    type_from_ast,
    value_from_ast,
)
from sqlalchemy import Integer, Text, Uuid, bindparam

from schema.compiler.faults import BadCursor, NullGiven

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import BindParameter
    from sqlalchemy.types import TypeEngine

    from schema.compiler.context import RequestContext

    Variables = Mapping[str, Any]
    Getter = Callable[[Variables, RequestContext], Any]

_LONGEST_ID = 60
_LONGEST_CURSOR = 4000
_GLOBAL_ID = re.compile(
    r"([a-z]{3})_(0|[1-9][0-9]{0,8})_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)


@dataclass(frozen=True, slots=True)
class GlobalIdValue:
    """A decoded global id: the type's prefix, the tenant's number (0 for shared rows), the row's id."""

    prefix: str
    tenant_id: int
    row_id: uuid.UUID


def decode_id(text: str) -> GlobalIdValue | None:
    """Read a global id; None when it cannot be one."""
    # What is too long to be one is not remembered either.
    return None if len(text) > _LONGEST_ID else _decode(text)


@lru_cache(maxsize=8192)
def _decode(text: str) -> GlobalIdValue | None:
    found = _GLOBAL_ID.fullmatch(text)
    return None if found is None else GlobalIdValue(found[1], int(found[2]), uuid.UUID(found[3]))


def _of_type(text: str, prefix: str) -> GlobalIdValue | None:
    found = decode_id(text)
    return found if found is not None and found.prefix == prefix else None


def encode_id(prefix: str, tenant_id: int, row_id: uuid.UUID) -> str:
    """Write a global id."""
    return f"{prefix}_{tenant_id}_{row_id}"


def sign_cursor(secret: str, label: str, payload: str) -> str:
    """Sign a cursor's payload as the statement does it: 16 hexadecimal digits."""
    inner = hashlib.sha256(f"{secret}{label}{payload}".encode()).hexdigest()
    return hashlib.sha256(f"{secret}{inner}".encode()).hexdigest()[:16]


def encode_cursor(secret: str, label: str, parts: list[Any]) -> str:
    """Write a cursor that `decode_cursor` reads under the same label."""
    payload = orjson.dumps(parts).decode()
    encoded = urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    return f"{encoded}.{sign_cursor(secret, label, payload)}"


def decode_cursor(secret: str, label: str, cursor: object) -> list[Any]:
    """Read a cursor of the list and order named by the label: its order value and id.

    Raises BadCursor.
    """
    if len(str(cursor)) > _LONGEST_CURSOR:
        raise BadCursor
    try:
        encoded, signature = str(cursor).split(".")
        payload = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        if signature == sign_cursor(secret, label, payload):
            parts: list[Any] = orjson.loads(payload)
            return parts
    except (ValueError, Base64Error, UnicodeDecodeError):
        pass
    raise BadCursor


@dataclass(slots=True)
class Binds:
    """The values that one plan binds, by name, in the order they were asked for."""

    getters: dict[str, Getter] = field(default_factory=dict)

    def bind(self, getter: Getter, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """Bind a value that a request will bring."""
        name = f"p{len(self.getters)}"
        self.getters[name] = getter
        return bindparam(name, type_=type_)


@dataclass(frozen=True, slots=True)
class Value:
    """One argument's value: as it is in the request being planned, and how to get it in the next."""

    sample: Any
    get: Getter
    binds: Binds

    def bind(self, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """Bind the value as it is."""
        return self.binds.bind(self.get, type_)

    def mapped(self, convert: Callable[[Any, RequestContext], Any], type_: TypeEngine[Any]) -> BindParameter[Any]:
        """Bind what the value is turned into."""
        get = self.get
        return self.binds.bind(lambda variables, context: convert(get(variables, context), context), type_)

    @property
    def prefix(self) -> str | None:
        """The type named by a global id; it is part of the plan's key."""
        found = decode_id(str(self.sample))
        return found.prefix if found else None

    def row_id(self, prefix: str) -> BindParameter[Any]:
        """Bind the row that a global id of the type names; null, which equals nothing, for any other text."""
        return self.mapped(lambda text, _: (found := _of_type(text, prefix)) and found.row_id, Uuid())

    def id_tenant(self, prefix: str) -> BindParameter[Any]:
        """Bind the tenant that a global id of the type names; null for any other text."""
        return self.mapped(lambda text, _: (found := _of_type(text, prefix)) and found.tenant_id, Integer())

    def text(self) -> BindParameter[Any]:
        """Bind a text."""
        return self.bind(Text())


# An argument: absent (not in its mapping), null, a value, an input object, or a list with variables inside.
Argument = "Value | dict[str, Argument] | list[Argument] | None"


def _unwrapped(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def from_sample(sample: Any, type_: Any, get: Getter, binds: Binds) -> Any:
    """Open up a coerced value: input objects become mappings of what is in them."""
    if sample is None:
        return None
    named = _unwrapped(type_)
    if isinstance(named, GraphQLInputObjectType):
        return {key: from_sample(part, named.fields[key].type, _part(get, key), binds) for key, part in sample.items()}
    return Value(sample, get, binds)


def _part(get: Getter, key: str) -> Getter:
    return lambda variables, context: get(variables, context)[key]


def from_ast(node: ValueNode, type_: GraphQLInputType, variables: Variables, binds: Binds) -> Any:
    """Read an argument as written: constants, variables, or an object with variables inside.

    Gives Undefined for a variable that the request leaves out. Raises NullGiven.
    """
    if isinstance(node, VariableNode):
        name = node.name.value
        if name not in variables:
            return Undefined
        if variables[name] is None and isinstance(type_, GraphQLNonNull):
            raise NullGiven(name=name)
        return from_sample(variables[name], type_, lambda given, _: given[name], binds)
    if isinstance(node, NullValueNode):
        return None
    named = _unwrapped(type_)
    if isinstance(node, ObjectValueNode) and isinstance(named, GraphQLInputObjectType):
        fields = {
            part.name.value: from_ast(part.value, named.fields[part.name.value].type, variables, binds)
            for part in node.fields
        }
        return {key: value for key, value in fields.items() if value is not Undefined}
    if isinstance(node, ListValueNode) and any(isinstance(part, VariableNode) for part in node.values):
        return _list_of(node, named.of_type, variables, binds)
    constant = value_from_ast(node, type_)
    return from_sample(constant, type_, lambda _, __: constant, binds)


def _list_of(node: ListValueNode, type_: Any, variables: Variables, binds: Binds) -> Value:
    parts = [from_ast(part, type_, variables, binds) for part in node.values]
    values = [part for part in parts if isinstance(part, Value)]
    return Value(
        [part.sample for part in values],
        lambda given, context: [part.get(given, context) for part in values],
        binds,
    )


def variable_type(schema: GraphQLSchema, definition: VariableDefinitionNode) -> Any:
    """Find the type of a declared variable."""
    return type_from_ast(schema, definition.type)
