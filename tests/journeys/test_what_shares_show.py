"""Does everybody outside see of a case what their own share of it bears, whatever others in their tenant were given?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.demo import Demo
from tests.journeys.listing import list_post
from tests.journeys.whistling import (
    BUREAU,
    BUREAUS_HANDLER,
    DISTRICT,
    HANDLER,
    STATION,
    STATIONS_HANDLER,
    STREET,
    SUMMARY,
    WORKER,
    Town,
    open_town,
)
from tests.journeys.working import id_of, post_of
from tests.services.files.photos import jpeg

_TITLE = "夜间违规用火"
_NOTE = "住户情绪激动，请两人同往"
_PART = "现场执法"
_UNTOLD = {"id": None, "displayName": None, "maskedPhone": None}


@pytest.fixture(scope="module")
async def town(demo: Demo) -> Town:
    """Everybody of the journey."""
    return await open_town(demo)


async def _page(town: Town, account: str, case: str) -> dict[str, Any]:
    page = await town.desk(account).page(case)
    assert page is not None
    return page


async def _told(town: Town, account: str, case: str) -> tuple[str | None, str | None, bool]:
    """Tell the title and the description that an account is shown, and whether it is told of the reporter."""
    page = await _page(town, account, case)
    assert page["reporter"] == _UNTOLD or None not in page["reporter"].values()
    return page["title"], page["description"], page["reporter"] != _UNTOLD


async def test_whoever_a_whistle_calls_is_not_shown_what_others_of_the_tenant_were_given(town: Town) -> None:
    case = await town.accepted()
    whistle = await town[WORKER].request(case)
    before = await _told(town, STREET, case)

    await town.desk(WORKER).do("Dispatch", case, input={"to": {"bodyId": town.station}, "note": _NOTE})

    assert await _told(town, STATIONS_HANDLER, case) == (_TITLE, _NOTE, True)
    assert await _told(town, STREET, case) == before == (SUMMARY, "", False)
    await town[STREET].call(whistle, town.bureau)
    assert await _told(town, BUREAUS_HANDLER, case) == (SUMMARY, "", False)


async def test_a_department_and_the_district_are_not_shown_what_another_department_was_given(town: Town) -> None:
    handler = "second-handler@gulou"
    await list_post(town.demo, "gulou", post=HANDLER, body="城区水务", account=handler, name="周九")
    statement = "select 0, p.body_id from positions p join accounts a on a.id = p.account_id where a.subject = $1"
    water = await id_of(town.demo, "dep", statement, handler)
    case = await town.accepted()
    calls = await town[STREET].call(await town[WORKER].request(case), town.bureau)
    await town[BUREAUS_HANDLER].do("Answer", calleeId=calls[BUREAU], isComing=False, reason="不属本局职责")

    await town.desk(WORKER).do("Dispatch", case, input={"to": {"bodyId": water}, "note": _NOTE})

    assert await _told(town, handler, case) == (_TITLE, _NOTE, True)
    assert await _told(town, BUREAUS_HANDLER, case) == (SUMMARY, "", False)
    assert await _told(town, DISTRICT, case) == (SUMMARY, "", False)


async def test_an_office_goes_on_seeing_what_was_handed_up_when_it_calls_its_own_station(town: Town) -> None:
    case = await town.accepted()
    await town.desk(WORKER).do("Escalate", case, summary="请街道统筹")
    before = await _told(town, STREET, case)
    asked = await town[STREET].do("Request", caseId=case, input={"reason": "EMERGENCY", "summary": SUMMARY})

    await town[STREET].call(asked["id"], town.station)

    assert await _told(town, STREET, case) == before == ("请街道统筹", "", True)
    assert await _told(town, STATIONS_HANDLER, case) == (SUMMARY, "", False)


async def test_whoever_serves_two_bodies_is_shown_what_was_entrusted_to_one(town: Town) -> None:
    await list_post(town.demo, "gulou", post=HANDLER, body=BUREAU, account=DISTRICT, name="王五")
    case = await town.accepted()
    whistle = await town[WORKER].request(case)
    await town.desk(WORKER).do("Dispatch", case, input={"to": {"bodyId": town.bureau}, "note": _NOTE})

    calls = await town[STREET].call(whistle, town.station)
    await town[STATIONS_HANDLER].do("Answer", calleeId=calls[STATION], isComing=False, reason="人手不足")

    assert await _told(town, DISTRICT, case) == (_TITLE, _NOTE, True)
    await town.desk(BUREAUS_HANDLER).do("Return", case, reason="不属本单位职责")
    assert await _told(town, DISTRICT, case) == (SUMMARY, "", False)


async def test_a_part_shows_what_is_to_be_done_and_nobodys_contact(town: Town) -> None:
    worker, bureau = town.desk(WORKER), town.desk(BUREAUS_HANDLER)
    case = await town.accepted()
    person = (await _page(town, WORKER, case))["reporter"]["id"]
    given = {"to": {"bodyId": town.bureau}}

    task = await worker.ask("AssignTask", caseId=case, input={**given, "what": _PART})

    assert await _told(town, BUREAUS_HANDLER, case) == (_TITLE, _PART, False)
    assert (await _page(town, BUREAUS_HANDLER, case))["placeText"] is not None
    assert await bureau.reveal(person, "CASE_HANDLING") == "NOT_FOUND"
    # With the case in its hands it learns the rest, and only for as long.
    await worker.do("Dispatch", case, input={**given, "note": _NOTE})
    assert await _told(town, BUREAUS_HANDLER, case) == (_TITLE, f"{_PART}\n{_NOTE}", True)
    assert await bureau.reveal(person, "CASE_HANDLING") == "ok"
    await bureau.do("Return", case, reason="不属本单位职责")
    assert await _told(town, BUREAUS_HANDLER, case) == (_TITLE, _PART, False)
    assert await bureau.reveal(person, "CASE_HANDLING") == "NOT_FOUND"
    await bureau.ask("FinishTask", id=task["id"], note="已执法")
    assert await bureau.page(case) is None


async def test_a_department_that_has_the_case_or_a_call_learns_what_its_part_is(town: Town) -> None:
    worker = town.desk(WORKER)
    case = await town.accepted()
    await town[STREET].call(await town[WORKER].request(case), town.station)
    await worker.do("Dispatch", case, input={"to": {"bodyId": town.bureau}, "note": _NOTE})

    for what in (_PART, "拍照取证"):
        await worker.ask("AssignTask", caseId=case, input={"to": {"bodyId": town.bureau}, "what": what})
    part = await worker.ask("AssignTask", caseId=case, input={"to": {"bodyId": town.station}, "what": "维持秩序"})

    assert await _told(town, BUREAUS_HANDLER, case) == (_TITLE, f"{_NOTE}\n{_PART}\n拍照取证", True)
    assert await _told(town, STATIONS_HANDLER, case) == (_TITLE, "维持秩序", False)
    await town.desk(STATIONS_HANDLER).ask("FinishTask", id=part["id"], note="已到场")
    assert await _told(town, STATIONS_HANDLER, case) == (SUMMARY, "", False)
    await town.desk(BUREAUS_HANDLER).do("Return", case, reason="不属本单位职责")
    assert await _told(town, BUREAUS_HANDLER, case) == (_TITLE, f"{_PART}\n拍照取证", False)


async def _files(town: Town, account: str, case: str, file_id: str) -> tuple[list[str], int]:
    """Tell which files an account is shown with a case, and how fetching one of them is answered."""
    desk = town.desk(account)
    return [each["id"] for each in await desk.files(case)], await desk.status_of(file_id)


async def test_files_are_open_to_nobody_whom_a_whistle_alone_calls(town: Town) -> None:
    resident, worker = town.desk("resident@qingcheng"), town.desk(WORKER)
    photo = await resident.upload(jpeg())
    case = await resident.report(await resident.home(), attachmentIds=[photo])
    await worker.do("Accept", case)
    calls = await town[STREET].call(await town[WORKER].request(case), town.bureau, town.station)
    await town[STATIONS_HANDLER].do("Answer", calleeId=calls[STATION], isComing=False, reason="人手不足")

    for account in (STREET, DISTRICT, BUREAUS_HANDLER, STATIONS_HANDLER):
        assert await _files(town, account, case, photo) == ([], 404), account
    for account in (WORKER, resident.account):
        assert await _files(town, account, case, photo) == ([photo], 200), account

    await worker.ask("AssignTask", caseId=case, input={"to": {"bodyId": town.bureau}, "what": _PART})
    await worker.do("Dispatch", case, input={"to": {"bodyId": town.station}})
    for account in (BUREAUS_HANDLER, STATIONS_HANDLER):
        assert await _files(town, account, case, photo) == ([photo], 200), account
    (shown,) = await town.desk(STATIONS_HANDLER).files(case)
    await town.desk(STATIONS_HANDLER).do("Return", case, reason="不属本单位职责")
    assert await _files(town, STATIONS_HANDLER, case, photo) == ([], 404)
    assert (await town.demo.http.get(shown["url"])).status_code == 404


async def test_files_are_open_to_whoever_has_a_part_within_the_community(town: Town) -> None:
    worker, handler = town.desk(WORKER), town.desk("grid-worker@qingcheng")
    last = """select p.tenant_id, p.id from places p join tenants t on t.id = p.tenant_id
              where t.slug = 'qingcheng' and p.kind = 'grid' order by p.sort_key desc limit 1"""
    photo = await worker.upload(jpeg())
    at = {"placeId": await id_of(town.demo, "grd", last)}
    case = await worker.report(at, source="PATROL", attachmentIds=[photo])
    await worker.do("Accept", case)
    assert await handler.status_of(photo) == 404

    to = {"positionId": await post_of(town.demo, handler.account, "qingcheng")}
    task = await worker.ask("AssignTask", caseId=case, input={"to": to, "what": _PART})

    assert await _files(town, handler.account, case, photo) == ([photo], 200)
    await handler.ask("DeclineTask", id=task["id"], reason="外出")
    assert await handler.status_of(photo) == 404
