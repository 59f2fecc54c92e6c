"""Does each way into the system work over HTTP, for those whose way it is, and for nobody else?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.demo import Demo
from tests.journeys.ways import cases_of, draw_grids, point, somebody, take_in_tickets
from tests.journeys.working import REPORT, Desk

HERE, NEXT_DOOR = "guanyuan", "xiyuan"
_WHERE = """query ($id: ID!) {
  case(id: $id) { source grid { id } isOutsideGrids placeText needsVerification
    accountable { body { name } } reporter { id displayName maskedPhone } isConfidential }
}"""


def _desk(demo: Demo, name: str, slug: str = HERE) -> Desk:
    return Desk(demo, f"{name}@{slug}")


async def _seen(desk: Desk, case_id: str) -> dict[str, Any] | None:
    answer = await desk.demo.ask(desk.account, _WHERE, {"id": case_id}, tenant=desk.tenant)
    found: dict[str, Any] | None = answer.json()["data"]["case"]
    return found


async def _refused(desk: Desk, at: object, **given: object) -> tuple[str, str | None]:
    payload = (await desk.send("Report", input={**REPORT, "at": at, "source": "SNAPSHOT", **given}))["reportCase"]
    assert payload["case"] is None
    (error,) = payload["errors"]
    return error["code"], error["field"]


async def _grid_of(demo: Demo, account: str) -> str:
    found: str = await demo.owner.fetchval(
        """select 'grd_' || p.tenant_id || '_' || p.place_id from positions p
           join accounts a on a.id = p.account_id where a.subject = $1""",
        account,
    )
    return found


@pytest.fixture(autouse=True)
async def _drawn(demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The first test draws them, and the others find them unchanged.
    await draw_grids(demo, monkeypatch, tmp_path, [HERE, NEXT_DOOR])


@pytest.fixture
async def own_step(demo: Demo) -> int:
    """The square of the grid worker's own grid."""
    grids = await demo.owner.fetch(
        """select 'grd_' || p.tenant_id || '_' || p.id as id from places p join tenants t on t.id = p.tenant_id
           where t.slug = $1 and p.kind = 'grid' order by p.sort_key, p.id""",
        HERE,
    )
    return [row["id"] for row in grids].index(await _grid_of(demo, f"grid-worker@{HERE}"))


async def test_snapshot(demo: Demo, own_step: int) -> None:
    resident, worker, grid_worker = (_desk(demo, name) for name in ("resident", "worker", "grid-worker"))
    case = await resident.report(point(own_step + 0.5, system="GCJ02"), source="SNAPSHOT")

    # The grid is found from the point, so whoever works there sees it; and the committee answers for it from the start.
    seen = await _seen(grid_worker, case)
    assert seen is not None
    assert seen["grid"] == {"id": await _grid_of(demo, grid_worker.account)}
    assert (seen["source"], seen["isOutsideGrids"]) == ("SNAPSHOT", False)
    assert seen["accountable"] == {"body": {"name": "官园社区居民委员会"}}
    assert "TO_ACCEPT" in await worker.work(case)
    assert await _seen(_desk(demo, "worker", NEXT_DOOR), case) is None

    accepted = await worker.do("Accept", case)
    assert accepted["accountable"]["body"]["name"] == "官园社区居民委员会"
    # A resident takes snapshots and nothing else.
    home = await resident.home()
    for source in ("PATROL", "VISIT", "HOTLINE", "WINDOW", "MEETING", "PROPERTY"):
        assert await _refused(resident, home, source=source) == ("SOURCE_NOT_YOURS", "source")


async def test_patrol(demo: Demo, own_step: int) -> None:
    grid_worker, worker, chair = (_desk(demo, name) for name in ("grid-worker", "worker", "committee-chair"))
    other_step = 0 if own_step else 1
    case = await grid_worker.report(point(own_step + 0.5), source="PATROL", handled={"note": "已清理"})

    # Found and fixed on the spot; nobody waits to hear back.
    assert (await grid_worker.page(case) or {})["status"] == "RESOLVED"
    if await _is_drawn(demo, case):
        assert await chair.refused("Close", case) == "VERIFICATION_MISSING"
        await chair.do("Verify", case, isSettled=True)
    assert (await chair.do("Close", case))["status"] == "CLOSED"
    # In no other grid than the own, and in none.
    for at in (point(other_step + 0.5), point(-5)):
        assert await _refused(grid_worker, at, source="PATROL") == ("FORBIDDEN", "at")
    for source in ("HOTLINE", "WINDOW", "PROPERTY"):
        assert await _refused(grid_worker, point(own_step + 0.5), source=source) == ("SOURCE_NOT_YOURS", "source")
    # Whoever reports for the whole community may do so outside all grids, and is told.
    outside = await worker.report(point(-5), source="PATROL")
    seen = await _seen(worker, outside)
    assert seen is not None
    assert (seen["grid"], seen["isOutsideGrids"], seen["placeText"]) == (None, True, "路口东侧")


