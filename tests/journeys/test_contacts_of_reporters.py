"""Is a reporter's contact open to whoever works on the case, for as long as that lasts, and to nobody else?"""

from __future__ import annotations

from tests.fixtures.demo import Demo
from tests.journeys.working import Desk, body_of, post_of


async def _reporter(desk: Desk, case: str) -> str:
    page = await desk.page(case)
    assert page is not None
    return str(page["reporter"]["id"])


async def test_is_open_to_the_company_while_the_work_is_handed_over(demo: Demo) -> None:
    resident, worker = Desk(demo, "resident@guanyuan"), Desk(demo, "worker@guanyuan")
    mate = Desk(demo, "property-worker@guanyuan")
    case = await resident.report(await resident.home())
    person = await _reporter(worker, case)
    await worker.do("Accept", case)
    assert await mate.reveal(person, "CASE_HANDLING") == "NOT_FOUND"

    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, mate.account, "guanyuan")}})

    assert await mate.reveal(person, "CASE_HANDLING") == "ok"
    await mate.do("Resolve", case, input={"note": "已修好"})
    assert await mate.reveal(person, "CASE_HANDLING") == "NOT_FOUND"


async def test_is_open_to_a_department_through_its_share(demo: Demo) -> None:
    resident, worker = Desk(demo, "resident@guanyuan"), Desk(demo, "worker@guanyuan")
    handler = Desk(demo, "department-handler@xiangcheng")
    case = await resident.report(await resident.home())
    person = await _reporter(worker, case)
    await worker.do("Accept", case)
    assert await handler.reveal(person, "CASE_HANDLING") == "NOT_FOUND"

    department = await body_of(demo, "dep", "芗城区城市管理局")
    await worker.do("Dispatch", case, input={"to": {"bodyId": department}})

    assert await _reporter(handler, case) == person
    assert await handler.reveal(person, "CASE_HANDLING") == "ok"
    assert await Desk(demo, "department-handler@gulou").reveal(person, "CASE_HANDLING") == "NOT_FOUND"
    entry = await demo.owner.fetchrow(
        """select e.account_name, t.slug, e.outcome from audit_entries e join tenants t on t.id = e.tenant_id
           where e.action = 'contact:reveal' order by e.at desc limit 1"""
    )
    # In the log of the tenant whose resident it is.
    assert tuple(entry or ()) == ("芗城区 职能部门经办人", "guanyuan", "DONE")
    await handler.do("Return", case, reason="不属本单位")
    assert await handler.reveal(person, "CASE_HANDLING") == "NOT_FOUND"


async def test_is_open_to_an_office_for_calling_back_alone(demo: Demo) -> None:
    resident, worker = Desk(demo, "resident@guanyuan"), Desk(demo, "worker@guanyuan")
    street = Desk(demo, "dispatcher@xiangkou")
    case = await resident.report(await resident.home())
    person = await _reporter(worker, case)
    await worker.do("Accept", case)
    assert await street.reveal(person, "CASE_CALL_BACK") == "NOT_FOUND"

    await worker.do("Escalate", case, summary="请街道协调")

    assert await street.reveal(person, "CASE_CALL_BACK") == "ok"
    assert await street.reveal(person, "VISIT") == "NOT_FOUND"
    assert await Desk(demo, "party-secretary@xiangkou").reveal(person, "CASE_CALL_BACK") == "FORBIDDEN"


async def test_is_open_to_nobody_who_is_not_to_be_named(demo: Demo) -> None:
    resident, worker = Desk(demo, "resident@guanyuan"), Desk(demo, "worker@guanyuan")
    mate = Desk(demo, "property-worker@guanyuan")
    case = await resident.report(await resident.home(), isConfidential=True)
    person = await _reporter(resident, case)
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": await post_of(demo, mate.account, "guanyuan")}})

    assert await mate.reveal(person, "CASE_HANDLING") == "NOT_FOUND"
