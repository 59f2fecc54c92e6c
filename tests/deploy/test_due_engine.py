"""Does every deadline fire once and in time, with three workers that are killed at random? Ten thousand of them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.fixtures.processes import Running, jinlin, settings
from tests.fixtures.world import WorldDatabase

# Of each case an urge, yellow, red and an urge after it.
_CASES, _MARKS = 2500, 4
_SECONDS, _TICK = 20.0, 2.0
_KILLS = 8
_LOOK = 0.05
_TENANTS = ("qingcheng", "zhongshan")

# As many cases as are asked for, like the first of the world; each waits for one account.
_CASE = """
    insert into cases (tenant_id, id, street_id, district_id, number, kind, source, category_id, status, grid_id,
        coordinator_body_id, accountable_body_id, reported_at, due_at, needs_call_back)
    select tenant_id, $2, street_id, district_id, $3, kind, source, category_id, 'REPORTED', grid_id,
        coordinator_body_id, accountable_body_id, reported_at, $4, false
    from cases where tenant_id = $1 and number = '20260520-0001'
"""
_ITEM = """
    insert into work_items (tenant_id, id, account_id, post_tenant_id, position_id, case_id, reason, number, title,
        status, due_at, due_order, made_at)
    select tenant_id, gen_random_uuid(), account_id, post_tenant_id, position_id, $2, reason, $3, title,
        status, $4, $4, made_at
    from work_items where tenant_id = $1 and number = '20260520-0001'
"""
_MARK = """
    insert into case_marks (tenant_id, id, case_id, mark, at, due_at) values ($1, gen_random_uuid(), $2, $3, $4, $5)
