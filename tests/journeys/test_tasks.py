"""How is a case done by several at once, while one answers for it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"
_DEPARTMENT = "芗城区城市管理局"


def _desk(demo: Demo, position: str) -> Desk:
    return Desk(demo, f"{position}@{_SLUG}")


async def _to(demo: Demo, position: str) -> dict[str, Any]:
    return {"to": {"positionId": await post_of(demo, f"{position}@{_SLUG}", _SLUG)}}


async def _told(demo: Demo) -> dict[str, Any]:
    return {**await _to(demo, "building-leader"), "what": "通知住户"}


async def _accepted(demo: Demo) -> str:
    worker = _desk(demo, "worker")
    case = await worker.report(await _desk(demo, "resident").home(), source="PATROL")
    await worker.do("Accept", case)
    return case


async def _tasks(desk: Desk, case: str) -> list[dict[str, Any]]:
    page = await desk.asked(case)
    assert page is not None
    tasks: list[dict[str, Any]] = page["tasks"]
    return tasks


async def test_is_done_in_parts_by_several_before_it_is_resolved(demo: Demo) -> None:
    worker, leader, handler = (_desk(demo, name) for name in ("worker", "building-leader", "grid-worker"))
    outsider = Desk(demo, "department-handler@xiangcheng")
    case = await _accepted(demo)
    await worker.do("Dispatch", case, input=await _to(demo, "grid-worker"))
    department = {"to": {"bodyId": await body_of(demo, "dep", _DEPARTMENT)}, "what": "现场执法"}
    assert await outsider.page(case) is None

    inside = await worker.ask(
        "AssignTask", caseId=case, input={**await _to(demo, "building-leader"), "what": "通知住户"}
    )
    outside = await worker.ask("AssignTask", caseId=case, input=department)

    assert (await leader.work(case), await outsider.work(case)) == (["TO_HANDLE"], ["TO_HANDLE"])
    # Whoever answers for it goes on answering, and does not settle it before the parts are done.
    page = await worker.page(case)
    assert page is not None
    assert (page["status"], page["accountable"]["body"]["name"]) == ("DISPATCHED", "官园社区居民委员会")
    assert "RESOLVE" not in await handler.may(case)
    assert await handler.refused("Resolve", case, input={"note": "已办"}) == "TASKS_OPEN"
    shared = await outsider.page(case)
    assert shared is not None
    assert shared["description"] == "现场执法"
    assert (await leader.ask("FinishTask", id=inside["id"], note="已通知"))["status"] == "DONE"
    assert (await outsider.ask("FinishTask", id=outside["id"], note="已执法"))["status"] == "DONE"
    assert await outsider.page(case) is None
    assert (await leader.work(case), await outsider.work(case)) == ([], [])
    assert [(one["status"], one["what"], one["outcome"]) for one in await _tasks(worker, case)] == [
        ("DONE", "通知住户", "已通知"),
        ("DONE", "现场执法", "已执法"),
    ]
    assert (await handler.do("Resolve", case, input={"note": "已办"}))["status"] == "RESOLVED"


async def test_gives_nobody_more_than_the_part(demo: Demo) -> None:
    worker, leader, mate = (_desk(demo, name) for name in ("worker", "building-leader", "property-worker"))
    outsider = Desk(demo, "department-handler@xiangcheng")
    case = await _accepted(demo)
    await worker.do("Dispatch", case, input=await _to(demo, "grid-worker"))
    inside = await worker.ask(
        "AssignTask", caseId=case, input={**await _to(demo, "building-leader"), "what": "通知住户"}
    )
    department = {"to": {"bodyId": await body_of(demo, "dep", _DEPARTMENT)}, "what": "现场执法"}
    await worker.ask("AssignTask", caseId=case, input=department)

    assert await outsider.refused("Resolve", case, input={"note": "已办"}) == "HANDED_OUTSIDE"
    assert await leader.refused("Resolve", case, input={"note": "已办"}) == "FORBIDDEN"
    assert await mate.may_not_ask("FinishTask", id=inside["id"], note="已办") == "NOT_FOUND"
    assert await outsider.may_not_ask("FinishTask", id=inside["id"], note="已办") == "NOT_FOUND"
    assert await Desk(demo, "worker@xiyuan").may_not_ask("FinishTask", id=inside["id"], note="已办") == "NOT_FOUND"


async def test_is_declined_and_taken_back(demo: Demo) -> None:
    worker, leader = _desk(demo, "worker"), _desk(demo, "building-leader")
    case = await _accepted(demo)
    given = await _told(demo)
    first = await worker.ask("AssignTask", caseId=case, input=given)
    second = await worker.ask("AssignTask", caseId=case, input=given)

    declined = await leader.ask("DeclineTask", id=first["id"], reason="外出")
    assert await leader.may_not_ask("CancelTask", id=second["id"], reason="外出") == "FORBIDDEN"
    cancelled = await worker.ask("CancelTask", id=second["id"], reason="已无必要")

    assert (declined["status"], cancelled["status"]) == ("DECLINED", "CANCELLED")
    assert await leader.work(case) == []
    assert await worker.may_not_ask("CancelTask", id=second["id"], reason="再次") == "TASK_ENDED"


async def test_ends_with_the_case(demo: Demo) -> None:
    worker, outsider = _desk(demo, "worker"), Desk(demo, "department-handler@xiangcheng")
    case = await _accepted(demo)
    department = {"to": {"bodyId": await body_of(demo, "dep", _DEPARTMENT)}, "what": "现场执法"}
    await worker.ask("AssignTask", caseId=case, input=department)

    await worker.do("Exclude", case, reason="WITHDRAWN", reply="已撤回")

    assert [one["status"] for one in await _tasks(worker, case)] == ["CANCELLED"]
    assert (await outsider.page(case), await outsider.work(case)) == (None, [])


async def test_is_given_by_whoever_coordinates_to_those_who_can_do_it(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    case = await _accepted(demo)
    fit = await _told(demo)
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()

    for account, given, code in (
        (worker.account, {**await _to(demo, "resident"), "what": "通知住户"}, "RECEIVER_UNFIT"),
        (worker.account, {**fit, "what": " "}, "CASE_TEXT_INVALID"),
        (worker.account, {**fit, "dueAt": past}, "TASK_DUE_INVALID"),
        (f"grid-worker@{_SLUG}", fit, "FORBIDDEN"),
        ("worker@xiyuan", fit, "NOT_FOUND"),
        ("dispatcher@xiangkou", fit, "NOT_FOUND"),
    ):
        assert await Desk(demo, account).may_not_ask("AssignTask", caseId=case, input=given) == code, account
    assert await _tasks(worker, case) == []


async def test_waits_for_whoever_gave_it_once_nobody_holds_the_post(demo: Demo) -> None:
    worker, leader = Desk(demo, "worker@jiezilu"), Desk(demo, "building-leader@jiezilu")
    case = await worker.report(await Desk(demo, "resident@jiezilu").home(), source="PATROL")
    await worker.do("Accept", case)
    handler = await post_of(demo, "grid-worker@jiezilu", "jiezilu")
    await worker.do("Dispatch", case, input={"to": {"positionId": handler}})
    post = await post_of(demo, leader.account, "jiezilu")
    await worker.ask("AssignTask", caseId=case, input={"to": {"positionId": post}, "what": "通知住户"})
    assert (await leader.work(case), await worker.work(case)) == (["TO_HANDLE"], [])

    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    end = f'mutation {{ endPosition(positionId: "{post}", until: "{yesterday}") {{ errors {{ code }} }} }}'
    ended = (await demo.ask("admin@jiezilu", end)).json()

    assert ended["data"]["endPosition"]["errors"] == []
    assert await worker.work(case) == ["TO_HANDLE"]
