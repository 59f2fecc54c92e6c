"""Do the contract's documents about the work on cases run as written, for those who do it and for nobody else?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.documents import contract_document
from tests.fixtures.demo import Demo
from tests.journeys.working import REPORT, Desk, body_of, post_of

_SLUG = "guanyuan"
_WORKER, _CHAIR, _HANDLER, _RESIDENT = (
    f"{position}@{_SLUG}" for position in ("worker", "committee-chair", "grid-worker", "resident")
)
_DEPARTMENT = "department-handler@xiangcheng"


async def _run(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    answer = await demo.ask(account, contract_document("case_work"), variables, operation=operation)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert "errors" not in found, found
    data: dict[str, Any] = found["data"]
    return data


async def _done(demo: Demo, account: str, operation: str, **variables: object) -> dict[str, Any]:
    (payload,) = (await _run(demo, account, operation, **variables)).values()
    assert payload.pop("errors") == []
    (shown,) = payload.values()
    assert shown is not None
    written: dict[str, Any] = shown
    return written


async def _code(demo: Demo, account: str, operation: str, **variables: object) -> str:
    (payload,) = (await _run(demo, account, operation, **variables)).values()
    (error,) = payload.pop("errors")
    assert list(payload.values()) == [None]
    assert error["message"]
    return str(error["code"])


async def _dispatched(demo: Demo, to: dict[str, str]) -> str:
    resident, worker = Desk(demo, _RESIDENT), Desk(demo, _WORKER)
    case = await resident.report(await resident.home(), **REPORT)
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": to})
    return case


async def test_is_returned_by_whoever_it_was_handed_to(demo: Demo) -> None:
    case = await _dispatched(demo, {"positionId": await post_of(demo, _HANDLER, _SLUG)})

    assert await _code(demo, _RESIDENT, "ReturnCase", caseId=case, reason="退回") == "FORBIDDEN"
    assert await _done(demo, _HANDLER, "ReturnCase", caseId=case, reason="不在本网格") == {
        "id": case,
        "status": "ACCEPTED",
    }


async def test_is_objected_to_by_a_department(demo: Demo) -> None:
    case = await _dispatched(demo, {"bodyId": await body_of(demo, "dep", "芗城区城市管理局")})
    given = {"basis": "DUTY_LIST", "citation": "第十二项", "reason": "非本局职责"}

    assert await _code(demo, "department-handler@gulou", "ObjectToDispatch", caseId=case, input=given) == "NOT_FOUND"
    objection = await _done(demo, _DEPARTMENT, "ObjectToDispatch", caseId=case, input=given)

    assert objection == {"id": objection["id"], "status": "REQUESTED"}


async def test_is_given_more_time_that_was_asked_for(demo: Demo) -> None:
    case = await _dispatched(demo, {"positionId": await post_of(demo, _HANDLER, _SLUG)})
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()

    assert await _code(demo, _RESIDENT, "RequestExtension", caseId=case, until=until, reason="延期") == "FORBIDDEN"
    extension = await _done(demo, _HANDLER, "RequestExtension", caseId=case, until=until, reason="等待配件")

    assert extension == {"id": extension["id"], "status": "REQUESTED"}


async def test_is_rated_by_its_reporter_and_reopened_by_the_community(demo: Demo) -> None:
    case = await _dispatched(demo, {"positionId": await post_of(demo, _HANDLER, _SLUG)})
    await Desk(demo, _HANDLER).do("Resolve", case, input={"note": "已疏通"})
    given = {"isSolved": True, "satisfaction": "SATISFIED", "comment": "谢谢"}

    assert await _code(demo, _WORKER, "RateCase", caseId=case, input=given) == "FORBIDDEN"
    rated = await _done(demo, _RESIDENT, "RateCase", caseId=case, input=given)
    await Desk(demo, _CHAIR).do("Close", case)
    assert await _code(demo, _RESIDENT, "ReopenCase", caseId=case, reason="又积水") == "FORBIDDEN"
    reopened = await _done(demo, _CHAIR, "ReopenCase", caseId=case, reason="又积水")

    assert rated == {"id": case, "callBack": {"isSolved": True, "satisfaction": "SATISFIED"}}
    assert reopened == {"id": case, "status": "ACCEPTED", "reworkCount": 1}


async def test_is_handed_up_with_a_summary(demo: Demo) -> None:
    worker = Desk(demo, _WORKER)
    case = await worker.report(await Desk(demo, _RESIDENT).home(), source="PATROL")
    await worker.do("Accept", case)

    assert await _code(demo, _HANDLER, "EscalateCase", caseId=case, summary="请协调") == "FORBIDDEN"
    assert await _done(demo, _WORKER, "EscalateCase", caseId=case, summary="请协调") == {
        "id": case,
        "status": "ACCEPTED",
    }


async def test_waits_in_the_list_of_work(demo: Demo) -> None:
    case = await _dispatched(demo, {"positionId": await post_of(demo, _HANDLER, _SLUG)})

    listed = (await _run(demo, _HANDLER, "MyWork", first=100))["myWork"]

    (mine,) = [node for node in listed["nodes"] if node["case"]["id"] == case]
    assert mine["tenant"]["slug"] == _SLUG
    assert mine["due"]["reason"] == "TO_HANDLE"
    assert listed["totalCount"] >= len(listed["nodes"])
