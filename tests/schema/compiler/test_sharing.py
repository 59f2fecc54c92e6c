"""Is one account's load its own: its queries wait, and those of others do not?"""

from __future__ import annotations

import asyncio
import time

import asyncpg

from tests.fixtures.gateway import ISSUER, GatewayClient
from tests.fixtures.world import WorldDatabase

ME = "{ me { account { id } } }"
DWELLINGS = "{ dwellings { totalCount } }"


async def test_slow_queries_of_one_account_leave_room_for_others(gateway: GatewayClient, made: WorldDatabase) -> None:
    # Who they are is known already: the same tokens were here before.
    mine, theirs = ({"Authorization": f"Bearer {ISSUER.token(name).decode()}"} for name in ("worker", "grid-worker"))
    for headers in (mine, theirs):
        assert (await gateway.ask(ME, headers=headers)).status_code == 200
    owner = await asyncpg.connect(made.database.owner_url)
    async with owner.transaction():
        await owner.execute("lock table places in access exclusive mode")
        slow = [asyncio.create_task(gateway.ask(DWELLINGS, headers=mine)) for _ in range(12)]
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        beside = await gateway.ask(ME, headers=theirs)
        took = time.monotonic() - begun
        done, _ = await asyncio.wait(slow, timeout=4)
    answers = await asyncio.gather(*slow)
    await owner.close()

    assert beside.status_code == 200
    assert took < 1
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [503] * 7
    assert {answer.json()["errors"][0]["extensions"]["code"] for answer in (each.result() for each in done)} == {
        "TRY_AGAIN"
    }
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code != 200} == {"1"}
