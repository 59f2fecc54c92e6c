"""Who says whether a case is settled? Not whoever handled it: a verifier, the reporter, an approver for the rates."""

from __future__ import annotations

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, post_of

_SLUG = "guanyuan"
_SATISFIED = {"isSolved": True, "satisfaction": "SATISFIED"}


def _desk(demo: Demo, position: str) -> Desk:
    return Desk(demo, f"{position}@{_SLUG}")


async def _resolved(demo: Demo) -> str:
    """Take a resident's case to where it is settled by the grid worker."""
    resident, worker, handler = (_desk(demo, name) for name in ("resident", "worker", "grid-worker"))
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, handler.account, _SLUG)}})
    await handler.do("Resolve", case, input={"note": "已疏通"})
    return case


async def test_is_rated_by_its_reporter_which_is_a_call_back(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    case = await _resolved(demo)
    assert "RATE" in await resident.may(case)

    rated = await resident.do("Rate", case, input=_SATISFIED)

    assert rated["status"] == "RESOLVED"
    page = await resident.page(case)
    assert page is not None
    assert page["callBack"] == {"isContacted": True, **_SATISFIED}
    # A rating says who the reporter is no more than the report does.
    assert page["publicSteps"][-1] == {"label": "已评价", "officeName": None}
    # Nothing is asked twice: it may be closed now.
    assert (await worker.do("Close", case))["status"] == "CLOSED"


async def test_goes_back_when_the_reporter_says_that_it_is_not_solved(demo: Demo) -> None:
    resident, handler = _desk(demo, "resident"), _desk(demo, "grid-worker")
    case = await _resolved(demo)

    again = await resident.do(
        "Rate", case, input={"isSolved": False, "satisfaction": "DISSATISFIED", "comment": "仍积水"}
    )

    assert (again["status"], again["reworkCount"]) == ("DISPATCHED", 1)
    assert await handler.work(case) == ["TO_HANDLE"]
    assert await resident.refused("Rate", case, input=_SATISFIED) == "CASE_NOT_IN_STATUS"


async def test_is_rated_by_nobody_else(demo: Demo) -> None:
    case = await _resolved(demo)

    for account, code in (
        (f"worker@{_SLUG}", "FORBIDDEN"),
        (f"grid-worker@{_SLUG}", "FORBIDDEN"),
        ("resident@xiyuan", "NOT_FOUND"),
        ("dispatcher@xiangkou", "FORBIDDEN"),
    ):
        assert await Desk(demo, account).refused("Rate", case, input=_SATISFIED) == code, account


async def test_is_verified_by_somebody_who_did_not_handle_it(demo: Demo) -> None:
    worker, chair, handler = (_desk(demo, name) for name in ("worker", "committee-chair", "grid-worker"))
    case = await _resolved(demo)

    assert await handler.refused("Verify", case, isSettled=True) == "FORBIDDEN"
    assert await chair.refused("Verify", case, isSettled=False) == "CASE_TEXT_INVALID"
    again = await chair.do("Verify", case, isSettled=False, note="现场仍有积水")

    assert (again["status"], again["reworkCount"]) == ("DISPATCHED", 1)
    await worker.do("Resolve", case, input={"note": "已换管"})
    assert await worker.refused("Verify", case, isSettled=True) == "OWN_HANDLING"
    verified = await chair.do("Verify", case, isSettled=True)
    assert verified["status"] == "RESOLVED"
    page = await chair.asked(case)
    assert page is not None
    assert page["verifiedAt"] is not None


async def test_is_not_closed_before_it_was_verified_where_it_was_drawn_for_that(demo: Demo) -> None:
    chair, worker = _desk(demo, "committee-chair"), _desk(demo, "worker")
    home = await _desk(demo, "resident").home()
    case = await worker.report(home, source="PATROL", handled={"note": "已清理"})
    await demo.owner.execute("update cases set needs_verification = true where id = $1::uuid", case.rpartition("_")[2])

    assert "CLOSE" not in await chair.may(case)
    assert await chair.refused("Close", case) == "VERIFICATION_MISSING"
    await chair.do("Verify", case, isSettled=True)

    assert (await chair.do("Close", case))["status"] == "CLOSED"


async def test_is_left_out_of_the_rates_only_with_an_approver(demo: Demo) -> None:
    worker, chair, leader = (_desk(demo, name) for name in ("worker", "committee-chair", "grid-worker"))
    case = await _resolved(demo)
    assert await worker.may_not_ask("RequestRatesExclusion", caseId=case, reason="恶意投诉") == "NOT_CALLED_BACK"
    said = {"isContacted": True, "isSolved": True, "satisfaction": "DISSATISFIED"}
    await worker.do("CallBack", case, input={**said, "comment": "太慢了", "reason": "办理时间长"})

    asked = await worker.ask("RequestRatesExclusion", caseId=case, reason="诉求超出职责范围")

    assert await worker.may_not_ask("DecideRatesExclusion", id=asked["id"], isGranted=True) == "OWN_REQUEST"
    assert await leader.may_not_ask("DecideRatesExclusion", id=asked["id"], isGranted=True) == "FORBIDDEN"
    assert "TO_DECIDE" in await chair.work(case)
    approved = await chair.ask("DecideRatesExclusion", id=asked["id"], isGranted=True, reason="属实")
    assert approved["status"] == "GRANTED"
    page = await chair.asked(case)
    assert page is not None
    assert page["callBack"] == {"isSolved": True, "reason": "办理时间长", "isLeftOutOfRates": True}
    # Also when it was closed meanwhile.
    await chair.do("Close", case)
    page = await worker.asked(case)
    assert page is not None
    assert [one["status"] for one in page["ratesExclusions"]] == ["GRANTED"]


async def test_waits_for_an_approver_also_when_it_is_closed(demo: Demo) -> None:
    worker, chair = _desk(demo, "worker"), _desk(demo, "committee-chair")
    case = await _resolved(demo)
    await worker.do("CallBack", case, input={"isContacted": False})
    asked = await worker.ask("RequestRatesExclusion", caseId=case, reason="号码有误")

    await worker.do("Close", case)

    assert await chair.work(case) == ["TO_DECIDE"]
    refused = await chair.ask("DecideRatesExclusion", id=asked["id"], isGranted=False, reason="应再联系")
    assert refused["status"] == "REFUSED"
    assert await chair.work(case) == []


async def test_tells_the_reporter_why_it_is_not_taken_on_and_whom_to_call(demo: Demo) -> None:
    resident, worker = _desk(demo, "resident"), _desk(demo, "worker")
    case = await resident.report(await resident.home())
    given = {"reason": "EMERGENCY", "reply": "请立即报警"}

    assert await worker.refused("Exclude", case, **given) == "PHONE_MISSING"
    assert await worker.refused("Exclude", case, reason="IN_COURT", reply="甲", callPhone="110") == "PHONE_MISSING"
    assert await worker.refused("Exclude", case, **given, callPhone="报警") == "PHONE_MISSING"
    await worker.do("Exclude", case, **given, callPhone="110")

    told = await resident.asked(case)
    assert told is not None
    assert told["exclusion"] == {**given, "callPhone": "110"}
    street = await Desk(demo, "dispatcher@xiangkou").asked(case)
    # Offices above read the index, and no words.
    assert street is None or street["exclusion"] is None


async def test_says_once_what_became_of_an_ended_case_and_not_again_what_does_not_count(demo: Demo) -> None:
    resident, worker, chair = (_desk(demo, name) for name in ("resident", "worker", "committee-chair"))
    case = await _resolved(demo)
    await resident.do("Rate", case, input=_SATISFIED)
    asked = await worker.ask("RequestRatesExclusion", caseId=case, reason="号码有误")

    # With another word, nobody has to decide any more about the one before.
    await resident.do("Rate", case, input=_SATISFIED)
    assert await chair.may_not_ask("DecideRatesExclusion", id=asked["id"], isGranted=True) == "NOTHING_ASKED"
    asked = await worker.ask("RequestRatesExclusion", caseId=case, reason="号码有误")
    await chair.ask("DecideRatesExclusion", id=asked["id"], isGranted=True)
    assert "RATE" not in await resident.may(case)
    assert await resident.refused("Rate", case, input=_SATISFIED) == "VERDICT_STANDS"
    await chair.do("Close", case)
    assert await resident.refused("Rate", case, input=_SATISFIED) == "VERDICT_STANDS"


async def test_goes_up_when_all_who_could_call_back_have_handled_it(demo: Demo) -> None:
    worker, chair, leader = (_desk(demo, name) for name in ("worker", "committee-chair", "grid-leader"))
    street = Desk(demo, "dispatcher@xiangkou")
    case = await _resolved(demo)
    await demo.owner.execute(
        """update case_step_texts t set is_handling = true, account_id = a.id from accounts a, case_steps s
           where s.tenant_id = t.tenant_id and s.id = t.id and t.case_id = $1::uuid
             and a.subject = case s.ordinal when 1 then $2 when 2 then $3 else $4 end""",
        case[-36:],
        worker.account,
        chair.account,
        leader.account,
    )

    await chair.send("Urge", caseId=case)

    assert await chair.refused("Verify", case, isSettled=True) == "OWN_HANDLING"
    assert await worker.work(case) == ["TO_HANDLE"]
    await worker.do("Escalate", case, summary="本社区均已参与处置，请回访")
    assert await street.work(case) == ["TO_CALL_BACK"]
    await street.do("CallBack", case, input={"isContacted": True, "isSolved": True, "satisfaction": "NEUTRAL"})
    assert (await street.do("Close", case))["status"] == "CLOSED"
