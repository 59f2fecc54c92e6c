"""Do exports lose nothing by leaving time for others? How much they leave is measured by `jinlin bench summaries`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from schema.exports.pacing import ROWS_AT_ONCE, Pace, a_few


async def _parts(count: int, at_work: set[int], most: list[int], number: int) -> AsyncIterator[bytes]:
    for part in range(count):
        at_work.add(number)
        most.append(len(at_work))
        await asyncio.sleep(0.001)
        at_work.discard(number)
        yield b"%d" % part


async def test_gives_every_part_in_order_and_makes_one_at_a_time() -> None:
    pace, at_work, most = Pace(), set[int](), list[int]()

    async def hold(number: int) -> list[bytes]:
        return [part async for part in pace.hold(_parts(20, at_work, most, number))]

    held = await asyncio.gather(*(hold(number) for number in range(3)))

    assert held == [[b"%d" % part for part in range(20)]] * 3
    assert set(most) == {1}


def test_writes_a_few_rows_at_once() -> None:
    found = list(a_few(range(2 * ROWS_AT_ONCE + 1)))

    assert [len(some) for some in found] == [ROWS_AT_ONCE, ROWS_AT_ONCE, 1]
    assert [row for some in found for row in some] == list(range(2 * ROWS_AT_ONCE + 1))
