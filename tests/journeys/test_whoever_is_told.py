"""Does everyone who reported hear back, is whoever it is handed to told, and does the clock urge them in time?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from services.supervision.commands import fire_due
from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"
_TOLD = "{ me { unreadCount } notifications(first: 100) { nodes { kind title note case { id } tenant { slug } } } }"
_CASE = "query($id: ID!) { case(id: $id) { color dueAt } cases(filter: {color: RED}) { nodes { id } } }"


def _desk(demo: Demo, account: str) -> Desk:
    return Desk(demo, account if "@" in account else f"{account}@{_SLUG}")


@pytest.fixture(autouse=True)
async def _nothing_before(demo: Demo) -> None:
    await demo.owner.execute("delete from notifications")


async def told(desk: Desk, case: str) -> list[dict[str, Any]]:
    """List what an account was told of a case, the oldest first."""
    answer = (await desk.demo.ask(desk.account, _TOLD, tenant=desk.tenant)).json()
    assert "errors" not in answer, answer
    nodes = [one for one in answer["data"]["notifications"]["nodes"] if one["case"]["id"] == case]
    return nodes[::-1]


async def kinds(desk: Desk, case: str) -> list[str]:
    return [one["kind"] for one in await told(desk, case)]


async def marks(demo: Demo, case: str) -> list[tuple[str, timedelta, bool]]:
    """List a case's marks: the kind, how long after the due time, and whether it has fired."""
    _, tenant_id, row_id = case.split("_")
    rows = await demo.owner.fetch(
        """select mark, at - due_at as after, fired_at is not null as is_fired from case_marks
           where tenant_id = $1 and case_id = $2 order by due_at, at""",
        int(tenant_id),
        row_id,
    )
    return [tuple(row) for row in rows]


async def fire(demo: Demo, now: datetime) -> int:
    """Do what the worker does, at an instant."""
    engine = create_async_engine(sqlalchemy_url(demo.database.worker_url))
    fired = 0
    while True:
        async with engine.begin() as connection:
            batch = await fire_due(connection, now=now)
        fired += batch
        if not batch:
            break
    await engine.dispose()
    return fired


async def test_tells_the_reporter_how_it_goes_and_the_handler_that_it_is_handed_over(demo: Demo) -> None:
    resident, worker, handler, chair = (
        _desk(demo, name) for name in ("resident", "worker", "grid-worker", "committee-chair")
    )
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})
    await handler.do("Accept", case)
    await handler.do("Resolve", case, input={"note": "已疏通"})
    await chair.do("CallBack", case, input={"isContacted": True, "isSolved": True})
    await chair.do("Close", case)
    await worker.do("Reopen", case, reason="又积水")

    heard = await told(resident, case)
    assert [one["kind"] for one in heard] == ["ACCEPTED", "RESOLVED", "CLOSED", "REOPENED"]
    number = heard[0]["title"].split()[1]
    assert [one["title"] for one in heard][:2] == [f"已受理 {number} 楼道积水", f"已办结 {number} 楼道积水"]
    assert heard[0]["tenant"] == {"slug": _SLUG}
    assert await kinds(handler, case) == ["HANDED"]
    # What comes back by a reopening waits for the community anew; whoever took the step knows.
    assert await kinds(worker, case) == []
    assert "HANDED" in await kinds(chair, case)


async def test_tells_the_reply_to_whoever_reported_what_is_not_taken_on(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    case = await resident.report(await resident.home())

    await worker.do("Exclude", case, reason="NOT_OUR_DUTY", reply="请联系供水公司")

    (heard,) = await told(resident, case)
    assert (heard["kind"], heard["note"]) == ("EXCLUDED", "请联系供水公司")


async def test_tells_everyone_who_reported_the_same(demo: Demo) -> None:
    resident, worker, handler = (_desk(demo, name) for name in ("resident", "worker", "grid-worker"))
    again = await resident.report(await resident.home())
    case = await worker.report(await resident.home(), source="PATROL")
    await worker.do("Merge", again, intoCaseId=case)
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})
    await handler.do("Resolve", case, input={"note": "已疏通"})

    assert await kinds(resident, again) == ["RESOLVED"]
    assert await kinds(worker, case) == ["RESOLVED"]


