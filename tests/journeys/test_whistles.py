"""Do departments come when a street whistles, do declines go to the district, and who reads what of it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.demo import Demo
from tests.journeys.listing import list_post
from tests.journeys.whistling import (
    BUREAU,
    BUREAUS_HANDLER,
    CHAIR,
    DISTRICT,
    HANDLER,
    STATION,
    STATIONS_HANDLER,
    STRANGERS,
    STREET,
    SUMMARY,
    WORKER,
    Town,
    open_town,
)

_ALL = (WORKER, STREET, DISTRICT, BUREAUS_HANDLER, STATIONS_HANDLER, *STRANGERS)
_OUTSIDE = _ALL[1:]
_OUTCOME = "现场取缔，商户承诺整改"
_STEPS = [
    "REPORT",
    "ACCEPT",
    "REQUEST_WHISTLE",
    "WHISTLE",
    "COME_TO_WHISTLE",
    "ARRIVE_AT_WHISTLE",
    "DECLINE_WHISTLE",
    "INSIST_ON_WHISTLE",
    "COME_TO_WHISTLE",
    "ARRIVE_AT_WHISTLE",
    "CONCLUDE_WHISTLE",
    "RATE_WHISTLE",
    "RATE_WHISTLE",
]


@pytest.fixture(scope="module")
async def town(demo: Demo) -> Town:
    """Everybody of the journey."""
    return await open_town(demo)


async def _readers(town: Town, case: str) -> set[str]:
    """Tell who outside the community reads the case's text."""
    pages = {account: await town.desk(account).page(case) for account in _OUTSIDE}
    return {account for account, page in pages.items() if page is not None and page["title"] is not None}


async def _waits(town: Town, case: str) -> dict[str, list[str]]:
    found = {account: sorted(await town[account].due(case)) for account in _ALL}
    return {account: reasons for account, reasons in found.items() if reasons}


async def _request(town: Town) -> tuple[str, str]:
    """Ask as the community: its street sees what it confirmed, and nothing else changes."""
    case = await town.accepted()
    before = await town.desk(WORKER).page(case) or {}
    whistle = await town[WORKER].request(case)
    assert await _readers(town, case) == {STREET}
    shared = await town.desk(STREET).page(case) or {}
    assert (shared["title"], shared["reporter"]["displayName"]) == (SUMMARY, None)
    assert (await town[STREET].whistles(case) or [{}])[0]["status"] == "REQUESTED"
    assert await _waits(town, case) == {WORKER: ["TO_HANDLE"], STREET: ["TO_WHISTLE"]}
    after = await town.desk(WORKER).page(case) or {}
    assert (after["status"], after["accountable"]) == (before["status"], before["accountable"])
    return case, whistle


async def _call(town: Town, case: str, whistle: str) -> dict[str, str]:
    """Call, as the street, a department of the district and one of its own."""
    calls = await town[STREET].call(whistle, town.bureau, town.station, place="庆城路口", note="请带执法记录仪")
    assert await _readers(town, case) == {STREET, BUREAUS_HANDLER, STATIONS_HANDLER}
    assert await _waits(town, case) == {
        WORKER: ["TO_HANDLE"],
        BUREAUS_HANDLER: ["TO_ANSWER_WHISTLE"],
        STATIONS_HANDLER: ["TO_ANSWER_WHISTLE"],
    }
    (seen,) = await town[STATIONS_HANDLER].whistles(case) or []
    assert (seen["summary"], seen["placeText"], seen["note"]) == (SUMMARY, "庆城路口", "请带执法记录仪")
    # Those called see each other: they confer on the spot.
    respond_by = {callee["department"]["name"]: callee["respondBy"] for callee in seen["callees"]}
    assert respond_by.keys() == {BUREAU, STATION}
    assert (await town[BUREAUS_HANDLER].due(case))["TO_ANSWER_WHISTLE"] == respond_by[BUREAU]
    return calls


