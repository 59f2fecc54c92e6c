"""Is anything of a case told or merged that the caller may not know, or hidden that they may, by a clock or a race?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.fixtures.demo import Demo
from tests.journeys.working import REPORT, Desk, body_of


async def _grids_of(demo: Demo, account: str) -> tuple[str, str]:
    """Tell the grid of an account's post, and another one of the same tenant."""
    row = await demo.owner.fetchrow(
        """select p.tenant_id, p.place_id, (select o.id from places o where o.tenant_id = p.tenant_id
             and o.kind = 'grid' and o.id <> p.place_id order by o.sort_key limit 1) as other_id
           from positions p join accounts a on a.id = p.account_id where a.subject = $1""",
        account,
    )
    assert row is not None
    return f"grd_{row['tenant_id']}_{row['place_id']}", f"grd_{row['tenant_id']}_{row['other_id']}"


async def test_a_confidential_reporter_is_not_named_by_the_steps(demo: Demo) -> None:
    leader = Desk(demo, "building-leader@guanyuan")
    row = await demo.owner.fetchrow(
        "select p.tenant_id, p.place_id, p.public_name from positions p join accounts a on a.id = p.account_id"
        " where a.subject = $1",
        leader.account,
    )
    assert row is not None
    at = {"placeId": f"bld_{row['tenant_id']}_{row['place_id']}"}
    case = await leader.report(at, isConfidential=True, source="PATROL", handled={"note": "已劝离"})

    for kind in ("worker", "committee-chair", "party-secretary", "grid-leader"):
        page = await Desk(demo, f"{kind}@guanyuan").page(case)
        assert page is not None
        assert len(page["steps"]) == 2
        assert row["public_name"] not in str(page), kind


async def test_a_case_is_merged_only_into_one_that_the_caller_may_read(demo: Demo) -> None:
    worker, leader = Desk(demo, "worker@guanyuan"), Desk(demo, "grid-leader@guanyuan")
    here, there = await _grids_of(demo, leader.account)
    mine, second, others = [await worker.report({"placeId": place}) for place in (here, here, there)]

    assert await leader.page(others) is None
    assert await leader.refused("Merge", mine, intoCaseId=others) == "NOT_FOUND"
    await leader.do("Merge", mine, intoCaseId=second)
    await worker.do("Merge", second, intoCaseId=others)


async def test_work_bears_the_summary_that_an_office_was_told(demo: Demo) -> None:
    worker, street = Desk(demo, "worker@guanyuan"), Desk(demo, "dispatcher@xiangkou")
    here, _ = await _grids_of(demo, "grid-leader@guanyuan")
    case = await worker.report({"placeId": here}, title="三楼一户长期争吵")
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary="邻里纠纷，请协调")

    answer = await demo.ask(street.account, "{ myWork(first: 100) { nodes { case { id title } } } }")
    titles = {node["case"]["id"]: node["case"]["title"] for node in answer.json()["data"]["myWork"]["nodes"]}
    assert titles[case] == "邻里纠纷，请协调"


async def test_a_share_from_a_clock_that_is_ahead_is_seen_at_once(demo: Demo) -> None:
    worker, handler = Desk(demo, "worker@guanyuan"), Desk(demo, "department-handler@xiangcheng")
    here, _ = await _grids_of(demo, "grid-leader@guanyuan")
    case = await worker.report({"placeId": here})
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"bodyId": await body_of(demo, "dep", "芗城区城市管理局")}})

    await demo.owner.execute(
        "update case_shares set shared_at = shared_at + $2::interval where 'cas_' || tenant_id || '_' || case_id = $1",
        *(case, timedelta(hours=1)),
    )

    page = await handler.page(case)
    assert page is not None
    assert page["title"] is not None
    assert await handler.may(case) > {"HANDLE"}


async def test_a_ticket_that_comes_twice_at_once_is_reported_once(demo: Demo) -> None:
    worker = Desk(demo, "worker@guanyuan")
    here, _ = await _grids_of(demo, "grid-leader@guanyuan")
    ticket = {"system": "12345", "number": "T-1"}
    given = {**REPORT, "source": "HOTLINE", "at": {"placeId": here}, "external": ticket}
    async with demo.other_process() as other:
        desks = [worker, Desk(other, worker.account)] * 4
        async with demo.owner.transaction():
            # Whoever has looked whether the ticket is known cannot write it down yet.
            await demo.owner.execute("lock table case_details in exclusive mode")
            sent = [asyncio.ensure_future(desk.send("Report", input=given)) for desk in desks]
            await asyncio.sleep(1)
        told = await asyncio.gather(*sent)

    codes = sorted(error["code"] for each in told for error in each["reportCase"]["errors"])
    assert codes == ["TICKET_KNOWN"] * 7