async def test_tells_an_office_the_summary_and_not_the_title(demo: Demo) -> None:
    resident, worker, street = (_desk(demo, name) for name in ("resident", "worker", "dispatcher@xiangkou"))
    handler = _desk(demo, "department-handler@xiangcheng")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary="河沿路积水，需排水部门处置")
    department = await body_of(demo, "dep", "芗城区城市管理局")
    await street.do("Dispatch", case, input={"to": {"bodyId": department}})

    for desk, slug in ((street, "xiangkou"), (handler, "xiangcheng")):
        (heard,) = await told(desk, case)
        assert heard["kind"] == "HANDED"
        assert heard["title"].endswith("河沿路积水，需排水部门处置")
        assert heard["tenant"] == {"slug": slug}


async def test_watches_a_case_from_its_report_to_its_end(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    hour = timedelta(hours=1)
    watched = [("URGE", -3 * hour), ("YELLOW", -hour), ("RED", 0 * hour), ("URGE", 3 * hour)]

    case = await resident.report(await resident.home())

    assert await marks(demo, case) == [(*one, False) for one in watched]
    await worker.do("Accept", case)
    assert await marks(demo, case) == [(*one, False) for one in watched]
    due_at = datetime.fromisoformat((await _page(worker, case))["dueAt"])
    for hours in (3, 1):
        await fire(demo, due_at - hours * hour)
    assert await _color(worker, case) == "YELLOW"
    assert await kinds(worker, case) == ["URGE", "YELLOW"]
    await fire(demo, due_at)
    assert await _color(worker, case) == "RED"
    assert case in await _red(worker, case)
    await worker.do("Exclude", case, reason="WITHDRAWN", reply="已撤回")
    assert await marks(demo, case) == [(*one, True) for one in watched[:3]]


async def test_watches_a_category_without_limits_of_its_own_by_the_tenants(demo: Demo) -> None:
    resident, day = _desk(demo, "resident"), timedelta(days=1)

    case = await resident.report(await resident.home(), categoryCode="0204")

    watched = [("URGE", -day), ("YELLOW", -day / 2), ("RED", 0 * day), ("URGE", day)]
    assert await marks(demo, case) == [(*one, False) for one in watched]


async def test_begins_anew_in_green_with_another_due_time(demo: Demo) -> None:
    resident, worker, handler, chair = (
        _desk(demo, name) for name in ("resident", "worker", "grid-worker", "committee-chair")
    )
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})
    due_at = datetime.fromisoformat((await _page(worker, case))["dueAt"])
    for hours in (3, 1, 0):
        await fire(demo, due_at - timedelta(hours=hours))
    assert await kinds(handler, case) == ["HANDED", "URGE", "YELLOW", "RED"]
    await handler.do("Resolve", case, input={"note": "已疏通"})
    await chair.do("CallBack", case, input={"isContacted": False})
    await chair.do("Close", case)
    assert [is_fired for *_, is_fired in await marks(demo, case)] == [True, True, True]
    assert await _color(worker, case) == "RED"

    await chair.do("Reopen", case, reason="又积水")

    assert await _color(worker, case) == "GREEN"
    assert [is_fired for *_, is_fired in await marks(demo, case)] == [True, True, True, False, False, False, False]


async def _page(desk: Desk, case: str) -> dict[str, Any]:
    found: dict[str, Any] = (await desk.demo.ask(desk.account, _CASE, {"id": case})).json()["data"]["case"]
    return found


async def _color(desk: Desk, case: str) -> str:
    return str((await _page(desk, case))["color"])


async def _red(desk: Desk, case: str) -> list[str]:
    answer = (await desk.demo.ask(desk.account, _CASE, {"id": case})).json()
    return [one["id"] for one in answer["data"]["cases"]["nodes"]]