async def _answer(town: Town, case: str, calls: dict[str, str]) -> None:
    """Let one come and arrive, and the other decline, which goes to the district."""
    bureau, station = town[BUREAUS_HANDLER], town[STATIONS_HANDLER]
    coming = await station.do("Answer", calleeId=calls[STATION], isComing=True)
    assert (coming["status"], coming["declinedReason"]) == ("COMING", None)
    assert (await station.due(case)) == {"TO_ARRIVE": coming["arriveBy"]}
    arrived = await station.do("Arrive", calleeId=calls[STATION], place="庆城路口东侧")
    assert (arrived["status"], arrived["arrivedPlace"]) == ("ARRIVED", "庆城路口东侧")
    declined = await bureau.do("Answer", calleeId=calls[BUREAU], isComing=False, reason="不属本局职责")
    assert (declined["status"], declined["decidedBy"]["name"]) == ("DECLINED", "鼓楼区")
    assert await _readers(town, case) == {STREET, DISTRICT, BUREAUS_HANDLER, STATIONS_HANDLER}
    assert await _waits(town, case) == {WORKER: ["TO_HANDLE"], DISTRICT: ["TO_DECIDE"]}


async def _insist(town: Town, callee: str) -> None:
    """Insist as the district: the department is called anew, has to come, and comes."""
    insisted = await town[DISTRICT].do("Insist", calleeId=callee)
    assert (insisted["status"], insisted["answeredAt"], insisted["insistedAt"] is not None) == ("CALLED", None, True)
    bureau = town[BUREAUS_HANDLER]
    assert await bureau.refused("Answer", calleeId=callee, isComing=False, reason="仍不属本局职责") == "HAS_TO_COME"
    await bureau.do("Answer", calleeId=callee, isComing=True)
    await bureau.do("Arrive", calleeId=callee)


async def _rate(town: Town, whistle: str, callee: str) -> None:
    """Let both sides rate each other, each once; both read what was said, and nobody else does."""
    worker, street, bureau = town[WORKER], town[STREET], town[BUREAUS_HANDLER]
    await street.do("Rate", calleeId=callee, score=3, comment="迟到")
    await bureau.do("Rate", calleeId=callee, score=4, comment="通知及时")
    for reader in (worker, street, bureau, town[STATIONS_HANDLER]):
        shown = await reader.node(callee) or {}
        ratings = [shown[name] for name in ("departmentScore", "departmentComment", "officeScore", "officeComment")]
        assert ratings == [3, "迟到", 4, "通知及时"]
        assert (await reader.node(whistle) or {})["outcome"] == _OUTCOME
    for stranger in (DISTRICT, *STRANGERS):
        assert await town[stranger].node(callee) is None
        assert await town[stranger].node(whistle) is None
    assert await worker.refused("Rate", calleeId=callee, score=5) == "ALREADY_RATED"
    assert await bureau.refused("Rate", calleeId=callee, score=5) == "ALREADY_RATED"


async def test_departments_are_called_come_or_decline_and_are_rated(town: Town) -> None:
    case, whistle = await _request(town)
    calls = await _call(town, case, whistle)
    await _answer(town, case, calls)
    await _insist(town, calls[BUREAU])

    concluded = await town[STREET].do("Conclude", whistleId=whistle, outcome=_OUTCOME)

    assert (concluded["status"], concluded["outcome"]) == ("CONCLUDED", _OUTCOME)
    # Whoever saw the case for the whistle alone no longer does.
    assert await _readers(town, case) == set()
    assert await _waits(town, case) == {WORKER: ["TO_HANDLE"]}
    await _rate(town, whistle, calls[BUREAU])
    steps = (await town.desk(WORKER).page(case) or {})["steps"]
    assert [step["action"] for step in steps] == _STEPS
    actors = [step["actor"]["body"]["name"] for step in steps[2:6]]
    assert actors == ["庆城社区居民委员会", "鼓东街道", STATION, STATION]


