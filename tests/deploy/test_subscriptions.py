"""Does what happens reach subscribers of real processes, over sockets: all of it, in order, whatever dies?"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import pytest
import websockets

from schema.subscribing.socket import MOST_SUBSCRIPTIONS
from tests.fixtures.gateway import caller_headers
from tests.fixtures.outages import out_of_reach
from tests.fixtures.processes import Served, changes, hear, jinlin, say, served, settings
from tests.fixtures.streaming import FEED
from tests.fixtures.world import WorldDatabase

_REPORT = """
mutation($title: String!, $place: ID!) {
  reportCase(input: {title: $title, description: "请处理", categoryCode: "0104", kind: HELP, source: PATROL,
    at: {placeId: $place}}) { case { id } errors { code } }
}
"""
_NOTHING = 'mutation { moveBuilding(buildingId: "x", gridId: "y") { errors { code } } }'


@pytest.fixture(scope="module")
def environment(made: WorldDatabase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return settings(made.database, tmp_path_factory.mktemp("production"))


@pytest.fixture(scope="module")
async def gateway(environment: dict[str, str]) -> AsyncIterator[Served]:
    """The process that all tests of this file may use, and none may end."""
    async with served(environment) as gateway:
        yield gateway


@pytest.fixture
async def worker(environment: dict[str, str]) -> AsyncIterator[None]:
    """A worker, as long as the test runs."""
    async with jinlin("worker", environment=environment):
        yield


@pytest.fixture
def report(gateway: Served, made: WorldDatabase) -> Callable[[int], Awaitable[list[str]]]:
    """Report so many cases at once; tell their titles."""
    place = made.world.id("grd", "qingcheng/第一网格")

    async def one(title: str) -> str:
        async with asyncio.timeout(60):
            while True:
                errors = (await gateway.ask(_REPORT, title=title, place=place))["reportCase"]["errors"]
                if errors != [{"code": "TRY_AGAIN"}]:
                    break
                # So many at once may have to wait longer for a connection than the gateway lets anybody wait.
                await asyncio.sleep(0.1)
        assert errors == []
        return title

    async def several(count: int, start: int = 0) -> list[str]:
        return list(await asyncio.gather(*(one(f"第{start + number}件") for number in range(count))))

    return several


def titles(told: list[dict[str, Any]]) -> list[str]:
    return [change["case"]["title"] for change in told]


async def _in_order(made: WorldDatabase, after: int = 0) -> list[str]:
    """List the titles of what happened, in the order of the numbers."""
    connection = await asyncpg.connect(made.database.owner_url)
    rows = await connection.fetch(
        """select d.title from events e join case_details d on d.tenant_id = e.tenant_id and d.id = e.case_id
           where e.sequence > $1 order by e.sequence""",
        after,
    )
    await connection.close()
    return [row["title"] for row in rows]


async def _newest(made: WorldDatabase) -> int:
    connection = await asyncpg.connect(made.database.owner_url)
    newest: int = await connection.fetchval("select coalesce(max(sequence), 0) from events")
    await connection.close()
    return newest


# --- what arrives ----------------------------------------------------------------------------------------------------


async def test_a_burst_arrives_whole_and_in_order_at_every_process(
    gateway: Served,
    environment: dict[str, str],
    made: WorldDatabase,
    report: Callable[[int], Awaitable[list[str]]],
    worker: None,
) -> None:
    assert worker is None
    before = await _newest(made)
    async with served(environment) as other, gateway.subscribed() as here, other.subscribed() as there:
        reported = await report(200)
        arrived, elsewhere = await asyncio.gather(changes(here, 200), changes(there, 200))

    assert titles(arrived) == titles(elsewhere) == await _in_order(made, before)
    assert sorted(titles(arrived)) == sorted(reported)
    assert [change["cursor"] for change in arrived] == [change["cursor"] for change in elsewhere]


async def test_nothing_is_lost_when_workers_are_killed(
    gateway: Served, environment: dict[str, str], report: Callable[..., Awaitable[list[str]]]
) -> None:
    arrived: list[dict[str, Any]] = []
    async with gateway.subscribed() as subscriber:
        reported = []
        for start in range(0, 60, 20):
            async with jinlin("worker", environment=environment) as first, jinlin("worker", environment=environment):
                sending = asyncio.ensure_future(report(20, start))
                arrived += await changes(subscriber, start + 3 - len(arrived))
                first.kill()
                reported += await sending
        async with jinlin("worker", environment=environment):
            arrived += await changes(subscriber, 60 - len(arrived))

    assert sorted(titles(arrived)) == sorted(reported)


async def test_a_subscriber_goes_on_at_a_restarted_process(
    environment: dict[str, str], report: Callable[..., Awaitable[list[str]]], worker: None
) -> None:
    assert worker is None
    async with served(environment) as first:
        async with first.subscribed() as subscriber:
            await report(10)
            arrived = await changes(subscriber, 10)
        first.process.kill()
    missed = await report(5, 10)
    async with served(environment) as second, second.subscribed(after=arrived[3]["cursor"]) as subscriber:
        later = asyncio.ensure_future(report(5, 15))
        again = await changes(subscriber, 16)
        reported = await later

    assert titles(again)[:6] == titles(arrived)[4:]
    assert sorted(titles(again)[6:]) == sorted(missed + reported)


async def test_events_arrive_by_post_with_ids_to_go_on_from(
    gateway: Served, report: Callable[..., Awaitable[list[str]]], worker: None
) -> None:
    assert worker is None
    headers = {**caller_headers("worker", "qingcheng"), "Accept": "text/event-stream"}
    async with gateway.http.stream("POST", "/graphql", json={"query": FEED}, headers=headers) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ":"
        await report(2)
        # Comments keep the connection alive, however long nothing comes.
        async with asyncio.timeout(60):
            told = [await _event(lines) for _ in range(2)]

    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [event["event"] for event in told] == ["next", "next"]
    for event in told:
        assert json.loads(event["data"])["data"]["caseChanged"]["cursor"] == event["id"]


async def _event(lines: AsyncIterator[str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    async for line in lines:
        if not line and parts:
            return parts
        name, _, value = line.partition(": ")
        if value:
            parts[name] = value
    raise AssertionError


async def test_a_subscriber_goes_on_after_an_outage_in_which_nobody_can_begin(
    gateway: Served, made: WorldDatabase, report: Callable[..., Awaitable[list[str]]], worker: None
) -> None:
    assert worker is None
    async with gateway.subscribed() as subscriber:
        before = await report(1)
        arrived = await changes(subscriber, 1)
        async with out_of_reach(made.database):
            await say(subscriber, "subscribe", id="late", payload={"query": FEED})
            refused = await hear(subscriber)
            with pytest.raises(websockets.ConnectionClosed) as unknown:
                # Of this account nothing is remembered here.
                async with gateway.signed_in("manager"):
                    pass
        # What writes learns of an outage by its next statement, and connects anew after that.
        await gateway.http.post("/graphql", json={"query": _NOTHING}, headers=caller_headers("worker", "qingcheng"))
        after = await report(1, 1)
        arrived += await changes(subscriber, 1)

    assert (refused["id"], refused["type"]) == ("late", "error")
    assert [error["extensions"]["code"] for error in refused["payload"]] == ["UNAVAILABLE"]
    assert unknown.value.rcvd is not None
    assert (unknown.value.rcvd.code, unknown.value.rcvd.reason) == (1013, "Try again later: UNAVAILABLE")
    assert titles(arrived) == before + after


# --- the sub-protocol ------------------------------------------------------------------------------------------------


async def test_answers_queries_and_pings_and_stops_what_is_completed(
    gateway: Served, report: Callable[..., Awaitable[list[str]]], worker: None
) -> None:
    assert worker is None
    async with gateway.signed_in() as client:
        await say(client, "ping", payload={"at": 1})
        pong = await hear(client)
        await say(client, "subscribe", id="q", payload={"query": "{ me { tenant { slug } } }"})
        answer = [await hear(client), await hear(client)]
        await say(client, "subscribe", id="s", payload={"query": FEED})
        await say(client, "subscribe", id="bad", payload={"query": "subscription { nothing }"})
        refused = await hear(client)
        await say(client, "complete", id="s")
        await report(1)
        await asyncio.sleep(0.5)
        await say(client, "ping")
        after = await hear(client)

    assert pong == {"type": "pong", "payload": {"at": 1}}
    assert answer == [
        {"id": "q", "type": "next", "payload": {"data": {"me": {"tenant": {"slug": "qingcheng"}}}}},
        {"id": "q", "type": "complete"},
    ]
    assert (refused["id"], refused["type"]) == ("bad", "error")
    assert refused["payload"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert after == {"type": "pong"}


def _wrong() -> Iterator[tuple[str, list[str], int]]:
    query = {"query": "{ __typename }"}
    yield "not JSON", ["{"], 4400
    yield "no message", ["[]"], 4400
    yield "unknown type", [json.dumps({"type": "start"})], 4400
    yield "too early", [json.dumps({"type": "subscribe", "id": "1", "payload": query})], 4401
    yield "no token", [json.dumps({"type": "connection_init"})], 4403
    yield "bad token", [json.dumps({"type": "connection_init", "payload": {"authorization": "Bearer x"}})], 4403


@pytest.mark.parametrize(("frames", "code"), [(frames, code) for _, frames, code in _wrong()])
async def test_closes_on_whoever_does_not_keep_to_it(gateway: Served, frames: list[str], code: int) -> None:
    async with gateway.connected() as client:
        for frame in frames:
            await client.send(frame)
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(client.recv(), 10)

    assert client.close_code == code


async def test_closes_on_whoever_begins_twice_or_uses_an_id_twice(gateway: Served) -> None:
    codes = []
    for kind, parts in (("connection_init", {}), ("subscribe", {"id": "1", "payload": {"query": FEED}})):
        async with gateway.subscribed() as client:
            await say(client, kind, **parts)
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(client.recv(), 10)
        codes.append(client.close_code)

    assert codes == [4429, 4409]


async def test_refuses_more_subscriptions_than_anybody_needs(gateway: Served) -> None:
    async with gateway.signed_in() as client:
        for number in range(MOST_SUBSCRIPTIONS + 1):
            await say(client, "subscribe", id=str(number), payload={"query": FEED})
        refused = await hear(client)

    assert (refused["id"], refused["type"]) == (str(MOST_SUBSCRIPTIONS), "error")
    assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"


async def test_closes_on_whoever_says_nothing(gateway: Served) -> None:
    async with gateway.connected() as client:
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(client.recv(), 15)

    assert client.close_code == 4408


async def test_says_goodbye_when_it_is_told_to_end(environment: dict[str, str]) -> None:
    async with served(environment) as gateway:
        headers = {**caller_headers("worker", "qingcheng"), "Accept": "text/event-stream"}
        async with (
            gateway.subscribed() as client,
            gateway.signed_in() as idle,
            gateway.http.stream("POST", "/graphql", json={"query": FEED}, headers=headers) as stream,
        ):
            lines = stream.aiter_lines()
            assert await anext(lines) == ":"
            gateway.process.send_signal(signal.SIGTERM)
            for one in (client, idle):
                with pytest.raises(websockets.ConnectionClosed):
                    await asyncio.wait_for(one.recv(), 10)
            rest = [line async for line in lines]
        _, told = await asyncio.wait_for(gateway.process.communicate(), 10)

    assert (client.close_code, idle.close_code) == (1001, 1001)
    # Not that the subscription is complete: clients of graphql-sse would not come back.
    assert [line for line in rest if line not in {"", ":"}] == []
    assert (gateway.process.returncode, told.decode()) == (0, "")
