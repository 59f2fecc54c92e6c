"""How does every mutation come by its `idempotencyKey`, and what of a call is compared when it comes again?"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import get_object_definition

if TYPE_CHECKING:
    from strawberry.extensions.field_extension import AsyncExtensionResolver
    from strawberry.types.field import StrawberryField

    from schema.context import GatewayContext

_ARGUMENT = "idempotency_key"
_DESCRIPTION = (
    "The client's own name for one act, 1 to 100 printable characters: the same call again within 7 days does nothing"
    " and answers the same."
)
Type = TypeVar("Type")


@dataclass(frozen=True, slots=True)
class KeyedInput:
    """A mutation's name, the key that came with it, and its input in one settled form."""

    mutation: str
    key: str
    input: bytes


class IdempotencyKeyArgument(FieldExtension):
    """Gives a field the argument, and puts what came with it where the field's command is run."""

    def apply(self, field: StrawberryField) -> None:
        """Add the argument; a schema that is built again finds it there."""
        if all(argument.python_name != _ARGUMENT for argument in field.arguments):
            annotation = StrawberryAnnotation(str | None)
            added = StrawberryArgument(_ARGUMENT, None, annotation, description=_DESCRIPTION, default=None)
            field.arguments = [*field.arguments, added]

    async def resolve_async(
        self,
        next_: AsyncExtensionResolver,
        source: object,
        info: strawberry.Info[GatewayContext, None],
        *,
        idempotency_key: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the field with what it declares itself."""
        keyed = None if idempotency_key is None else KeyedInput(info.field_name, idempotency_key, settled(kwargs))
        # A mutation's fields run one after the other.
        info.context.keyed = keyed
        return await next_(source, info, **kwargs)


def keyed(type_: type[Type]) -> type[Type]:
    """Give every field of a type the argument `idempotencyKey`."""
    for field in get_object_definition(type_, strict=True).fields:
        field.extensions.append(IdempotencyKeyArgument())
    return type_


def settled(arguments: dict[str, Any]) -> bytes:
    """Write coerced arguments so that equal ones have equal bytes; what is left out and null are the same."""
    return orjson.dumps(_plain(arguments), option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.name
        case date() | time() | Decimal() | UUID():
            return str(value)
        case strawberry.Some():
            # Of an input that takes one of several fields, the one that was given.
            return _plain(value.value)
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items() if _is_given(each)}
    if is_dataclass(value):
        return _plain({field.name: getattr(value, field.name) for field in fields(value)})
    raise TypeError(f"teach {__name__} to compare {type(value).__name__}")


def _is_given(value: object) -> bool:
    return value is not None and value is not strawberry.UNSET
