"""Is every step counted as the records say, and does everything that is folded add up? Asked of the whole demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy.settings import sqlalchemy_url
from services.case_counts.tables import CASE_COUNTERS, CASES
from services.rollups.checking import Difference, SumDifference, find_differences, find_sum_differences, fold, rebuild
from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"
_DEPARTMENT = "芗城区城市管理局"
_SATISFIED = {"isSolved": True, "satisfaction": "SATISFIED"}


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(sqlalchemy_url(url))
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


async def _differences(demo: Demo) -> tuple[list[Difference], list[SumDifference]]:
    async with _connected(demo.database.owner_url) as owner:
        return await find_differences(owner, CASES), await find_sum_differences(owner, CASES)


async def _counted(demo: Demo, case: str) -> dict[str, int]:
    """Tell what a case counts as, all days and bodies together."""
    sums = ", ".join(f"sum({name}) as {name}" for name in CASE_COUNTERS)
    row = await demo.owner.fetchrow(f"select {sums} from case_counts where subject_id = $1::uuid", case.split("_")[2])
    assert row is not None
    return {name: number for name, number in row.items() if number}


def _desk(demo: Demo, position: str) -> Desk:
    return Desk(demo, f"{position}@{_SLUG}")


async def _resolved(demo: Demo) -> str:
    resident, worker, handler = (_desk(demo, name) for name in ("resident", "worker", "grid-worker"))
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})
    await handler.do("Resolve", case, input={"note": "已疏通"})
    return case


async def test_agrees_with_the_records_of_a_new_demo(demo: Demo) -> None:
    assert await demo.owner.fetchval("select count(*) from case_counts") > 10_000
    assert await _differences(demo) == ([], [])


async def test_counts_a_case_from_report_to_close(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    case = await _resolved(demo)
    assert await _counted(demo, case) == {"reported": 1, "accepted": 1, "dispatched": 1, "due_to_close": 1}
    await worker.do("CallBack", case, input={"isContacted": True, **_SATISFIED})
    await worker.do("Close", case)
    heard = {"called_back": 1, "contacted": 1, "solved": 1, "satisfied": 1}
    closed = {"closed": 1, "closed_of_due": 1, "closed_on_time": 1}
    done = {"reported": 1, "accepted": 1, "dispatched": 1, "due_to_close": 1, **heard}
    assert await _counted(demo, case) == {**done, **closed}

    # Reopened, it is no longer closed, and it is due on another day.
    await worker.do("Reopen", case, reason="问题重现")

    assert await _counted(demo, case) == {**done, "reworked": 1}
    assert await _differences(demo) == ([], [])


async def test_takes_back_what_a_merged_case_counted_as(demo: Demo) -> None:
    worker, chair = _desk(demo, "worker"), _desk(demo, "committee-chair")
    case, into = await _resolved(demo), await _resolved(demo)
    await worker.do("CallBack", case, input={"isContacted": True, "isSolved": False})
    assert (await _counted(demo, case))["reworked"] == 1

    await chair.do("Merge", case, intoCaseId=into)

    assert await _counted(demo, case) == {"reported": 1, "accepted": 1}
    excluded = await worker.report(await _desk(demo, "resident").home(), source="PATROL")
    await worker.do("Exclude", excluded, reason="IN_COURT", reply="已在审理中")
    assert await _counted(demo, excluded) == {"reported": 1}
    assert await _differences(demo) == ([], [])


async def test_counts_no_call_back_that_is_left_out_of_the_rates(demo: Demo) -> None:
    worker, chair = _desk(demo, "worker"), _desk(demo, "committee-chair")
    case = await _resolved(demo)
    await worker.do("CallBack", case, input={"isContacted": True, "isSolved": True, "satisfaction": "DISSATISFIED"})
    assert {"called_back": 1, "contacted": 1, "solved": 1}.items() <= (await _counted(demo, case)).items()
    asked = await worker.ask("RequestRatesExclusion", caseId=case, reason="超出职责")

    await chair.ask("DecideRatesExclusion", id=asked["id"], isGranted=True)

    assert not {"called_back", "contacted", "solved"} & (await _counted(demo, case)).keys()
    assert await _differences(demo) == ([], [])


async def test_counts_for_whoever_has_it_as_it_falls_due(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), Desk(demo, "department-handler@xiangcheng")
    case = await worker.report(await _desk(demo, "resident").home(), source="PATROL")
    await worker.do("Accept", case)
    department = await body_of(demo, "dep", _DEPARTMENT)
    await worker.do("Dispatch", case, input={"to": {"bodyId": department}})
    due = """select sum(due_to_close) from case_counts where subject_id = $1::uuid and body_id = $2::uuid"""
    ids = (case.split("_")[2], department.split("_")[2])
    assert await demo.owner.fetchval(due, *ids) == 1
    # Asked and granted, an extension counts, and moves the day.
    until = await demo.owner.fetchval("select due_at from cases where id = $1::uuid", ids[0]) + timedelta(days=40)
    asked = await handler.ask("RequestExtension", caseId=case, until=until.isoformat(), reason="待配件")
    await worker.ask("DecideExtension", id=asked["id"], isGranted=True)
    assert (await _counted(demo, case))["extended"] == 1

    # Once it is overdue, that stays with whoever had it then.
    late = datetime.now(until.tzinfo) - timedelta(days=2)
    await demo.owner.execute("update cases set due_at = $2 where id = $1::uuid", ids[0], late)
    await demo.owner.execute("update case_steps set due_at = $2 where case_id = $1::uuid", ids[0], late)
    await handler.do("Return", case, reason="非本单位职责")

    standing = await demo.owner.fetchval("select due_body_id::text from cases where id = $1::uuid", ids[0])
    assert standing == ids[1]


async def test_names_each_difference_and_repairs_it(demo: Demo) -> None:
    case = await _resolved(demo)
    async with _connected(demo.database.owner_url) as owner:
        assert await rebuild(owner, CASES) >= 1, "the days that the test before this one moved"
    assert await _differences(demo) == ([], [])
    where = "where subject_id = $1::uuid and dispatched = 1"
    await demo.owner.execute(f"update case_counts set dispatched = 3 {where}", case.split("_")[2])
    await demo.owner.execute("update case_sums set closed = closed + 5 where grain = 'DAY' and closed = 1")

    counts, sums = await _differences(demo)

    assert [(str(one.subject_id), one.counter, one.missing) for one in counts] == [
        (case.split("_")[2], "dispatched", -2)
    ]
    assert {(one.grain, one.counter, one.missing) for one in sums} == {("DAY", "closed", -5)}
    async with _connected(demo.database.owner_url) as owner:
        await rebuild(owner, CASES)
    assert await _differences(demo) == ([], [])


async def test_folds_each_count_once(demo: Demo) -> None:
    await _resolved(demo)
    assert await demo.owner.fetchval("select count(*) from case_counts where not is_folded") > 0

    async with _connected(demo.database.worker_url) as worker:
        folded = [await fold(worker, CASES, most=2) for _ in range(3)]
        while await fold(worker, CASES, most=100):
            pass

    assert folded == [2, 2, 2]
    assert await demo.owner.fetchval("select count(*) from case_counts where not is_folded") == 0
    assert await _differences(demo) == ([], [])


@pytest.mark.parametrize("table", ["case_counts", "case_sums"])
async def test_lets_nobody_change_what_is_counted(demo: Demo, table: str) -> None:
    gateway = await asyncpg.connect(demo.database.gateway_url)
    for change in (f"update {table} set reported = 9", f"delete from {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await gateway.execute(change)
    await gateway.close()