async def test_refuses_every_wrong_party_at_every_stage(town: Town) -> None:
    worker, street, bureau, station = (town[name] for name in (WORKER, STREET, BUREAUS_HANDLER, STATIONS_HANDLER))
    case = await town.accepted()
    asked = {"caseId": case, "input": {"reason": "PRESSING_PROBLEM", "summary": SUMMARY}}
    for stranger in (*STRANGERS, STREET, DISTRICT, "admin@qingcheng", BUREAUS_HANDLER, "resident@qingcheng"):
        assert await town[stranger].refused("Request", **asked) in ("NOT_FOUND", "FORBIDDEN"), stranger
    whistle = await worker.request(case)
    called = {"whistleId": whistle, "input": {"callees": [{"departmentId": town.station}]}}

    # Only the street that was asked whistles, and refuses.
    for stranger in (*STRANGERS, DISTRICT, WORKER, CHAIR, STATIONS_HANDLER):
        for operation, given in (("Whistle", called), ("Refuse", {"whistleId": whistle, "reason": "不必"})):
            assert await town[stranger].refused(operation, **given) in ("NOT_FOUND", "FORBIDDEN"), stranger
    assert await street.refused("Conclude", whistleId=whistle, outcome="无") == "WHISTLE_NOT_IN_STATUS"
    calls = await street.call(whistle, town.station)
    callee = calls[STATION]
    assert await street.refused("Whistle", **called) == "WHISTLE_NOT_IN_STATUS"

    # Only the department that was called answers.
    for stranger in (*STRANGERS, DISTRICT, WORKER, STREET, BUREAUS_HANDLER):
        refusal = await town[stranger].refused("Answer", calleeId=callee, isComing=True)
        assert refusal in ("NOT_FOUND", "FORBIDDEN"), stranger
    assert await station.refused("Arrive", calleeId=callee) == "CALLEE_NOT_IN_STATUS"
    assert await station.refused("Answer", calleeId=callee, isComing=False) == "CASE_TEXT_INVALID"
    assert await station.refused("Rate", calleeId=callee, score=5) == "WHISTLE_NOT_IN_STATUS"
    await station.do("Answer", calleeId=callee, isComing=True)
    assert await station.refused("Answer", calleeId=callee, isComing=True) == "CALLEE_NOT_IN_STATUS"
    assert await town[DISTRICT].refused("Insist", calleeId=callee) == "NOT_FOUND"
    assert await street.refused("Excuse", calleeId=callee) == "CALLEE_NOT_IN_STATUS"

    # Only whoever whistled or coordinates the case concludes.
    for stranger in (*STRANGERS, DISTRICT, STATIONS_HANDLER):
        refusal = await town[stranger].refused("Conclude", whistleId=whistle, outcome="无")
        assert refusal in ("NOT_FOUND", "FORBIDDEN"), stranger
    await worker.do("Conclude", whistleId=whistle, outcome="已处置")
    assert await station.refused("Arrive", calleeId=callee) == "NOT_FOUND"
    assert await worker.refused("Conclude", whistleId=whistle, outcome="已处置") == "WHISTLE_NOT_IN_STATUS"
    for stranger in (*STRANGERS, DISTRICT, BUREAUS_HANDLER):
        refusal = await town[stranger].refused("Rate", calleeId=callee, score=1)
        assert refusal in ("NOT_FOUND", "FORBIDDEN"), stranger
    assert await worker.refused("Rate", calleeId=callee, score=6) == "SCORE_INVALID"
    assert await bureau.node(callee) is None


async def test_a_department_that_has_the_case_and_was_not_called_does_not_answer(town: Town) -> None:
    case = await town.accepted()
    await town.desk(WORKER).do("Dispatch", case, input={"to": {"bodyId": town.bureau}})
    whistle = await town[WORKER].request(case)
    calls = await town[STREET].call(whistle, town.station)

    assert await town[BUREAUS_HANDLER].whistles(case) == []
    for operation, given in (("Answer", {"isComing": True}), ("Arrive", {})):
        assert await town[BUREAUS_HANDLER].refused(operation, calleeId=calls[STATION], **given) == "NOT_CALLED"


