"""How does a message leave for another system? By a channel; a webhook, signed, is the one that there is.

As Standard Webhooks has it: the headers webhook-id, webhook-timestamp and webhook-signature, an HMAC with SHA-256 over
the three parts that a receiver has.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import socket
import ssl
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Protocol

import httpx

from services.webhooks.addresses import Address, is_public

SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with is none.
_SECONDS_TO_CONNECT = 5.0
_SECONDS_IN_ALL = 10.0
_SUCCESS = range(200, 300)


class ChannelFault(Exception):  # noqa: N818 - told to whoever tries again.
    """A message that was not taken; the text says why, without anything that the other side wrote."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and where: to an endpoint, signed with its secret. `id` is the same at every attempt."""

    id: uuid.UUID
    url: str
    secret: str = field(repr=False)
    body: bytes


class Channel(Protocol):
    """A way out."""

    async def send(self, message: Message, *, now: datetime) -> None:
        """Deliver a message. Raises ChannelFault."""
        ...


Resolve = Callable[[str, int], Awaitable[list[Address]]]


async def resolve(host: str, port: int) -> list[Address]:
    """Look a name up."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


def sign(message: Message, *, now: datetime) -> dict[str, str]:
    """Make the headers by which a receiver knows that a message is ours, new, and which it is."""
    stamp = str(int(now.timestamp()))
    signed = b".".join((str(message.id).encode(), stamp.encode(), message.body))
    key = base64.b64decode(message.secret.removeprefix(SECRET_PREFIX))
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {"webhook-id": str(message.id), "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts messages to endpoints, never into a private network unless that is allowed, and follows no redirect.

    A name is looked up once, and the very address that was looked at is connected to: the next answer may be another.
    """

    client: httpx.AsyncClient
    is_inside_allowed: bool = False
    resolve: Resolve = resolve
    # How long a message may take in all.
    seconds: float = _SECONDS_IN_ALL

    async def send(self, message: Message, *, now: datetime) -> None:
        """Deliver a message. Raises ChannelFault."""
        try:
            async with asyncio.timeout(self.seconds):
                await self._send(message, now)
        except TimeoutError as error:
            raise ChannelFault("no answer in time") from error
        except (OSError, httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise ChannelFault(f"not reached: {type(error).__name__}") from error

    async def _send(self, message: Message, now: datetime) -> None:
        url = httpx.URL(message.url)
        if url.scheme != "https" and not self.is_inside_allowed:
            raise ChannelFault("only https is allowed")
        address = await self._address(url)
        headers = {"host": url.netloc.decode(), "content-type": "application/json", **sign(message, now=now)}
        request = self.client.build_request(
            "POST",
            url.copy_with(host=str(address)),
            content=message.body,
            headers=headers,
            # The certificate has to be that of the name.
            extensions={"sni_hostname": url.raw_host.decode()},
        )
        # What is answered does not matter, and may be without end.
        answer = await self.client.send(request, stream=True)
        await answer.aclose()
        if answer.status_code not in _SUCCESS:
            raise ChannelFault(f"answered with status {answer.status_code}")

    async def _address(self, url: httpx.URL) -> Address:
        host, port = url.raw_host.decode(), url.port or (443 if url.scheme == "https" else 80)
        try:
            known = [ip_address(host)]
        except ValueError:
            known = await self.resolve(host, port)
        return self._checked(known)

    def _checked(self, addresses: list[Address]) -> Address:
        if not addresses:
            raise ChannelFault("the name is not known")
        # A name that also leads inside is as bad as one that does only that.
        if not self.is_inside_allowed and not all(is_public(address) for address in addresses):
            raise ChannelFault("leads to a private network")
        return addresses[0]


def open_webhook_client() -> httpx.AsyncClient:
    """Open what posts: no proxy or netrc of the environment, no cookie, certificates as the system trusts them."""
    timeout = httpx.Timeout(_SECONDS_IN_ALL, connect=_SECONDS_TO_CONNECT)
    # A connection is known by its address alone: kept, it would serve another name at the same one.
    alone = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(
        verify=ssl.create_default_context(), trust_env=False, follow_redirects=False, timeout=timeout, limits=alone
    )
