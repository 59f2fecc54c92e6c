"""Does `can` of a task, a whistle and whoever it calls name what the mutations take, for each who has a part in it?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.demo import Demo
from tests.journeys.whistling import (
    BUREAU,
    BUREAUS_HANDLER,
    DISTRICT,
    STATIONS_HANDLER,
    STREET,
    WORKER,
    Town,
    open_town,
)
from tests.journeys.working import Desk, body_of, post_of

_SLUG = "guanyuan"
_DEPARTMENT = "芗城区城市管理局"
_RATING = """query($id: ID!) { node(id: $id) { ... on WhistleCallee { can { action isAllowed reason } } } }"""
_ALL = (WORKER, STREET, DISTRICT, BUREAUS_HANDLER, STATIONS_HANDLER)


@pytest.fixture(scope="module")
async def town(demo: Demo) -> Town:
    """Everybody who has a part in whistles."""
    return await open_town(demo)


def _allowed(offering: dict[str, Any] | None) -> set[str]:
    return {each["action"] for each in (offering or {}).get("can") or () if each["isAllowed"]}


async def _parts(desk: Desk, case: str, name: str) -> list[dict[str, Any]]:
    """Read the tasks or whistles of a case, if they are the account's to see."""
    return ((await desk.send("Offered", id=case))["case"] or {}).get(name) or []


async def test_a_task_is_ended_by_whom_it_was_given_and_taken_back_by_the_coordinator(demo: Demo) -> None:
    desks = {name: Desk(demo, f"{name}@{_SLUG}") for name in ("worker", "building-leader", "property-worker")}
    worker, leader = desks["worker"], desks["building-leader"]
    outsider = Desk(demo, "department-handler@xiangcheng")
    case = await worker.report(await Desk(demo, f"resident@{_SLUG}").home(), source="PATROL")
    await worker.do("Accept", case)
    within = {"to": {"positionId": await post_of(demo, leader.account, _SLUG)}, "what": "通知住户"}
    inside = (await worker.ask("AssignTask", caseId=case, input=within))["id"]
    beyond = {"to": {"bodyId": await body_of(demo, "dep", _DEPARTMENT)}, "what": "现场执法"}
    outside = (await worker.ask("AssignTask", caseId=case, input=beyond))["id"]

    async def allowed(desk: Desk) -> dict[str, set[str]]:
        return {task["id"]: _allowed(task) for task in await _parts(desk, case, "tasks")}

    ends, takes_back = {"FINISH_TASK", "DECLINE_TASK"}, {"CANCEL_TASK"}
    # Who handles everything in the community may also end what was given within it, and nothing that went outside.
    assert await allowed(worker) == {inside: ends | takes_back, outside: takes_back}
    assert await allowed(leader) == {inside: ends, outside: set()}
    assert await allowed(outsider) == {inside: set(), outside: ends}
    assert await worker.may_not_ask("FinishTask", id=outside, note="已执法") == "NOT_FOUND"

    await outsider.ask("FinishTask", id=outside, note="已执法")

    assert await allowed(worker) == {inside: ends | takes_back, outside: set()}
    await worker.do("Exclude", case, reason="WITHDRAWN", reply="已撤回")
    assert await allowed(worker) == {inside: set(), outside: set()}


async def test_says_why_a_task_is_not_the_callers_to_end(demo: Demo) -> None:
    worker = Desk(demo, f"worker@{_SLUG}")
    case = await worker.report(await Desk(demo, f"resident@{_SLUG}").home(), source="PATROL")
    await worker.do("Accept", case)
    given = {"to": {"bodyId": await body_of(demo, "dep", _DEPARTMENT)}, "what": "现场执法"}
    await worker.ask("AssignTask", caseId=case, input=given)
    document = "query($id: ID!) { case(id: $id) { tasks { can { action reason } } } }"

    async def reasons(account: str) -> dict[str, str | None]:
        (task,) = (await demo.ask(account, document, {"id": case})).json()["data"]["case"]["tasks"]
        return {each["action"]: each["reason"] for each in task["can"]}

    assert await reasons(worker.account) == {
        "FINISH_TASK": "不在您的职责范围内",
        "DECLINE_TASK": "不在您的职责范围内",
        "CANCEL_TASK": None,
    }
    assert (await reasons("department-handler@xiangcheng"))["FINISH_TASK"] is None
    # Who holds no post that ever does it is told so.
    assert "case:handle" in str((await reasons(f"party-secretary@{_SLUG}"))["FINISH_TASK"])