async def _is_drawn(demo: Demo, case: str) -> bool:
    found: bool = await demo.owner.fetchval(
        "select needs_verification from cases where id = $1::uuid", case.rpartition("_")[2]
    )
    return found


async def test_grids_of_communities_are_not_the_streets(demo: Demo) -> None:
    dispatcher = _desk(demo, "dispatcher", "xiangkou")

    case = await dispatcher.report(point(0.5), source="PATROL")

    # The office reads the outlines of its communities, and a point lies in none of its own.
    seen = await _seen(dispatcher, case)
    assert seen is not None
    assert (seen["grid"], seen["isOutsideGrids"]) == (None, False)


async def test_no_point_elsewhere(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    given = {"system": "WGS84", "text": "路口"}

    swapped = {"point": {"longitude": 26.0, "latitude": 119.3, **given}}
    abroad = {"point": {"longitude": 2.3, "latitude": 48.9, **given}}

    assert await _refused(worker, swapped) == ("POINT_SWAPPED", "at.point")
    assert await _refused(worker, abroad) == ("POINT_OUTSIDE", "at.point")


async def test_visit_on_behalf(demo: Demo) -> None:
    grid_worker, worker, chair = (_desk(demo, name) for name in ("grid-worker", "worker", "committee-chair"))
    grid = await _grid_of(demo, grid_worker.account)
    visited = await somebody(demo, HERE, grid=grid)
    case = await grid_worker.report({"placeId": grid}, source="VISIT", reporterPersonId=visited)

    # It is the resident who reported, masked, and who is called back by somebody else than who handled it.
    seen = await _seen(worker, case)
    assert seen is not None
    assert seen["reporter"]["id"] == visited
    assert "*" in seen["reporter"]["displayName"]
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await _post(demo, grid_worker.account)}})
    await grid_worker.do("Resolve", case, input={"note": "已修好"})
    assert await chair.refused("Close", case) == "CALL_BACK_MISSING"
    await chair.do("CallBack", case, input={"isContacted": True, "isSolved": True, "satisfaction": "SATISFIED"})
    assert (await chair.do("Close", case))["status"] == "CLOSED"
    # Nobody out of the own grid, of another tenant, or by a way that nobody comes by.
    outside = await somebody(demo, HERE, grid=grid, inside=False)
    elsewhere = await somebody(demo, NEXT_DOOR)
    for person in (outside, elsewhere, elsewhere.replace(elsewhere.split("_")[1], visited.split("_")[1])):
        told = await _refused(grid_worker, {"placeId": grid}, source="VISIT", reporterPersonId=person)
        assert told == ("NOT_FOUND", "reporterPersonId")
    told = await _refused(grid_worker, {"placeId": grid}, source="PATROL", reporterPersonId=visited)
    assert told == ("NOBODY_ELSE", "reporterPersonId")


async def _post(demo: Demo, account: str) -> str:
    found: str = await demo.owner.fetchval(
        """select 'pos_' || p.tenant_id || '_' || p.id from positions p join accounts a on a.id = p.account_id
           where a.subject = $1""",
        account,
    )
    return found


async def test_window_on_behalf(demo: Demo) -> None:
    worker, chair, resident = (_desk(demo, name) for name in ("worker", "committee-chair", "resident"))
    came, home = await somebody(demo, HERE), await resident.home()

    case = await worker.report(home, source="WINDOW", reporterPersonId=came)
    confidential = await worker.report(home, source="WINDOW", reporterPersonId=came, isConfidential=True)

    named, unnamed = await _seen(chair, case), await _seen(chair, confidential)
    assert named is not None
    assert unnamed is not None
    assert named["reporter"]["id"] == came
    assert unnamed["reporter"] == {"id": None, "displayName": None, "maskedPhone": None}
    assert unnamed["isConfidential"] is True
    # With an account of one's own one sees what was reported for one at the window, and rates it; others do not.
    person = await demo.owner.fetchval(
        """select 'per_' || p.tenant_id || '_' || p.person_id from positions p
           join accounts a on a.id = p.account_id where a.subject = $1""",
        resident.account,
    )
    assert await _seen(resident, case) is None
    own = await worker.report(home, source="WINDOW", reporterPersonId=person, isConfidential=True)
    assert (await _seen(resident, own) or {})["reporter"]["id"] == person
    await worker.do("Accept", own)
    await worker.do("Dispatch", own, input={"to": {"positionId": await _post(demo, worker.account)}})
    await worker.do("Resolve", own, input={"note": "已修好"})
    rating = {"isSolved": True, "satisfaction": "SATISFIED"}
    assert await worker.refused("Rate", own, input=rating) == "FORBIDDEN"
    await resident.do("Rate", own, input=rating)
    # A resident speaks for nobody.
    told = await _refused(resident, home, source="SNAPSHOT", reporterPersonId=came)
    assert told == ("NOBODY_ELSE", "reporterPersonId")


