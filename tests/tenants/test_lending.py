"""Does nobody take all the connections, and nobody wait for one for ever?"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tenants.errors import TryAgain
from tenants.lending import Lending
from tests.fixtures.database import Database

GREEDY, MODEST, THIRD = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()


@pytest.fixture
async def lending(database: Database) -> AsyncIterator[Lending]:
    """Four connections, and little patience."""
    async with asyncpg.create_pool(database.gateway_url, min_size=1, max_size=4) as pool:
        yield Lending(pool, longest_wait=0.1)


async def test_lends_an_account_half_of_them_and_the_rest_to_others(lending: Lending) -> None:
    first = await lending.lend(GREEDY)
    second = await lending.lend(GREEDY)
    with pytest.raises(TryAgain):
        await lending.lend(GREEDY)
    others = [await lending.lend(MODEST), await lending.lend(MODEST)]
    with pytest.raises(TryAgain):
        await lending.lend(THIRD)

    await lending.take_back(GREEDY, first)
    third = await lending.lend(THIRD)

    for account_id, connection in ((GREEDY, second), (THIRD, third), *((MODEST, each) for each in others)):
        await lending.take_back(account_id, connection)
    assert await asyncio.gather(*(_use(lending, uuid.uuid4()) for _ in range(20))) == [1] * 20


async def _use(lending: Lending, account_id: uuid.UUID) -> int:
    connection = await lending.lend(account_id)
    try:
        found: int = await connection.fetchval("select 1")
    finally:
        await lending.take_back(account_id, connection)
    return found


async def test_whoever_waits_is_served_in_turn(lending: Lending) -> None:
    mine = [await lending.lend(GREEDY), await lending.lend(GREEDY)]
    waiting = asyncio.create_task(_use(lending, GREEDY))
    await asyncio.sleep(0.01)
    assert not waiting.done()

    await lending.take_back(GREEDY, mine[0])

    assert await waiting == 1
    await lending.take_back(GREEDY, mine[1])


async def test_whoever_goes_away_while_waiting_leaves_nothing_behind(lending: Lending) -> None:
    mine = [await lending.lend(GREEDY), await lending.lend(GREEDY)]
    leaving = [asyncio.create_task(_use(lending, GREEDY)) for _ in range(5)]
    await asyncio.sleep(0.01)
    for task in leaving:
        task.cancel()
    # One of them is given a connection in the very moment when it goes away.
    await lending.take_back(GREEDY, mine[0])
    await asyncio.gather(*leaving, return_exceptions=True)

    await lending.take_back(GREEDY, mine[1])

    assert await asyncio.gather(*(_use(lending, GREEDY) for _ in range(6))) == [1] * 6
