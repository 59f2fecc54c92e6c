"""Are summaries and writers measured at all, and is the count beside them the same?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from deploy.app import GRAPHQL, create_app
from deploy.bench.cities import Scale
from deploy.bench.direct_count import count_sums
from deploy.bench.summaries import Summed, asked, look_at_largest, measure_summaries
from deploy.bench.world import Ground, World
from deploy.demo.tokens import ensure_demo_issuer
from deploy.embedded.server import EmbeddedServer
from deploy.opening import open_surface, read_trust
from deploy.roles import ensure_roles
from deploy.settings import read_settings
from tests.deploy.simulate.small_city import cut

SCALE = Scale(few=1_000, many=2_000, seconds=0.2, dwellings=200, divisions=cut())


@pytest.fixture(scope="module")
async def ground(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """The server of the tests, for measurements."""
    home: Path = tmp_path_factory.mktemp("bench")
    await ensure_roles(server.url("postgres"))
    made = Ground(server, home, ensure_demo_issuer(home), prefix="sums")
    yield made
    await made.drop_all()


@pytest.fixture(scope="module")
async def world(ground: Ground) -> World:
    """The city with more cases, as an officer of its district sees it."""
    return await look_at_largest(ground, await ground.city(SCALE.city(SCALE.many)))


async def test_measures_summaries_and_writers(ground: Ground) -> None:
    figures = await measure_summaries(ground, SCALE)

    assert [len(figure.rounds) for figure in figures] == [3] * 9
    assert all(ours > 0 and reference > 0 for figure in figures for ours, reference in figure.rounds)


async def test_counts_directly_what_a_summary_tells(world: World) -> None:
    year = SCALE.city(1).today.year - 1
    period = Summed("year", date(year, 1, 1), date(year, 12, 31))
    counted = await count_sums(world, period.first, period.last)

    async with open_surface(world.gateway_url, read_trust(read_settings(world.environment))) as surface:
        transport = httpx.ASGITransport(create_app(surface))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as http:
            answer = (await http.post(GRAPHQL, json=asked(period), headers=dict(world.caller.headers))).json()

    assert "errors" not in answer
    told = answer["data"]["district"]["caseSummary"]
    names = ("reported", "accepted", "closed", "dueToClose", "closedOnTime")
    assert {name: told[name] for name in names} == {name: counted[name] for name in names}
    assert told["reported"] > 100