async def test_hotline(demo: Demo) -> None:
    worker, chair = _desk(demo, "worker"), _desk(demo, "committee-chair")
    building = await demo.owner.fetchval(
        """select p.address from places p join tenants t on t.id = p.tenant_id where t.slug = $1
           and p.kind = 'building' order by p.sort_key limit 1""",
        HERE,
    )
    lines = (
        f"R-1,楼道积水,三楼楼道积水,积水与污水外溢,投诉,张先生,13800001234,{building},2026-06-01 09:00,,\n"
        "R-2,,路灯不亮已三天,路灯故障,求助,李四,13800005678,村口,,2020-01-01 08:00,是\n"
    )

    tried = await take_in_tickets(demo, worker.account, lines, dryRun=True)
    assert (tried["errors"], await cases_of(demo)) == ([], [])
    done = await take_in_tickets(demo, worker.account, lines)
    again = await take_in_tickets(demo, chair.account, lines)
    other = await take_in_tickets(demo, f"worker@{NEXT_DOOR}", lines)

    counts = [
        (one["import"]["status"], one["import"]["createdCount"], one["import"]["knownCount"])
        for one in (tried, done, again, other)
    ]
    # What came in before stays as it is; another community's tickets are its own.
    assert counts == [("CHECKED", 2, 0), ("DONE", 2, 0), ("DONE", 0, 2), ("DONE", 2, 0)]
    found = await cases_of(demo)
    assert [(one["number"], one["slug"]) for one in found] == [
        (number, slug) for number in ("R-1", "R-2") for slug in (HERE, NEXT_DOOR)
    ]
    first, second = found[0], found[2]
    assert (first["title"], first["category"], first["kind"], first["source"]) == (
        "楼道积水",
        "0104",
        "COMPLAINT",
        "HOTLINE",
    )
    assert (first["name"], first["phone"], first["has_building"]) == ("张*", "138****1234", True)
    assert (second["title"], second["place_text"], second["has_building"]) == ("路灯不亮已三天", "村口", False)
    # What the hotline asks for earlier than the category does holds; and each caller hears back.
    assert second["due_at"] < second["reported_at"] < first["due_at"]
    assert [one["needs_call_back"] for one in found] == [True] * 4
    seen = await _seen(worker, second["id"])
    assert seen is not None
    assert seen["isConfidential"] is True
    assert (await _seen(worker, first["id"]) or {})["reporter"]["displayName"] == "张*"
    assert await _seen(_desk(demo, "worker", NEXT_DOOR), first["id"]) is None


async def test_meeting(demo: Demo) -> None:
    chair, grid_worker, worker = (_desk(demo, name) for name in ("committee-chair", "grid-worker", "worker"))
    place = {"placeId": await _grid_of(demo, grid_worker.account)}
    spoke = await somebody(demo, HERE)

    case = await chair.report(place, source="MEETING", reporterPersonId=spoke)
    own = await chair.report(place, source="MEETING")

    assert (await _seen(worker, case) or {})["reporter"]["id"] == spoke
    assert "TO_ACCEPT" in await worker.work(own)
    assert await _refused(grid_worker, place, source="MEETING") == ("SOURCE_NOT_YOURS", "source")
    assert await _seen(_desk(demo, "committee-chair", NEXT_DOOR), case) is None


async def test_property_work_order(demo: Demo) -> None:
    keeper, worker = _desk(demo, "property-worker"), _desk(demo, "worker")
    estate = await demo.owner.fetchval(
        """select 'est_' || p.tenant_id || '_' || p.place_id from positions p
           join accounts a on a.id = p.account_id where a.subject = $1""",
        keeper.account,
    )
    order = {"system": "芗里物业", "number": "WX-0001"}

    # Blanks around it make no other order of it, whichever comes first.
    blank = {"system": " 芗里物业", "number": " WX-0001 "}

    case = await keeper.report({"placeId": estate}, source="PROPERTY", external=blank)

    seen = await _seen(worker, case)
    assert seen is not None
    assert (seen["source"], seen["accountable"]) == ("PROPERTY", {"body": {"name": "官园社区居民委员会"}})
    for again in (order, blank):
        told = await _refused(keeper, {"placeId": estate}, source="PROPERTY", external=again)
        assert told == ("TICKET_KNOWN", "external.number")
    assert [one["number"] for one in await cases_of(demo, "芗里物业")] == ["WX-0001"]
    assert await _refused(keeper, {"placeId": estate}, source="WINDOW") == ("SOURCE_NOT_YOURS", "source")
    assert await _seen(_desk(demo, "worker", NEXT_DOOR), case) is None