async def test_a_share_of_a_whistle_entrusts_nothing_else(town: Town) -> None:
    worker, street, station = town[WORKER], town.desk(STREET), town.desk(STATIONS_HANDLER)
    case = await town.accepted()
    whistle = await worker.request(case)
    await town[STREET].call(whistle, town.station)
    summary = {"input": {"reason": "EMERGENCY", "summary": SUMMARY}}

    assert await street.may(case) == set()
    assert await station.may(case) == set()
    assert "REQUEST_WHISTLE" in await town.desk(WORKER).may(case)
    for operation, given in (
        ("Dispatch", {"input": {"to": {"bodyId": town.station}}}),
        ("Escalate", {"summary": SUMMARY}),
        ("Exclude", {"reason": "WITHDRAWN", "reply": "撤回"}),
    ):
        assert await street.refused(operation, case, **given) == "FORBIDDEN"
    assert await station.refused("Resolve", case, input={"note": "已办"}) == "FORBIDDEN"
    assert await town[STREET].refused("Request", caseId=case, **summary) == "NOT_COORDINATOR"
    person = (await town.desk(WORKER).page(case) or {})["reporter"]["id"]
    assert await street.reveal(person, "CASE_CALL_BACK") == "NOT_FOUND"
    assert await station.reveal(person, "CASE_HANDLING") == "NOT_FOUND"

    await town.desk(WORKER).do("Dispatch", case, input={"to": {"bodyId": town.station}})
    await station.do("Resolve", case, input={"note": "已处置"})

    assert await street.may(case) == set()
    assert await street.refused("CallBack", case, input={"isContacted": False}) == "FORBIDDEN"
    assert await street.refused("Close", case) == "FORBIDDEN"
    # What was dispatched to a department that was called, too, is in its hands for good reason.
    assert await station.reveal(person, "CASE_HANDLING") == "ok"


async def test_ends_with_its_case_and_outlasts_a_return(town: Town) -> None:
    worker, street, station = town.desk(WORKER), town.desk(STREET), town.desk(STATIONS_HANDLER)
    case = await town.accepted()
    first, second = await town[WORKER].request(case), await town[WORKER].request(case, "JOINT_ENFORCEMENT")
    calls = await town[STREET].call(first, town.station)
    await worker.do("Dispatch", case, input={"to": {"bodyId": town.station}})
    await station.do("Return", case, reason="不属本单位职责")

    # It is no longer theirs to handle, and still theirs to come.
    assert await _readers(town, case) == {STREET, STATIONS_HANDLER}
    assert await station.may(case) == set()
    assert await town[STATIONS_HANDLER].due(case) != {}
    await town[STATIONS_HANDLER].do("Answer", calleeId=calls[STATION], isComing=True)

    # Handed up and back, the street sees it for the whistle.
    await worker.do("Escalate", case, summary="请街道统筹")
    handed = await street.page(case)
    assert handed is not None
    assert (handed["title"], handed["reporter"]["displayName"] is not None) == ("请街道统筹", True)
    await street.do("HandBack", case, reason="请社区自行处置")
    left = await street.page(case)
    assert left is not None
    assert (left["title"], left["reporter"]["displayName"]) == (SUMMARY, None)
    await worker.do("Escalate", case, summary="再请街道统筹")
    await street.do("HandBack", case, reason="请社区自行处置")

    await worker.do("Exclude", case, reason="WITHDRAWN", reply="已撤回")

    statuses = {each["id"]: each["status"] for each in await town[WORKER].whistles(case) or []}
    assert statuses == {first: "LAPSED", second: "LAPSED"}
    assert await _readers(town, case) == set()
    assert await _waits(town, case) == {}
    assert await town[STREET].refused("Conclude", whistleId=first, outcome="无") == "NOT_FOUND"
    assert await town[WORKER].refused("Rate", calleeId=calls[STATION], score=5) == "WHISTLE_NOT_IN_STATUS"


async def test_one_of_several_ends_without_the_others(town: Town) -> None:
    case = await town.accepted()
    first, second = await town[WORKER].request(case), await town[WORKER].request(case)
    await town[STREET].call(first, town.station, town.bureau)
    await town[STREET].call(second, town.station)

    await town[STREET].do("Conclude", whistleId=first, outcome="已处置")
    after_first = await _readers(town, case)
    await town[STREET].do("Conclude", whistleId=second, outcome="已处置")

    assert after_first == {STREET, STATIONS_HANDLER}
    assert await _readers(town, case) == set()


