"""How does a test receive webhooks? By a small server of its own, which keeps what it was sent."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Received:
    """A request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        """Check the signature as a receiver would, by what it has been sent alone."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        made = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return self.headers["webhook-signature"] == f"v1,{made}"


@dataclass(slots=True)
class Receiver:
    """A server on a port of this machine that answers with the next of some statuses, then with the last of them."""

    statuses: list[int] = field(default_factory=lambda: [204])
    requests: list[Received] = field(default_factory=list)
    port: int = 0
    is_silent: bool = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(Received(head.split()[1], headers, body))
        if self.is_silent:
            # Until whoever waits for an answer has gone.
            await reader.read()
            return
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        location = f"location: http://127.0.0.1:{self.port}/elsewhere\r\n" if 300 <= status < 400 else ""
        writer.write(f"HTTP/1.1 {status} X\r\n{location}content-length: 0\r\n\r\n".encode())
        await writer.drain()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncIterator[Receiver]:
    """Receive while the block runs."""
    receiver = Receiver(list(statuses) or [204])
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
