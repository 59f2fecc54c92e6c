"""Does a case go its whole way within a community, and does everybody see of it what they should on the way?"""

from __future__ import annotations

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, post_of

_SLUG = "guanyuan"


def _desk(demo: Demo, position: str) -> Desk:
    return Desk(demo, f"{position}@{_SLUG}")


async def test_goes_from_a_residents_report_to_its_close(demo: Demo) -> None:
    resident, worker, chair = (_desk(demo, name) for name in ("resident", "worker", "committee-chair"))
    handler = _desk(demo, "grid-worker")
    post = await post_of(demo, handler.account, _SLUG)

    case = await resident.report(await resident.home())

    assert await worker.work(case) == ["TO_ACCEPT"]
    assert await worker.may(case) == {"ACCEPT", "EXCLUDE", "MERGE", "REQUEST_WHISTLE"}
    assert (await worker.do("Accept", case))["status"] == "ACCEPTED"
    assert await worker.work(case) == ["TO_HANDLE"]
    assert await chair.work(case) == []
    dispatched = await worker.do("Dispatch", case, input={"to": {"positionId": post}, "note": "请今天处理"})
    assert dispatched["status"] == "DISPATCHED"
    assert dispatched["accountable"]["publicName"]
    assert (await worker.work(case), await handler.work(case)) == ([], ["TO_HANDLE"])
    assert (await handler.do("Accept", case))["status"] == "HANDLING"
    assert (await handler.do("Resolve", case, input={"note": "已疏通"}))["status"] == "RESOLVED"
    assert await handler.work(case) == []
    assert await chair.work(case) == ["TO_CALL_BACK"]
    assert await chair.refused("Close", case) == "CALL_BACK_MISSING"
    told = {"isContacted": True, "isSolved": True, "satisfaction": "SATISFIED"}
    assert (await chair.do("CallBack", case, input=told))["status"] == "RESOLVED"
    assert (await chair.do("Close", case, note="办结"))["status"] == "CLOSED"

    page = await worker.page(case)
    assert page is not None
    assert [step["action"] for step in page["steps"]] == [
        *("REPORT", "ACCEPT", "DISPATCH", "HANDLE", "RESOLVE", "CALL_BACK", "CLOSE")
    ]
    assert [step["fromStatus"] for step in page["steps"]][1:] == [step["toStatus"] for step in page["steps"]][:-1]
    assert page["clock"] == {"state": "STOPPED"}
    assert page["callBack"] == told
    for desk in (resident, worker, chair, handler):
        assert await desk.work(case) == []


async def test_shows_the_reporter_the_trail_with_names_of_offices_alone(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)

    page = await resident.page(case)

    assert page is not None
    assert page["steps"] is None
    assert page["publicSteps"] == [
        {"label": "已上报", "officeName": None},
        {"label": "已受理", "officeName": "官园社区居民委员会"},
    ]
    assert page["accountable"]["body"] == {"name": "官园社区居民委员会"}


async def test_goes_back_to_the_handler_when_the_reporter_says_that_it_is_not_solved(demo: Demo) -> None:
    resident, worker, chair = (_desk(demo, name) for name in ("resident", "worker", "committee-chair"))
    handler = _desk(demo, "grid-worker")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})
    await handler.do("Resolve", case, input={"note": "已疏通"})

    again = await chair.do("CallBack", case, input={"isContacted": True, "isSolved": False})

    assert (again["status"], again["reworkCount"]) == ("DISPATCHED", 1)
    assert await handler.work(case) == ["TO_HANDLE"]
    await handler.do("Resolve", case, input={"note": "再次疏通"})
    # What was asked before does not count for what was done since.
    assert await chair.refused("Close", case) == "CALL_BACK_MISSING"
    assert (await chair.do("CallBack", case, input={"isContacted": False}))["status"] == "RESOLVED"
    assert (await chair.do("Close", case))["status"] == "CLOSED"


async def test_comes_back_from_a_handler_who_returns_it(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), _desk(demo, "grid-worker")
    case = await _desk(demo, "resident").report(await _desk(demo, "resident").home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})

    back = await handler.do("Return", case, reason="不在本网格")

    assert back["status"] == "ACCEPTED"
    assert back["accountable"] == {"body": {"name": "官园社区居民委员会"}, "publicName": None}
    assert (await worker.work(case), await handler.work(case)) == (["TO_HANDLE"], [])
    assert await handler.refused("Return", case, reason="再退") in ("FORBIDDEN", "CASE_NOT_IN_STATUS")


