"""How does a subscription, or whatever else comes by its ways, become messages and refusals?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from graphql import OperationType

from schema.answers import fault, graphql_errors, refusal, unavailable
from schema.compiler.documents import InvalidRequest
from schema.subscribing.errors import will_pass
from schema.subscribing.following import Change, Subscribed
from schema.subscribing.letters import follow
from tenants.errors import Refused

if TYPE_CHECKING:
    from schema.context import Credentials, Gateway
    from schema.subscribing.waking import Bell


class Execute(Protocol):
    """Answers queries and mutations."""

    async def __call__(self, request: dict[str, Any], caller: Credentials, language: str) -> bytes:
        """Answer with the bytes of a body. Raises InvalidRequest, Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Teller:
    """Answers operations that are sent by a way on which more than one answer can come."""

    gateway: Gateway
    bell: Bell
    execute: Execute

    async def open(
        self, request: dict[str, Any], caller: Credentials, language: str, last_cursor: str | None = None
    ) -> AsyncIterator[Change]:
        """Begin an operation; give its answers, without end for a subscription.

        Whatever happens from then on is told. Raises InvalidRequest, Refused.
        """
        operation = self.gateway.reader.document(request["query"]).operation(request.get("operationName"))
        if operation.kind is not OperationType.SUBSCRIPTION:
            return _once(self.execute(request, caller, language))
        variables = operation.coerce(request.get("variables") or {})
        following = follow(self.gateway, self.bell, Subscribed(caller, language, operation, variables, last_cursor))
        await following.start()
        return following.changes()


async def _once(answered: Awaitable[bytes]) -> AsyncIterator[Change]:
    yield Change(await answered, "")


async def each(changes: AsyncIterator[Change]) -> AsyncIterator[Change]:
    """Give the answers, each on one line, and end what gives them when nobody asks for more."""
    async with aclosing(changes) as open_changes:  # type: ignore[type-var]
        async for body, cursor in open_changes:
            # Where PostgreSQL put lists together there are line ends, none of them inside a text.
            yield Change(body.replace(b"\n", b""), cursor)


def errors_of(error: Exception, language: str) -> list[dict[str, Any]]:
    """Write what went wrong as GraphQL's errors; what is not expected is logged and told by a reference."""
    if isinstance(error, InvalidRequest):
        return graphql_errors(error.errors, language)
    if isinstance(error, Refused):
        return [refusal(error, language)]
    if will_pass(error):
        return [unavailable(error, language)]
    return [fault(error, language)]
