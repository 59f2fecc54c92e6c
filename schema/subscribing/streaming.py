"""How is a subscription answered as server-sent events? As graphql-sse has it, a POST for each subscription.

`event: next` for each answer, its cursor as the event's id, so that `Last-Event-ID` goes on from there; `event:
complete` at the end; a comment now and then, so that nobody in between takes the silence for an end. A stream that is
cut off because the process stops has no `complete`: clients would take the subscription for ended and not come back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from schema.answers import refused_request
from schema.body import BadBody, read_body
from schema.compiler.documents import InvalidRequest
from schema.endpoint import Headers, read_headers
from schema.subscribing.errors import will_pass
from schema.subscribing.following import Change
from schema.subscribing.telling import Teller, each, errors_of
from schema.subscribing.waking import Stopping
from tenants.errors import Refused, TenantUnknown, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

SECONDS_BETWEEN_COMMENTS = 15.0
# Whoever does not take what is sent for so long is cut off; nothing is kept for him, his cursor tells where he was.
_SECONDS_TO_SEND = 20.0
_EVENTS = b"text/event-stream"
_START = [
    (b"content-type", _EVENTS + b"; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # For proxies that would wait until there is more to send.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE = b"event: complete\ndata:\n\n"


class _Gone(Exception):  # noqa: N818 - no error: clients come and go.
    """The client has gone, or takes nothing."""


def asks_for_events(scope: Scope) -> bool:
    """Tell whether a request wants server-sent events."""
    # In a loop, since every query is asked it, and a generator takes three times as long.
    for name, value in scope["headers"]:  # noqa: SIM110 - see above.
        if name == b"accept" and _EVENTS in value:
            return True
    return False


async def stream(teller: Teller, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request with events, or with what is wrong with it."""
    headers = read_headers(scope["headers"])
    try:
        headers.check()
        request = await read_body(scope["method"], headers.content_type, receive)
        last = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
        changes = await teller.open(request, headers.caller, headers.language, last or None)
    except Exception as error:  # noqa: BLE001 - the last place before the wire.
        await _refuse(error, headers, send)
        return
    is_there, is_complete = True, False
    try:
        async with asyncio.TaskGroup() as tasks:
            await send({"type": "http.response.start", "status": 200, "headers": _START})
            beside = [tasks.create_task(_until_gone(receive)), tasks.create_task(_comment(send))]
            is_complete = await _tell(changes, headers.language, send)
            for task in beside:
                task.cancel()
    except* _Gone:
        is_there = False
    if is_there:
        await send({"type": "http.response.body", "body": _COMPLETE if is_complete else b""})


async def _tell(changes: AsyncIterator[Change], language: str, send: Send) -> bool:
    """Tell all answers; and whether these were all, or the process stops."""
    try:
        async for change in each(changes):
            await _send(_event(change), send)
    except _Gone:
        raise
    except Stopping:
        return False
    except Exception as error:  # noqa: BLE001 - the last place before the wire.
        await _send(_event(Change(refused_request(errors_of(error, language)), "")), send)
    return True


def _event(change: Change) -> bytes:
    mark = f"id: {change.cursor}\n".encode() if change.cursor else b""
    return mark + b"event: next\ndata: " + change.body + b"\n\n"


async def _comment(send: Send) -> None:
    while True:
        await _send(b":\n\n", send)
        await asyncio.sleep(SECONDS_BETWEEN_COMMENTS)


async def _send(body: bytes, send: Send) -> None:
    try:
        async with asyncio.timeout(_SECONDS_TO_SEND):
            await send({"type": "http.response.body", "body": body, "more_body": True})
    except (TimeoutError, OSError) as error:
        raise _Gone from error


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise _Gone


async def _refuse(error: Exception, headers: Headers, send: Send) -> None:
    body = refused_request(errors_of(error, headers.language))
    status = _status_of(error)
    kind = (b"content-type", b"application/json; charset=utf-8")
    start = [kind, (b"content-length", str(len(body)).encode()), _START[1]]
    if status == 503:  # noqa: PLR2004
        start.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


def _status_of(error: Exception) -> int:
    if isinstance(error, BadBody):
        return error.status
    if will_pass(error):
        return 503
    known: dict[type[Exception], int] = {Unauthenticated: 401, TenantUnknown: 403}
    return known.get(type(error), 400 if isinstance(error, (Refused, InvalidRequest)) else 500)