async def test_is_settled_at_once_when_found_and_fixed_on_the_spot(demo: Demo) -> None:
    handler, chair = _desk(demo, "grid-worker"), _desk(demo, "committee-chair")
    grid = (await demo.ask(handler.account, "{ me { positions { place { id } } } }")).json()
    place = {"placeId": grid["data"]["me"]["positions"][0]["place"]["id"]}

    case = await handler.report(place, source="PATROL", handled={"note": "已清理"})

    page = await chair.page(case)
    assert page is not None
    assert [(step["action"], step["fromStatus"], step["toStatus"]) for step in page["steps"]] == [
        ("REPORT", None, "REPORTED"),
        ("HANDLE_ON_SPOT", "REPORTED", "RESOLVED"),
    ]
    # It may have been drawn for that.
    await chair.do("Verify", case, isSettled=True)
    # Nobody waits to be called back, but somebody else closes it.
    assert (await chair.do("Close", case))["status"] == "CLOSED"


async def test_nobody_closes_or_calls_back_what_he_handled(demo: Demo) -> None:
    worker, chair = _desk(demo, "worker"), _desk(demo, "committee-chair")
    case = await _desk(demo, "resident").report(await _desk(demo, "resident").home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, worker.account, _SLUG)}})
    await worker.do("Resolve", case, input={"note": "已上门"})

    assert await worker.may(case) == {"MERGE", "REQUEST_WHISTLE", "ESCALATE", "HAND_BACK"}
    assert await worker.work(case) == []
    assert await worker.refused("CallBack", case, input={"isContacted": False}) == "OWN_HANDLING"
    assert await worker.refused("Close", case) == "OWN_HANDLING"
    await chair.do("CallBack", case, input={"isContacted": False})
    assert (await chair.do("Close", case))["status"] == "CLOSED"


async def test_is_reopened_as_rework(demo: Demo) -> None:
    worker, chair, handler = (_desk(demo, name) for name in ("worker", "committee-chair", "grid-worker"))
    case = await worker.report(await _desk(demo, "resident").home(), source="PATROL", handled={"note": "已清理"})
    await chair.do("Verify", case, isSettled=True)
    await chair.do("Close", case)

    again = await chair.do("Reopen", case, reason="又出现了")

    assert (again["status"], again["reworkCount"]) == ("ACCEPTED", 1)
    page = await worker.page(case)
    assert page is not None
    assert (page["clock"], page["callBack"]) == ({"state": "RUNNING"}, None)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})


async def test_is_not_taken_on_with_a_reply(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    case = await resident.report(await resident.home())

    excluded = await worker.do("Exclude", case, reason="IN_COURT", reply="已进入司法程序")

    assert excluded["status"] == "EXCLUDED"
    assert await worker.may(case) == set()
    assert await worker.refused("Accept", case) == "CASE_NOT_IN_STATUS"


async def test_is_merged_into_another_about_the_same(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    first = await resident.report(await resident.home())
    second = await resident.report(await resident.home())

    merged = await worker.do("Merge", second, intoCaseId=first)

    assert merged["status"] == "MERGED"
    page = await resident.page(second)
    assert page is not None
    assert page["duplicateOf"]["id"] == first
    assert await worker.refused("Merge", first, intoCaseId=second) == "CANNOT_MERGE"
    assert await worker.refused("Merge", first, intoCaseId=first) == "CANNOT_MERGE"


async def test_is_handed_to_a_company_and_on_within_it(demo: Demo) -> None:
    worker, manager, mate = (_desk(demo, name) for name in ("worker", "property-manager", "property-worker"))
    manager_post = await post_of(demo, manager.account, _SLUG)
    estate = (await demo.ask(manager.account, "{ me { positions { place { id } body { id name } } } }")).json()
    held = estate["data"]["me"]["positions"][0]
    case = await worker.report({"placeId": held["place"]["id"]}, source="PATROL")
    assert await manager.page(case) is None
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"bodyId": held["body"]["id"]}})

    assert (await manager.work(case), await mate.work(case)) == (["TO_HANDLE"], ["TO_HANDLE"])
    assert await mate.refused("HandOn", case, positionId=manager_post) == "FORBIDDEN"
    on = await manager.do("HandOn", case, positionId=await post_of(demo, mate.account, _SLUG))

    # The company goes on answering for it.
    assert on["accountable"]["body"]["name"] == held["body"]["name"]
    assert (await manager.work(case), await mate.work(case)) == ([], ["TO_HANDLE"])
    assert (await mate.do("Resolve", case, input={"note": "已修好"}))["status"] == "RESOLVED"