async def test_a_decline_that_the_district_accepts_ends_it_for_the_department(town: Town) -> None:
    case = await town.accepted()
    whistle = await town[WORKER].request(case)
    calls = await town[STREET].call(whistle, town.bureau)
    await town[BUREAUS_HANDLER].do("Answer", calleeId=calls[BUREAU], isComing=False, reason="不属本局职责")
    assert await town[STREET].refused("Excuse", calleeId=calls[BUREAU]) == "NOT_DECIDER"
    other = await town[WORKER].request(case)
    assert await town[DISTRICT].refused("Refuse", whistleId=other, reason="不必") == "NOT_WHISTLING_OFFICE"
    assert await town[DISTRICT].refused("Conclude", whistleId=whistle, outcome="无") == "NOT_WHISTLING_OFFICE"

    excused = await town[DISTRICT].do("Excuse", calleeId=calls[BUREAU])

    assert (excused["status"], excused["declinedReason"]) == ("EXCUSED", "不属本局职责")
    assert await _readers(town, case) == {STREET, DISTRICT}
    assert await town[BUREAUS_HANDLER].refused("Answer", calleeId=calls[BUREAU], isComing=True) == "NOT_FOUND"


async def test_an_office_that_coordinates_asks_itself_and_another_refuses(town: Town) -> None:
    case = await town.accepted()
    refused = await town[WORKER].request(case)
    told = await town[STREET].do("Refuse", whistleId=refused, reason="社区可自行协调")
    after = await _readers(town, case)
    await town.desk(WORKER).do("Escalate", case, summary="请街道统筹")

    asked = await town[STREET].do("Request", caseId=case, input={"reason": "JOINT_ENFORCEMENT", "summary": SUMMARY})
    calls = await town[STREET].call(asked["id"], town.station)
    await town[STREET].do("Conclude", whistleId=asked["id"], outcome="已联合执法")

    assert (told["status"], told["refusedReason"], after) == ("REFUSED", "社区可自行协调", set())
    assert (asked["requestedBy"], asked["office"]) == ({"name": "鼓东街道"}, {"name": "鼓东街道"})
    assert set(calls) == {STATION}
    # It was handed up, so the street goes on seeing it.
    assert await _readers(town, case) == {STREET}


async def test_times_are_as_given_or_the_tenants_own(town: Town) -> None:
    case = await town.accepted()
    now = datetime.now(UTC)
    call = await town[WORKER].request(case)
    late, soon = (now + timedelta(hours=hours) for hours in (3, 1))
    station = {"departmentId": town.station}

    async def refused(*callees: dict[str, str]) -> str:
        return await town[STREET].refused("Whistle", whistleId=call, input={"callees": list(callees)})

    wrong = {**station, "respondBy": late.isoformat(), "arriveBy": soon.isoformat()}
    past = {**station, "arriveBy": (now - timedelta(minutes=1)).isoformat()}
    elsewhere = await town.demo.owner.fetchval("select 'dep_0_' || id from bodies where name = '芗城区城市管理局'")
    company = await town.demo.owner.fetchval(
        "select 'prc_0_' || id from bodies where kind = 'property_company' limit 1"
    )
    assert [await refused(wrong), await refused(past)] == ["WHISTLE_TIMES_INVALID"] * 2
    assert [await refused(station, station), await refused()] == ["CALLEE_UNFIT"] * 2
    assert [await refused({"departmentId": each}) for each in (elsewhere, company)] == ["CALLEE_UNFIT"] * 2

    given = {"departmentId": town.bureau, "arriveBy": late.isoformat()}
    called = await town[STREET].do("Whistle", whistleId=call, input={"callees": [station, given]})

    minutes = {
        callee["department"]["name"]: [
            round((datetime.fromisoformat(callee[name]) - datetime.fromisoformat(called["calledAt"])).seconds / 60)
            for name in ("respondBy", "arriveBy")
        ]
        for callee in called["callees"]
    }
    assert minutes[STATION] == [10, 30]
    assert minutes[BUREAU][0] == 10
    assert abs(minutes[BUREAU][1] - 180) <= 1


