"""Is each report there once when its process is killed amid two hundred, and they are all sent again?"""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.fixtures.processes import Served, changes, jinlin, served, settings
from tests.fixtures.world import WorldDatabase

_COUNT = 200
_REPORT = """
mutation($title: String!, $place: ID!) {
  reportCase(idempotencyKey: $title, input: {title: $title, description: "请处理", categoryCode: "0104", kind: HELP,
    source: PATROL, at: {placeId: $place}}) { case { id } errors { code } }
}
"""


async def _report(gateway: Served, title: str, place: str) -> str | None:
    """Report until it is taken or the process is gone; tell the case's id."""
    while True:
        try:
            told = (await gateway.ask(_REPORT, title=title, place=place))["reportCase"]
        except httpx.TransportError:
            return None
        if told["errors"] != [{"code": "TRY_AGAIN"}]:
            assert told["errors"] == []
            return str(told["case"]["id"])
        await asyncio.sleep(0.1)


async def test_each_report_is_there_once_and_told_once(
    made: WorldDatabase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    environment = settings(made.database, tmp_path_factory.mktemp("production"))
    place = made.world.id("grd", "qingcheng/第一网格")
    titles = [f"第{number}件" for number in range(_COUNT)]
    async with jinlin("worker", environment=environment, anew=True):
        async with served(environment) as first, first.subscribed() as subscriber:
            sent = [asyncio.ensure_future(_report(first, title, place)) for title in titles]
            cursor = (await changes(subscriber, 5))[-1]["cursor"]
            first.process.kill()
            before = await asyncio.gather(*sent)
        async with served(environment) as second, second.subscribed(after=cursor) as subscriber:
            after = await asyncio.gather(*(_report(second, title, place) for title in titles))
            told = [change["case"]["title"] for change in await changes(subscriber, _COUNT - 5)]

    assert any(before)
    assert None in before
    assert all(was in (None, now) for was, now in zip(before, after, strict=True))
    assert len(set(after)) == _COUNT
    assert len(set(told)) == _COUNT - 5
