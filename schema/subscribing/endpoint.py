"""Which way does a subscription come? By WebSocket, or as a POST that wants events; both at /graphql."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.subscribing.socket import Socket
from schema.subscribing.streaming import asks_for_events, stream
from schema.subscribing.telling import Execute, Teller

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from schema.context import Gateway
    from schema.subscribing.waking import Bell


class SubscriptionsEndpoint:
    """The ASGI application behind what is told as it happens."""

    def __init__(self, gateway: Gateway, bell: Bell, execute: Execute) -> None:
        """Serve with the given parts; queries and mutations that come by the same ways are executed, too."""
        self._teller = Teller(gateway, bell, execute)

    def serves(self, scope: Scope) -> bool:
        """Tell whether a request comes by one of these ways."""
        return scope["type"] == "websocket" or (scope.get("method") == "POST" and asks_for_events(scope))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or answer one request."""
        if scope["type"] == "websocket":
            await Socket(self._teller, scope, receive, send).run()
        else:
            await stream(self._teller, scope, receive, send)
