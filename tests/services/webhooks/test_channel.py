"""Does a message come as it should, signed, and to no address that was not looked at?"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from ipaddress import ip_address

import httpx
import pytest

from services.webhooks.addresses import Address
from services.webhooks.channels import ChannelFault, Message, Resolve, WebhookChannel, open_webhook_client, sign
from tests.services.webhooks.receiving import receiving

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_webhook_client() as opened:
        yield opened


def message(url: str, body: bytes = b'{"a":1}') -> Message:
    return Message(uuid.UUID(int=7), url, SECRET, body)


def told(*addresses: str) -> Resolve:
    """Look names up in a book that says this, and then something else."""
    answers = [addresses, ("127.0.0.1",)]

    async def resolve(_host: str, _port: int) -> list[Address]:
        await asyncio.sleep(0)
        return [ip_address(address) for address in answers.pop(0)]

    return resolve


def test_signs_as_standard_webhooks_has_it() -> None:
    # The vector of that specification.
    given = Message(uuid.UUID(int=7), "", SECRET, b'{"test": 2432232314}')

    headers = sign(given, now=datetime.fromtimestamp(1614265330, UTC))

    assert headers["webhook-id"] == str(uuid.UUID(int=7))
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"].startswith("v1,")


async def test_posts_a_signed_message_to_the_address_that_was_looked_up(client: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        channel = WebhookChannel(client, is_inside_allowed=True, resolve=told("127.0.0.1"))

        await channel.send(message(f"http://hooks.example.org:{receiver.port}/hook?a=b"), now=NOW)

    (request,) = receiver.requests
    assert (request.path, request.headers["host"]) == ("/hook?a=b", f"hooks.example.org:{receiver.port}")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == str(uuid.UUID(int=7))
    assert request.body == b'{"a":1}'
    assert request.is_signed_with(SECRET)


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("10.0.0.1",), ("8.8.8.8", "192.168.0.1"), ("::1",), ("::ffff:127.0.0.1",), ("169.254.169.254",)],
)
async def test_sends_nothing_into_a_private_network(client: httpx.AsyncClient, addresses: tuple[str, ...]) -> None:
    async with receiving() as receiver:
        for url in (f"https://hooks.example.org:{receiver.port}/", f"https://{_host(addresses[-1])}:{receiver.port}/"):
            with pytest.raises(ChannelFault, match="private network"):
                await WebhookChannel(client, resolve=told(*addresses)).send(message(url), now=NOW)

    assert receiver.requests == []


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


async def test_sends_nothing_without_tls(client: httpx.AsyncClient) -> None:
    with pytest.raises(ChannelFault, match="https"):
        await WebhookChannel(client, resolve=told("8.8.8.8")).send(message("http://hooks.example.org/"), now=NOW)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500])
async def test_follows_no_redirect_and_takes_success_alone(client: httpx.AsyncClient, status: int) -> None:
    async with receiving(status) as receiver:
        channel = WebhookChannel(client, is_inside_allowed=True)

        with pytest.raises(ChannelFault, match=str(status)):
            await channel.send(message(f"http://127.0.0.1:{receiver.port}/"), now=NOW)

    assert [request.path for request in receiver.requests] == ["/"]


async def test_tells_what_cannot_be_reached(client: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        port = receiver.port
    channel = WebhookChannel(client, is_inside_allowed=True, resolve=told("127.0.0.1"))

    with pytest.raises(ChannelFault, match="not reached"):
        await channel.send(message(f"http://hooks.example.org:{port}/"), now=NOW)
    with pytest.raises(ChannelFault, match="not known"):
        await WebhookChannel(client, resolve=told()).send(message("https://hooks.example.org/"), now=NOW)


async def test_waits_for_no_answer_without_end(client: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        receiver.is_silent = True
        channel = WebhookChannel(client, is_inside_allowed=True, seconds=0.2)

        with pytest.raises(ChannelFault, match="in time"):
            await channel.send(message(f"http://127.0.0.1:{receiver.port}/"), now=NOW)


async def test_takes_no_certificate_that_is_not_the_names(client: httpx.AsyncClient) -> None:
    async with receiving() as receiver:
        channel = WebhookChannel(client, is_inside_allowed=True, resolve=told("127.0.0.1"))

        # The server speaks no TLS at all.
        with pytest.raises(ChannelFault, match="not reached"):
            await channel.send(message(f"https://hooks.example.org:{receiver.port}/"), now=NOW)
