"""How is a subscription answered by WebSocket? By the sub-protocol graphql-transport-ws, in text frames.

Who is asking, and in which tenant, stands in the message `connection_init` and nowhere else: never in a cookie that a
browser adds by itself, so a page of another origin can open a connection and be nobody by it. Hence no check of the
Origin header, which native clients do not send.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from schema.body import BadBody, checked
from schema.context import Credentials
from schema.endpoint import read_headers
from schema.subscribing.errors import TooManySubscriptions, will_pass
from schema.subscribing.telling import Teller, each, errors_of
from schema.subscribing.waking import Stopping, Waiter
from tenants.errors import TenantUnknown, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from schema.subscribing.following import Change

PROTOCOL = "graphql-transport-ws"
MOST_SUBSCRIPTIONS = 50
SECONDS_TO_BEGIN = 10.0
# Whoever does not take what is sent for so long is cut off; nothing is kept for him, his cursor tells where he was.
_SECONDS_TO_SEND = 20.0

# The protocol's own close codes, and three of the WebSocket's.
_GOING_AWAY = 1001
_TOO_SLOW = 1008
_TRY_LATER = 1013
_INVALID = 4400
_UNAUTHORIZED = 4401
_FORBIDDEN = 4403
_NO_PROTOCOL = 4406
_NOT_BEGUN = 4408
_SAME_ID = 4409
_BEGUN_TWICE = 4429


class _Close(Exception):  # noqa: N818 - how a connection ends, by error or not.
    """The connection ends with a code and a reason; without a code it has ended already."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One connection and what is subscribed to by it."""

    def __init__(self, teller: Teller, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a connection that has not been accepted yet."""
        self._teller = teller
        self._socket = WebSocket(scope, receive, send)
        self._language = read_headers(scope["headers"]).language
        self._caller = Credentials(None, None)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # Frames of several subscriptions go one after the other, and a slow reader is noticed by the first of them.
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve the connection until it ends."""
        if PROTOCOL not in self._socket.scope["subprotocols"]:
            await self._socket.accept()
            await self._socket.close(_NO_PROTOCOL, "Subprotocol not acceptable")
            return
        await self._socket.accept(PROTOCOL)
        waiter = Waiter()
        with self._teller.bell.waiting(waiter):
            end = _Close(None)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._until_stop(waiter))
                    await self._converse(tasks)
            except* _Close as ends:
                end = _first(ends)
            if end.code is not None:
                await self._close(end.code, end.reason)

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(1):
                await self._socket.close(code, reason)
        except (TimeoutError, OSError, WebSocketDisconnect, RuntimeError):
            # Gone already, or deaf: the server drops the connection.
            return

    async def _until_stop(self, waiter: Waiter) -> None:
        while not self._teller.bell.is_stopping:
            waiter.woken.clear()
            await waiter.woken.wait()
        raise _Close(_GOING_AWAY, "Going away")

    # --- what the client says ----------------------------------------------------------------------------------------

    async def _converse(self, tasks: asyncio.TaskGroup) -> None:
        try:
            async with asyncio.timeout(SECONDS_TO_BEGIN):
                await self._begin(await self._hear())
        except TimeoutError:
            raise _Close(_NOT_BEGUN, "Connection initialisation timeout") from None
        while True:
            message = await self._hear()
            match message["type"]:
                case "ping":
                    await self._say({"type": "pong", **_payload(message)})
                case "pong":
                    pass
                case "subscribe":
                    await self._subscribe(message, tasks)
                case "complete":
                    task = self._tasks.pop(_id_of(message), None)
                    if task is not None:
                        task.cancel()
                case "connection_init":
                    raise _Close(_BEGUN_TWICE, "Too many initialisation requests")
                case _:
                    raise _Close(_INVALID, "Invalid message")

    async def _hear(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise _Close(None)
        try:
            message = orjson.loads(received.get("text") or b"")
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Close(_INVALID, "Invalid message")
        return message

    async def _begin(self, message: dict[str, Any]) -> None:
        while message["type"] in ("ping", "pong"):
            if message["type"] == "ping":
                await self._say({"type": "pong", **_payload(message)})
            message = await self._hear()
        if message["type"] == "subscribe":
            raise _Close(_UNAUTHORIZED, "Unauthorized")
        if message["type"] != "connection_init":
            raise _Close(_INVALID, "Invalid message")
        given = message.get("payload") or {}
        if not isinstance(given, dict):
            raise _Close(_INVALID, "Invalid message")
        named = {name.lower(): value for name, value in given.items()}
        self._caller = Credentials(*(_as_header(named.get(name)) for name in ("authorization", "tenant")))
        try:
            await self._teller.gateway.grants(self._caller)
        except (Unauthenticated, TenantUnknown) as refused:
            raise _Close(_FORBIDDEN, f"Forbidden: {refused.code}") from refused
        except Exception as error:
            if not will_pass(error):
                raise
            # Before the connection has begun, the protocol has no message for it; clients come back after this code.
            (told,) = errors_of(error, self._language)
            raise _Close(_TRY_LATER, f"Try again later: {told['extensions']['code']}") from error
        await self._say({"type": "connection_ack"})

    # --- what is subscribed to ---------------------------------------------------------------------------------------

    async def _subscribe(self, message: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        name = _id_of(message)
        if name in self._tasks:
            raise _Close(_SAME_ID, f"Subscriber for {name[:50]} already exists")
        try:
            request = checked(message.get("payload"))
        except BadBody as bad:
            raise _Close(_INVALID, "Invalid message") from bad
        if len(self._tasks) >= MOST_SUBSCRIPTIONS:
            await self._refuse(name, TooManySubscriptions(limit=MOST_SUBSCRIPTIONS))
            return
        try:
            # Before the next message is looked at: what the client does after it has subscribed, it is told of.
            changes = await self._teller.open(request, self._caller, self._language)
        except Exception as error:  # noqa: BLE001 - the last place before the wire.
            await self._fail(name, error)
        else:
            self._tasks[name] = tasks.create_task(self._tell(name, changes))

    async def _tell(self, name: str, changes: AsyncIterator[Change]) -> None:
        head = b'{"id":' + orjson.dumps(name) + b',"type":"next","payload":'
        try:
            async for change in each(changes):
                await self._send(head + change.body + b"}")
            self._forget(name)
            await self._say({"id": name, "type": "complete"})
        except (_Close, Stopping) as end:
            if isinstance(end, _Close):
                raise
        except Exception as error:  # noqa: BLE001 - the last place before the wire.
            self._forget(name)
            await self._fail(name, error)

    async def _fail(self, name: str, error: Exception) -> None:
        """Say why something ends; what the connection began with may not hold any more, for all that goes by it."""
        await self._refuse(name, error)
        if isinstance(error, Unauthenticated):
            raise _Close(_UNAUTHORIZED, "Unauthorized") from error
        if isinstance(error, TenantUnknown):
            raise _Close(_FORBIDDEN, f"Forbidden: {error.code}") from error

    def _forget(self, name: str) -> None:
        if self._tasks.get(name) is asyncio.current_task():
            del self._tasks[name]

    # --- what is said to it ------------------------------------------------------------------------------------------

    async def _refuse(self, name: str, error: Exception) -> None:
        await self._say({"id": name, "type": "error", "payload": errors_of(error, self._language)})

    async def _say(self, message: dict[str, Any]) -> None:
        await self._send(orjson.dumps(message))

    async def _send(self, message: bytes) -> None:
        try:
            async with asyncio.timeout(_SECONDS_TO_SEND), self._sending:
                await self._socket.send_text(message.decode())
        except TimeoutError:
            raise _Close(_TOO_SLOW, "Too slow") from None
        except (WebSocketDisconnect, OSError):
            raise _Close(None) from None


def _first(ends: BaseExceptionGroup[_Close]) -> _Close:
    inner: BaseException = ends
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    return inner if isinstance(inner, _Close) else _Close(None)


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    return {"payload": message["payload"]} if "payload" in message else {}


def _id_of(message: dict[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not name:
        raise _Close(_INVALID, "Invalid message")
    return name


def _as_header(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Close(_INVALID, "Invalid message")
    return value.encode()
