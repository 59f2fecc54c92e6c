"""Who asks for more time and gets it, and for how long may the clock of a case stand still?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"


def _desk(demo: Demo, position: str) -> Desk:
    return Desk(demo, f"{position}@{_SLUG}")


def _in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def _handed(demo: Demo, to: str = "grid-worker") -> str:
    """Report a case as the resident and hand it to somebody."""
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, f"{to}@{_SLUG}", _SLUG)}})
    return case


async def _due(desk: Desk, case: str) -> datetime:
    page = await desk.page(case)
    assert page is not None
    return datetime.fromisoformat(page["dueAt"])


async def test_gets_more_time_when_the_community_grants_it(demo: Demo) -> None:
    worker, handler, resident = (_desk(demo, name) for name in ("worker", "grid-worker", "resident"))
    case = await _handed(demo)
    until = _in_days(9)

    asked = await handler.ask("RequestExtension", caseId=case, until=until, reason="等待配件")

    assert asked["status"] == "REQUESTED"
    assert await handler.work(case) == ["TO_HANDLE"]
    assert await worker.work(case) == ["TO_DECIDE"]
    assert "DECIDE_EXTENSION" in await worker.may(case)
    # Nothing has changed until somebody decides.
    assert await _due(worker, case) < datetime.fromisoformat(until)
    granted = await worker.ask("DecideExtension", id=asked["id"], isGranted=True, reason="同意")
    assert granted == {
        "id": asked["id"],
        "status": "GRANTED",
        "reason": "等待配件",
        "decision": "同意",
        "requestedBy": {"name": "官园社区居民委员会"},
    }
    assert abs(await _due(worker, case) - datetime.fromisoformat(until)) < timedelta(milliseconds=2)
    assert await worker.work(case) == []
    page = await resident.page(case)
    assert page is not None
    assert [step["label"] for step in page["publicSteps"]][-2:] == ["申请延期", "已延期"]


async def test_gets_no_more_time_when_it_is_refused_with_a_reason(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), _desk(demo, "grid-worker")
    case = await _handed(demo)
    due = await _due(worker, case)
    asked = await handler.ask("RequestExtension", caseId=case, until=_in_days(9), reason="等待配件")

    assert await worker.may_not_ask("DecideExtension", id=asked["id"], isGranted=False) == "CASE_TEXT_INVALID"
    refused = await worker.ask("DecideExtension", id=asked["id"], isGranted=False, reason="今天能办")

    assert (refused["status"], refused["decision"]) == ("REFUSED", "今天能办")
    assert await _due(worker, case) == due
    # Decided once.
    assert await worker.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "NOTHING_ASKED"
    # And asked again.
    again = await handler.ask("RequestExtension", caseId=case, until=_in_days(3), reason="天气原因")
    assert (await worker.ask("DecideExtension", id=again["id"], isGranted=True))["status"] == "GRANTED"


async def test_asks_for_more_time_only_as_it_makes_sense(demo: Demo) -> None:
    worker, handler, chair = (_desk(demo, name) for name in ("worker", "grid-worker", "committee-chair"))
    case = await _handed(demo)
    due = await _due(worker, case)

    earlier = (due - timedelta(minutes=1)).isoformat()
    assert (
        await handler.may_not_ask("RequestExtension", caseId=case, until=earlier, reason="甲") == "EXTENSION_TOO_SHORT"
    )
    assert (
        await handler.may_not_ask("RequestExtension", caseId=case, until=_in_days(9), reason=" ") == "CASE_TEXT_INVALID"
    )
    # By the worker, who may handle everything in the community, and does not decide it then.
    asked = await worker.ask("RequestExtension", caseId=case, until=_in_days(9), reason="等待配件")
    assert await handler.may_not_ask("RequestExtension", caseId=case, until=_in_days(9), reason="乙") == "ALREADY_ASKED"
    assert await worker.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "OWN_REQUEST"
    assert await worker.work(case) == []
    assert "DECIDE_EXTENSION" not in await worker.may(case)
    assert await chair.work(case) == ["TO_DECIDE"]
    assert await handler.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "FORBIDDEN"
    stranger = Desk(demo, "worker@xiyuan")
    assert await stranger.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "NOT_FOUND"
    assert await stranger.may_not_ask("RequestExtension", caseId=case, until=_in_days(9), reason="丙") == "NOT_FOUND"
    assert (await stranger.send("Asked", id=case))["case"] is None


async def test_no_longer_waits_for_a_decision_once_the_case_went_another_way(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), _desk(demo, "grid-worker")
    case = await _handed(demo)
    asked = await handler.ask("RequestExtension", caseId=case, until=_in_days(9), reason="等待配件")

    await handler.do("Resolve", case, input={"note": "已修好"})

    page = await worker.asked(case)
    assert page is not None
    assert [(one["id"], one["status"]) for one in page["extensions"]] == [(asked["id"], "LAPSED")]
    assert await worker.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "CASE_NOT_IN_STATUS"
    assert "TO_DECIDE" not in await worker.work(case)


async def test_decides_for_a_department_as_the_office_that_coordinates(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    street, handler = Desk(demo, "dispatcher@xiangkou"), Desk(demo, "department-handler@xiangcheng")
    department = await body_of(demo, "dep", "芗城区城市管理局")
    case = await worker.report(await _desk(demo, "resident").home(), source="PATROL")
    await worker.do("Accept", case)
    await worker.do("Escalate", case, summary="需街道协调")
    await street.do("Dispatch", case, input={"to": {"bodyId": department}})

    asked = await handler.ask("RequestExtension", caseId=case, until=_in_days(9), reason="需采购设备")

    assert await street.work(case) == ["TO_DECIDE"]
    assert await worker.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "NOT_COORDINATOR"
    granted = await street.ask("DecideExtension", id=asked["id"], isGranted=True, reason="同意")
    assert granted["requestedBy"] == {"name": "芗城区城市管理局"}
    # Whoever decides reads why it was asked, and whoever asked why it was decided so.
    assert granted["reason"] == "需采购设备"
    theirs = await handler.asked(case)
    assert theirs is not None
    assert [(one["reason"], one["decision"]) for one in theirs["extensions"]] == [("需采购设备", "同意")]
    ours = await worker.asked(case)
    assert ours is not None
    assert [(one["reason"], one["decision"]) for one in ours["extensions"]] == [("需采购设备", "同意")]


async def test_is_due_later_by_as_long_as_the_clock_stood_still(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), _desk(demo, "grid-worker")
    case = await _handed(demo)
    due = await _due(worker, case)

    await worker.do("Suspend", case, reason="等待产权单位答复", until=_in_days(2))

    stopped = await worker.asked(case)
    assert stopped is not None
    assert (stopped["clock"]["state"], stopped["clock"]["stoppedReason"]) == ("STOPPED", "等待产权单位答复")
    assert abs(await _due(worker, case) - due - timedelta(days=2)) < timedelta(seconds=30)
    # Longer than first thought.
    await worker.do("Suspend", case, reason="仍在等待", until=_in_days(5))
    assert abs(await _due(worker, case) - due - timedelta(days=5)) < timedelta(seconds=30)
    # The answer came at once.
    await worker.do("Resume", case, note="已答复")
    running = await worker.asked(case)
    assert running is not None
    assert running["clock"] == {"state": "RUNNING", "stoppedReason": None, "stoppedUntil": None}
    assert abs(await _due(worker, case) - due) < timedelta(seconds=30)
    assert await worker.refused("Resume", case) == "NOT_SUSPENDED"
    assert await handler.refused("Suspend", case, reason="甲", until=_in_days(1)) == "FORBIDDEN"
    assert await worker.refused("Suspend", case, reason="甲", until=_in_days(-1)) == "SUSPENSION_TOO_SHORT"


async def test_runs_again_by_itself_when_the_stop_is_over(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    case = await _handed(demo)
    await worker.do("Suspend", case, reason="等待答复", until=_in_days(2))

    await demo.owner.execute("update cases set stopped_until = now() where id = $1::uuid", case.rpartition("_")[2])

    running = await worker.asked(case)
    assert running is not None
    assert running["clock"] == {"state": "RUNNING", "stoppedReason": None, "stoppedUntil": None}
    assert "RESUME" not in await worker.may(case)
    assert await worker.refused("Resume", case) == "NOT_SUSPENDED"


async def test_is_due_no_earlier_by_more_time_that_is_granted_while_the_clock_stands_still(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), _desk(demo, "grid-worker")
    case = await _handed(demo)
    asked = await handler.ask("RequestExtension", caseId=case, until=_in_days(9), reason="等待配件")
    await worker.do("Suspend", case, reason="等待答复", until=_in_days(30))
    stopped = await _due(worker, case)

    await worker.ask("DecideExtension", id=asked["id"], isGranted=True)

    assert await _due(worker, case) == stopped
    await worker.do("Resume", case)
    assert await _due(worker, case) == stopped


async def test_grants_no_time_that_has_passed(demo: Demo) -> None:
    worker, handler = _desk(demo, "worker"), _desk(demo, "grid-worker")
    case = await _handed(demo)
    asked = await handler.ask("RequestExtension", caseId=case, until=_in_days(9), reason="等待配件")
    yesterday = "update case_requests set until = now() - interval '1 day' where id = $1::uuid"
    await demo.owner.execute(yesterday, asked["id"].rpartition("_")[2])

    assert await worker.may_not_ask("DecideExtension", id=asked["id"], isGranted=True) == "EXTENSION_TOO_SHORT"
    assert (await worker.ask("DecideExtension", id=asked["id"], isGranted=False, reason="已过期"))[
        "status"
    ] == "REFUSED"


async def test_tells_offices_no_words_of_why_the_clock_stands_still(demo: Demo) -> None:
    worker = _desk(demo, "worker")
    case = await _handed(demo)

    await worker.do("Suspend", case, reason="等张某提供材料", until=_in_days(5))

    for account in ("dispatcher@xiangkou", "officer@xiangcheng"):
        answer = await demo.ask(
            account, "query($id: ID!) { case(id: $id) { clock { state stoppedReason } } }", {"id": case}
        )
        assert answer.json()["data"]["case"]["clock"] == {"state": "STOPPED", "stoppedReason": None}, account
    assert "张某" not in str(
        await demo.owner.fetchval("select row_to_json(c) from cases c where id = $1::uuid", case[-36:])
    )
    assert "张某" not in str(await demo.owner.fetch("select after from events where case_id = $1::uuid", case[-36:]))