"""
# By how much whoever looks from outside finds a deadline late that nobody has fired yet.
_LATE = "select extract(epoch from max(clock_timestamp() - at))::float from case_marks where fired_at is null"


async def _make(owner: asyncpg.Connection, made: WorldDatabase, chance: random.Random) -> None:
    """Make the cases, with marks that come within twenty seconds from five seconds on."""
    cases, marks = [], []
    start = datetime.now(UTC) + timedelta(seconds=5)
    for number in range(_CASES):
        tenant_id = made.world.tenants[_TENANTS[number % 2]].id
        case_id = f"0190a000-0000-7000-8000-0000ffff{number:04x}"
        instants = sorted(start + timedelta(seconds=chance.uniform(0, _SECONDS)) for _ in range(_MARKS))
        due_at = instants[2].replace(microsecond=0)
        cases.append((tenant_id, case_id, f"20990101-{number:04}", due_at))
        kinds = ("URGE", "YELLOW", "RED", "URGE")
        marks += [(tenant_id, case_id, kind, at, due_at) for kind, at in zip(kinds, instants, strict=True)]
    await owner.executemany(_CASE, cases)
    await owner.executemany(_ITEM, cases)
    await owner.executemany(_MARK, marks)


class Crew:
    """Three workers, of which now and then one is killed and another takes its place, and one always works."""

    def __init__(self, environment: dict[str, str], stack: AsyncExitStack) -> None:
        self._environment = environment
        self._stack = stack
        self._workers: dict[Running, asyncio.Future[None]] = {}
        self.faults: list[str] = []

    async def fill(self) -> None:
        while len(self._workers) < 3:
            worker, works = await self._stack.enter_async_context(_worker(self._environment, self.faults))
            self._workers[worker] = works

    async def one_works(self) -> None:
        async with asyncio.timeout(60):
            await asyncio.wait(self._workers.values(), return_when=asyncio.FIRST_COMPLETED)

    async def lose(self, chance: random.Random) -> None:
        await self.one_works()
        at_work = [worker for worker, works in self._workers.items() if works.done()]
        # The last one that works is spared: what nobody is there to fire is late by as long as that lasts.
        mortal = [worker for worker in self._workers if at_work != [worker]]
        lost = chance.choice(mortal)
        del self._workers[lost]
        lost.kill()
        await lost.wait()
        await self.fill()


@asynccontextmanager
async def _worker(
    environment: dict[str, str], faults: list[str]
) -> AsyncIterator[tuple[Running, asyncio.Future[None]]]:
    """Run a worker; its future is done once it has said that it works, and its faults are kept."""
    async with jinlin("worker", environment=environment) as worker:
        works = asyncio.get_running_loop().create_future()
        hearing = asyncio.create_task(_hear(worker, works, faults))
        try:
            yield worker, works
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def _hear(worker: Running, works: asyncio.Future[None], faults: list[str]) -> None:
    assert worker.stderr is not None
    while line := await worker.stderr.readline():
        if b"at work" in line:
            works.set_result(None)
        elif works.done():
            faults.append(line.decode())
    if not works.done():
        works.set_exception(ChildProcessError("a worker ended before it worked"))


@dataclass
class Watch:
    """What somebody saw who looked every 50 ms: how late the latest deadline was, and how long a look was held up."""

    late: float = 0.0
    stall: float = 0.0


@asynccontextmanager
async def _watching(owner_url: str) -> AsyncIterator[Watch]:
    """Look every 50 ms how late the latest deadline is that has not fired."""
    connection = await asyncpg.connect(owner_url)
    seen = Watch()

    async def watch() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(_LOOK)
            late = await connection.fetchval(_LATE)
            seen.late = max(seen.late, late or 0.0)
            seen.stall = max(seen.stall, time.monotonic() - begun - _LOOK)

    task = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


async def test_fires_each_deadline_once_and_in_time(
    made: WorldDatabase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(20260601)  # noqa: S311 - which worker dies is no secret.
    environment = settings(made.database, tmp_path_factory.mktemp("production")) | {"JINLIN_DUE_TICK": str(_TICK)}
    owner = await asyncpg.connect(made.database.owner_url)
    # The planner knows nothing of what comes, however often others look after their tables meanwhile.
    await owner.execute("alter table case_marks set (autovacuum_enabled = off)")
    async with AsyncExitStack() as stack:
        crew = Crew(environment, stack)
        await crew.fill()
        await crew.one_works()
        await _make(owner, made, chance)
        seen = await stack.enter_async_context(_watching(made.database.owner_url))
        for _ in range(_KILLS):
            await asyncio.sleep(chance.uniform(1.5, 3.5))
            await crew.lose(chance)
        waiting = "select exists(select from {} where {} is null)"
        async with asyncio.timeout(30):
            while await owner.fetchval(waiting.format("case_marks", "fired_at")):  # noqa: ASYNC110 - likewise.
                await asyncio.sleep(0.1)
            while await owner.fetchval(waiting.format("notifications", "sequence")):  # noqa: ASYNC110 - likewise.
                await asyncio.sleep(0.1)
            while await owner.fetchval(waiting.format("events", "sequence")):  # noqa: ASYNC110 - likewise.
                await asyncio.sleep(0.1)

    late = await owner.fetchval("select extract(epoch from max(fired_at - at))::float from case_marks")
    # Counted by the instant at which it is fired, and by when somebody else sees that it has. Where the machine itself
    # stands still now and then, as whoever looks finds, workers do, too: as they wake and as they write.
    assert max(late, seen.late) <= _TICK + 2 * seen.stall, (late, seen)
    assert crew.faults == []
    early = await owner.fetchval("select count(*) from case_marks where fired_at < at")
    assert await owner.fetchval("select count(*) from case_marks where fired_at is not null") == _CASES * _MARKS
    assert early == 0
    for told in ("select case_id, kind from notifications", "select case_id, action from events"):
        counted = f"select case_id, name, count(*) as times from ({told}) told (case_id, name) group by 1, 2"
        found = await owner.fetch(f"select name, times, count(*) from ({counted}) counted group by 1, 2 order by 1, 2")
        assert [tuple(row) for row in found] == [("RED", 1, _CASES), ("URGE", 2, _CASES), ("YELLOW", 1, _CASES)]
    assert await owner.fetchval("select count(*) from cases where number like '20990101-%' and color = 'RED'") == _CASES
    await owner.close()
