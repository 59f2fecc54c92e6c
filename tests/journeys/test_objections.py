"""What does a receiver do with a case that is not theirs? Object, citing why; and what comes of it."""

from __future__ import annotations

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"
_DEPARTMENT = "芗城区城市管理局"
_OBJECTION = {"basis": "DUTY_LIST", "citation": "职责清单第十二项", "reason": "属公用设施养护"}


def _desk(demo: Demo, position: str) -> Desk:
    return Desk(demo, f"{position}@{_SLUG}")


async def _with_department(demo: Demo) -> str:
    worker = _desk(demo, "worker")
    case = await worker.report(await _desk(demo, "resident").home(), source="PATROL")
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"bodyId": await body_of(demo, "dep", _DEPARTMENT)}})
    return case


async def test_comes_back_when_the_objection_is_upheld(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), Desk(demo, "department-handler@xiangcheng")
    case = await _with_department(demo)

    asked = await handler.ask("Object", caseId=case, input=_OBJECTION)

    assert asked == {"id": asked["id"], "status": "REQUESTED", "citation": "职责清单第十二项", "basis": "DUTY_LIST"}
    # Until it is decided, whoever has it goes on answering for it.
    page = await worker.page(case)
    assert page is not None
    assert page["accountable"]["body"] == {"name": _DEPARTMENT}
    assert (await handler.work(case), await worker.work(case)) == (["TO_HANDLE"], ["TO_DECIDE"])
    upheld = await worker.ask("DecideObjection", id=asked["id"], isGranted=True)
    assert upheld["status"] == "GRANTED"
    page = await worker.page(case)
    assert page is not None
    assert (page["status"], page["accountable"]["body"]["name"]) == ("ACCEPTED", "官园社区居民委员会")
    assert [step["action"] for step in page["steps"]][-2:] == ["OBJECT", "UPHOLD_OBJECTION"]
    assert (await handler.work(case), await worker.work(case)) == ([], ["TO_HANDLE"])
    assert await handler.page(case) is None


async def test_stays_when_the_objection_is_refused(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), Desk(demo, "department-handler@xiangcheng")
    case = await _with_department(demo)
    asked = await handler.ask("Object", caseId=case, input=_OBJECTION)

    assert await handler.may_not_ask("DecideObjection", id=asked["id"], isGranted=True) == "FORBIDDEN"
    elsewhere = Desk(demo, "dispatcher@gudong")
    assert await elsewhere.may_not_ask("DecideObjection", id=asked["id"], isGranted=True) == "NOT_FOUND"
    refused = await worker.ask("DecideObjection", id=asked["id"], isGranted=False, reason="清单第八项属贵局")

    assert (refused["status"], refused["decision"]) == ("REFUSED", "清单第八项属贵局")
    page = await handler.page(case)
    assert page is not None
    assert (page["status"], page["accountable"]["body"]["name"]) == ("DISPATCHED", _DEPARTMENT)
    assert await handler.work(case) == ["TO_HANDLE"]
    assert (
        await handler.may_not_ask("Object", caseId=case, input={**_OBJECTION, "citation": " "}) == "CASE_TEXT_INVALID"
    )


async def test_is_objected_to_by_nobody_but_whoever_has_it(demo: Demo) -> None:
    case = await _with_department(demo)

    for account, code in (
        # The community's own people may handle, but not what is with somebody outside.
        (f"worker@{_SLUG}", "HANDED_OUTSIDE"),
        (f"resident@{_SLUG}", "FORBIDDEN"),
        ("department-handler@gulou", "NOT_FOUND"),
        ("worker@xiyuan", "NOT_FOUND"),
    ):
        assert await Desk(demo, account).may_not_ask("Object", caseId=case, input=_OBJECTION) == code, account


async def test_is_taken_from_one_receiver_and_handed_to_another(demo: Demo) -> None:
    worker, handler, former = (
        _desk(demo, "worker"),
        _desk(demo, "grid-worker"),
        Desk(demo, "department-handler@xiangcheng"),
    )
    case = await _with_department(demo)
    asked = await former.ask("Object", caseId=case, input=_OBJECTION)

    post = await post_of(demo, handler.account, _SLUG)
    again = await worker.do("Dispatch", case, input={"to": {"positionId": post}, "note": "改由网格处置"})

    assert (again["status"], again["accountable"]["body"]["name"]) == ("DISPATCHED", "官园社区居民委员会")
    assert (await handler.work(case), await former.work(case)) == (["TO_HANDLE"], [])
    assert await former.page(case) is None
    page = await worker.asked(case)
    assert page is not None
    assert [(one["id"], one["status"]) for one in page["objections"]] == [(asked["id"], "LAPSED")]
    steps = await worker.page(case)
    assert steps is not None
    assert [step["action"] for step in steps["steps"]][-1] == "REDISPATCH"
    assert await handler.refused("Dispatch", case, input={"to": {"positionId": post}}) == "FORBIDDEN"
