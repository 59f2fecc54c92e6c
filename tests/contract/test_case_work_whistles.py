"""Do the contract's documents about whistles work as written, from the request to the joint result?"""

from __future__ import annotations

from typing import Any

from tests.contract.documents import contract_operation
from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of

_WORKER, _STREET, _DISTRICT, _HANDLER = (
    "worker@qingcheng",
    "dispatcher@gudong",
    "officer@gulou",
    "department-handler@gulou",
)


async def _run(demo: Demo, account: str, name: str, operation: str, **variables: object) -> dict[str, Any]:
    answer = await demo.ask(account, contract_operation(name, operation), variables)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert "errors" not in told, told
    (found,) = told["data"].values()
    shown: dict[str, Any] = found
    return shown


async def test_a_whistle_goes_from_the_request_to_the_joint_result(demo: Demo) -> None:
    resident, worker = Desk(demo, "resident@qingcheng"), Desk(demo, _WORKER)
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    bureau = "鼓楼区城市管理局"
    department = await body_of(demo, "dep", bureau)

    asked = await _run(
        demo,
        _WORKER,
        "case_work",
        "RequestWhistle",
        caseId=case,
        input={"reason": "EMERGENCY", "summary": "内河水位上涨，需城管到场"},
    )
    whistle = asked["whistle"]["id"]
    called = await _run(
        demo, _STREET, "case_work", "Whistle", whistleId=whistle, input={"callees": [{"departmentId": department}]}
    )
    (callee,) = called["whistle"]["callees"]
    waiting = await _run(demo, _HANDLER, "case_work", "MyWork")
    page = await _run(demo, _STREET, "cases", "CasePage", id=case)
    listed = await demo.ask(_HANDLER, f'{{ node(id: "{whistle}") {{ ... on Whistle {{ callees {{ id }} }} }} }}')
    called_id = listed.json()["data"]["node"]["callees"][0]["id"]
    answered = await _run(demo, _HANDLER, "case_work", "AnswerWhistle", calleeId=called_id, isComing=True)
    arrived = await _run(demo, _HANDLER, "case_work", "ArriveAtWhistle", calleeId=called_id)
    outcome = "水位已降"
    concluded = await _run(demo, _STREET, "case_work", "ConcludeWhistle", whistleId=whistle, outcome=outcome)
    after = await _run(demo, _WORKER, "cases", "CasePage", id=case)

    assert (asked["whistle"]["status"], called["whistle"]["status"]) == ("REQUESTED", "CALLED")
    assert callee["department"] == {"id": department, "name": bureau}
    assert callee["respondBy"] < callee["arriveBy"]
    (item,) = (node for node in waiting["nodes"] if node["case"]["id"] == case)
    assert item["due"] == {"at": callee["respondBy"], "reason": "TO_ANSWER_WHISTLE"}
    assert page["whistles"][0]["id"] == whistle
    assert answered["callee"] == {"id": called_id, "status": "COMING"}
    assert arrived["callee"]["arrivedAt"] is not None
    assert concluded["whistle"] == {"id": whistle, "outcome": outcome}
    (shown,) = after["whistles"]
    assert (shown["reason"], shown["outcome"], shown["callees"][0]["declinedReason"]) == ("EMERGENCY", outcome, None)
    assert shown["callees"][0]["arrivedAt"] == arrived["callee"]["arrivedAt"]


async def test_a_decline_takes_a_reason_and_goes_to_the_district(demo: Demo) -> None:
    resident, worker = Desk(demo, "resident@qingcheng"), Desk(demo, _WORKER)
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    summary = {"reason": "JOINT_ENFORCEMENT", "summary": "占道经营，需联合执法"}
    asked = await _run(demo, _WORKER, "case_work", "RequestWhistle", caseId=case, input=summary)
    department = await body_of(demo, "dep", "鼓楼区城市管理局")
    whistle = asked["whistle"]["id"]
    given = {"callees": [{"departmentId": department}]}
    await _run(demo, _STREET, "case_work", "Whistle", whistleId=whistle, input=given)
    listed = await demo.ask(_STREET, f'{{ node(id: "{whistle}") {{ ... on Whistle {{ callees {{ id }} }} }} }}')
    called = listed.json()["data"]["node"]["callees"][0]["id"]

    bare = await _run(demo, _HANDLER, "case_work", "AnswerWhistle", calleeId=called, isComing=False)
    declined = await _run(
        demo, _HANDLER, "case_work", "AnswerWhistle", calleeId=called, isComing=False, reason="属市场监管职责"
    )
    waiting = await _run(demo, _DISTRICT, "case_work", "MyWork")
    page = await _run(demo, _DISTRICT, "cases", "CasePage", id=case)

    assert [error["code"] for error in bare["errors"]] == ["CASE_TEXT_INVALID"]
    assert declined["callee"] == {"id": called, "status": "DECLINED"}
    assert {node["due"]["reason"] for node in waiting["nodes"] if node["case"]["id"] == case} == {"TO_DECIDE"}
    assert page["title"] == summary["summary"]
    assert page["whistles"][0]["callees"][0]["declinedReason"] == "属市场监管职责"