async def _whistle_allowed(town: Town, case: str, callee: str | None = None) -> dict[str, set[str]]:
    """Tell who may do what with a case's one whistle, or about one of those that it calls."""
    found = {}
    for account in _ALL:
        whistles = await _parts(town.desk(account), case, "whistles")
        callees = (each for whistle in whistles for each in whistle["callees"] if each["id"] == callee)
        found[account] = _allowed(next(iter(callees if callee else whistles), None))
    return {account: actions for account, actions in found.items() if actions}


async def test_a_whistle_is_blown_by_the_office_that_was_asked(town: Town) -> None:
    case = await town.accepted()
    # The district has the case in hand, and so sees the whistle that its street was asked for.
    whistle = await town[WORKER].request(case)
    await town.desk(WORKER).do("Escalate", case, summary="请街道协调")
    await town.desk(STREET).do("Escalate", case, summary="请区里协调")

    assert await _whistle_allowed(town, case) == {STREET: {"WHISTLE", "REFUSE_WHISTLE"}}
    assert await town[DISTRICT].refused("Refuse", whistleId=whistle, reason="自行协调") == "NOT_WHISTLING_OFFICE"

    await town[STREET].call(whistle, town.bureau)

    # Whoever coordinates the case says what came of it, too.
    concluding = {"CONCLUDE_WHISTLE"}
    assert await _whistle_allowed(town, case) == {STREET: concluding, DISTRICT: concluding}


async def test_whoever_is_called_answers_and_comes_and_both_rate(town: Town) -> None:
    case = await town.accepted()
    whistle = await town[WORKER].request(case)
    callee = (await town[STREET].call(whistle, town.bureau, town.station))[BUREAU]

    assert await _whistle_allowed(town, case, callee) == {BUREAUS_HANDLER: {"COME_TO_WHISTLE", "DECLINE_WHISTLE"}}
    await town[BUREAUS_HANDLER].do("Answer", calleeId=callee, isComing=False, reason="不属本局职责")
    assert await _whistle_allowed(town, case, callee) == {DISTRICT: {"INSIST_ON_WHISTLE", "ACCEPT_DECLINE"}}
    await town[DISTRICT].do("Insist", calleeId=callee)
    assert await _whistle_allowed(town, case, callee) == {BUREAUS_HANDLER: {"COME_TO_WHISTLE"}}
    await town[BUREAUS_HANDLER].do("Answer", calleeId=callee, isComing=True)
    assert await _whistle_allowed(town, case, callee) == {BUREAUS_HANDLER: {"ARRIVE_AT_WHISTLE"}}
    await town[BUREAUS_HANDLER].do("Arrive", calleeId=callee)
    assert await _whistle_allowed(town, case, callee) == {}
    await town[STREET].do("Conclude", whistleId=whistle, outcome="现场取缔")

    async def rating(account: str) -> set[str]:
        return _allowed((await town.demo.ask(account, _RATING, {"id": callee})).json()["data"]["node"])

    ratings = {account: await rating(account) for account in _ALL}
    assert {account: actions for account, actions in ratings.items() if actions} == {
        WORKER: {"RATE_DEPARTMENT"},
        STREET: {"RATE_DEPARTMENT"},
        BUREAUS_HANDLER: {"RATE_OFFICE"},
    }
    await town[STREET].do("Rate", calleeId=callee, score=3)
    await town[BUREAUS_HANDLER].do("Rate", calleeId=callee, score=4)
    assert [await rating(account) for account in _ALL] == [set()] * len(_ALL)
