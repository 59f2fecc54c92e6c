"""Does a case go from its community to the street, to a department of the district, and back, and out of sight?"""

from __future__ import annotations

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of

_SUMMARY = "河沿路积水，需排水部门处置"


def _desks(demo: Demo) -> tuple[Desk, Desk, Desk, Desk, Desk]:
    return (
        Desk(demo, "resident@guanyuan"),
        Desk(demo, "worker@guanyuan"),
        Desk(demo, "dispatcher@xiangkou"),
        Desk(demo, "department-handler@xiangcheng"),
        Desk(demo, "officer@xiangcheng"),
    )


async def test_goes_up_to_the_street_on_to_a_department_and_back(demo: Demo) -> None:
    resident, worker, street, handler, _ = _desks(demo)
    department = await body_of(demo, "dep", "芗城区城市管理局")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    index = await street.page(case)
    assert index is not None
    assert (index["title"], index["steps"], index["reporter"]) == (None, None, None)
    assert await street.refused("Dispatch", case, input={"to": {"bodyId": department}}) == "NOT_FOUND"

    up = await worker.do("Escalate", case, summary=_SUMMARY)

    assert (up["status"], up["accountable"]) == ("ACCEPTED", {"body": {"name": "巷口街道"}, "publicName": None})
    assert (await worker.work(case), await street.work(case)) == ([], ["TO_HANDLE"])
    assert await worker.refused("Dispatch", case, input={"to": {"bodyId": department}}) == "NOT_COORDINATOR"
    shared = await street.page(case)
    assert shared is not None
    assert (shared["title"], shared["description"]) == (_SUMMARY, "")
    assert shared["reporter"]["displayName"].endswith("*")
    assert await handler.page(case) is None

    out = await street.do("Dispatch", case, input={"to": {"bodyId": department}, "note": "请尽快抢排"})

    assert (out["status"], out["accountable"]["body"]["name"]) == ("DISPATCHED", "芗城区城市管理局")
    assert (await street.work(case), await handler.work(case)) == ([], ["TO_HANDLE"])
    theirs = await handler.page(case)
    assert theirs is not None
    assert (theirs["title"], theirs["description"]) == (_SUMMARY, "请尽快抢排")
    # What the community's people wrote stays theirs; the office they are at is told.
    assert {(step["actor"]["publicName"], step["note"]) for step in theirs["steps"]} == {(None, None)}
    assert theirs["steps"][2]["actor"]["body"] == {"name": "官园社区居民委员会"}
    assert await handler.may(case) == {"HANDLE", "RETURN", "RESOLVE", "OBJECT", "REQUEST_EXTENSION"}
    assert await worker.refused("Resolve", case, input={"note": "代办"}) == "HANDED_OUTSIDE"

    back = await handler.do("Return", case, reason="应由水务部门办理")

    assert (back["status"], back["accountable"]["body"]["name"]) == ("ACCEPTED", "巷口街道")
    assert await handler.page(case) is None
    assert await handler.refused("Resolve", case, input={"note": "已办"}) == "NOT_FOUND"
    assert (await street.work(case), await handler.work(case)) == (["TO_HANDLE"], [])


async def test_is_resolved_by_the_department_and_closed_by_the_community(demo: Demo) -> None:
    resident, worker, street, handler, officer = _desks(demo)
    department = await body_of(demo, "dep", "芗城区城市管理局")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary=_SUMMARY)

    await street.do("Dispatch", case, input={"to": {"bodyId": department}})
    await handler.do("Accept", case)
    resolved = await handler.do("Resolve", case, input={"note": "积水已抽排"})

    assert resolved["status"] == "RESOLVED"
    told = {"isContacted": True, "isSolved": True, "satisfaction": "SATISFIED"}
    assert (await street.do("CallBack", case, input=told))["status"] == "RESOLVED"
    assert (await worker.do("Close", case))["status"] == "CLOSED"
    assert await handler.page(case) is None
    left = await street.page(case)
    assert left is not None
    assert (left["title"], left["status"]) == (None, "CLOSED")
    whole = await worker.page(case)
    assert whole is not None
    assert [step["note"] for step in whole["steps"] if step["action"] == "RESOLVE"] == ["积水已抽排"]
    trail = await resident.page(case)
    assert trail is not None
    assert [step["officeName"] for step in trail["publicSteps"]][-4:] == [
        *("芗城区城市管理局", "芗城区城市管理局", "巷口街道", "官园社区居民委员会")
    ]
    assert (await officer.page(case) or {})["title"] is None


async def test_goes_up_step_by_step_and_is_handed_back_the_same_way(demo: Demo) -> None:
    resident, worker, street, _, officer = _desks(demo)
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary=_SUMMARY)

    up = await street.do("Escalate", case, summary="请区里协调排水")

    assert up["accountable"]["body"]["name"] == "芗城区"
    assert (await street.work(case), await officer.work(case)) == ([], ["TO_HANDLE"])
    # Whoever handed it up goes on seeing it, and no longer steers it.
    assert (await street.page(case) or {})["title"] == _SUMMARY
    assert await street.refused("HandBack", case, reason="退回") == "NOT_COORDINATOR"
    assert await officer.refused("Escalate", case, summary="再上报") == "NO_OFFICE_ABOVE"

    back = await officer.do("HandBack", case, reason="街道可自行协调")

    assert back["accountable"]["body"]["name"] == "巷口街道"
    assert (await officer.page(case) or {})["title"] is None
    assert await officer.refused("HandBack", case, reason="退回") == "NOT_FOUND"
    again = await street.do("HandBack", case, reason="社区可自行处置")
    assert again["accountable"]["body"]["name"] == "官园社区居民委员会"
    assert (await street.page(case) or {})["title"] is None
    assert await worker.work(case) == ["TO_HANDLE"]


async def test_is_nothing_to_offices_and_departments_elsewhere(demo: Demo) -> None:
    resident, worker, *_ = _desks(demo)
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    elsewhere = [Desk(demo, name) for name in ("dispatcher@gudong", "officer@gulou", "department-handler@gulou")]

    for desk in elsewhere:
        assert await desk.page(case) is None
        for operation, given in (("Accept", {}), ("Close", {}), ("Escalate", {"summary": "上报"})):
            assert await desk.refused(operation, case, **given) in ("NOT_FOUND", "FORBIDDEN")
    theirs = await body_of(demo, "dep", "鼓楼区城市管理局")
    assert await worker.refused("Dispatch", case, input={"to": {"bodyId": theirs}}) == "RECEIVER_UNFIT"


async def test_names_a_confidential_reporter_to_nobody_else(demo: Demo) -> None:
    resident, worker, street, *_ = _desks(demo)
    case = await resident.report(await resident.home(), isConfidential=True)
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary=_SUMMARY)

    for desk in (worker, street):
        assert (await desk.page(case) or {})["reporter"] == {
            "id": None,
            "displayName": None,
            "maskedPhone": None,
        }
    assert (await resident.page(case) or {})["reporter"]["displayName"]