async def test_a_tenant_sets_its_own_times(town: Town) -> None:
    document = """mutation($input: SetWhistleTimesInput!) {
      setWhistleTimes(input: $input) { times { reason respondMinutes arriveMinutes basis since } errors { code field } }
    }"""
    given = {"reason": "JOINT_ENFORCEMENT", "respondMinutes": 60, "arriveMinutes": 90, "basis": "区办法第五条"}

    async def send(account: str, **more: object) -> list[str]:
        variables = {"input": {**given, "since": "2026-01-01", **more}}
        payload = (await town.demo.ask(account, document, variables)).json()["data"]["setWhistleTimes"]
        return [error["code"] for error in payload["errors"]]

    assert await send(WORKER) == ["FORBIDDEN"]
    assert await send("admin@qingcheng", arriveMinutes=30) == ["WHISTLE_TIMES_INVALID"]
    assert await send("admin@qingcheng", basis=" ") == ["WHISTLE_TIMES_WITHOUT_BASIS"]
    assert [await send("admin@qingcheng"), await send("admin@qingcheng", arriveMinutes=120)] == [[], []]

    listed = "{ whistleTimes(first: 9) { nodes { reason respondMinutes arriveMinutes basis } } }"
    nodes = (await town.demo.ask(WORKER, listed)).json()["data"]["whistleTimes"]["nodes"]
    assert nodes[0] == {**given, "arriveMinutes": 120}
    assert len(nodes) == 4
    others = (await town.demo.ask("worker@guanyuan", listed)).json()["data"]["whistleTimes"]["nodes"]
    assert given["basis"] not in {node["basis"] for node in others}
    case = await town.accepted()
    whistle = await town[WORKER].request(case, "JOINT_ENFORCEMENT")
    (callee,) = (await town[STREET].call(whistle, town.station)).values()
    read = await town[STREET].node(callee)
    assert read is not None
    assert (datetime.fromisoformat(read["arriveBy"]) - datetime.fromisoformat(read["respondBy"])).seconds == 3600


async def test_what_is_called_waits_for_posts_that_are_given_later(town: Town) -> None:
    case = await town.accepted()
    whistle = await town[WORKER].request(case)
    await list_post(town.demo, "gudong", post="街道派单员", account="new@gudong", name="张三")
    asked = await town["new@gudong"].due(case)
    calls = await town[STREET].call(whistle, town.station, town.bureau)
    await town[STATIONS_HANDLER].do("Answer", calleeId=calls[STATION], isComing=True)
    await list_post(town.demo, "gudong", post=HANDLER, body=STATION, account="new-at-station@gudong", name="李四")
    await list_post(town.demo, "gulou", post=HANDLER, body=BUREAU, account="new-at-bureau@gulou", name="赵六")
    called = await town["new-at-bureau@gulou"].due(case)
    await town[BUREAUS_HANDLER].do("Answer", calleeId=calls[BUREAU], isComing=False, reason="不属本局职责")
    await list_post(town.demo, "gulou", post="区治理专员", account="new@gulou", name="王五")

    assert list(asked) == ["TO_WHISTLE"]
    assert called.keys() == {"TO_ANSWER_WHISTLE"}
    assert await town["new-at-station@gudong"].due(case) == await town[STATIONS_HANDLER].due(case)
    assert list(await town["new@gulou"].due(case)) == ["TO_DECIDE"]


async def test_what_is_called_still_waits_when_work_is_drawn_anew(town: Town) -> None:
    case = await town.accepted()
    whistle = await town[WORKER].request(case)
    await town[STREET].call(whistle, town.station)
    before = await town[STATIONS_HANDLER].due(case)
    denied = {"kind": "building-leader", "permission": "case:handle", "rows": "*", "condition": "*", "effect": "DENY"}
    document = "mutation($input: OverrideGrantInput!) { overrideGrant(input: $input) { errors { code } } }"
    answer = await town.demo.ask("admin@qingcheng", document, {"input": denied})

    assert answer.json()["data"]["overrideGrant"]["errors"] == []
    assert await town[STATIONS_HANDLER].due(case) == before != {}


async def test_a_tenant_may_let_its_own_posts_whistle(town: Town) -> None:
    case = await town.accepted()
    given = {"kind": "committee-chair", "permission": "whistle:blow", "rows": "all", "effect": "ALLOW"}
    document = "mutation($input: OverrideGrantInput!) { overrideGrant(input: $input) { errors { code } } }"
    whistle = await town[WORKER].request(case)
    called = {"whistleId": whistle, "input": {"callees": [{"departmentId": town.station}]}}
    assert await town[CHAIR].refused("Whistle", **called) == "FORBIDDEN"

    answer = await town.demo.ask("admin@qingcheng", document, {"input": given})

    assert answer.json()["data"]["overrideGrant"]["errors"] == []
    assert (await town[CHAIR].do("Whistle", **called))["status"] == "CALLED"
