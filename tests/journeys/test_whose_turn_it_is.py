"""Does a case wait for somebody, and for nobody too many, when posts, accounts and contracts change under it?"""

from __future__ import annotations

import asyncio
from typing import Any

from deploy.demo.tokens import ISSUER
from tests.days import day
from tests.fixtures.demo import Demo
from tests.journeys.listing import list_post
from tests.journeys.working import Desk, body_of, post_of

_END_POST = "mutation($id: ID!, $until: Date!) { endPosition(positionId: $id, until: $until) { errors { code } } }"
_END_CONTRACT = """mutation($id: ID!, $until: Date!) {
  endPropertyContract(contractId: $id, until: $until) { errors { code } }
}"""
_START_CONTRACT = """mutation($estate: ID!, $company: ID!, $since: Date!) {
  startPropertyContract(estateId: $estate, companyId: $company, since: $since) { errors { code } }
}"""
_OVERRIDE = "mutation($input: OverrideGrantInput!) { overrideGrant(input: $input) { errors { code field } } }"
_APPOINT = """mutation($input: AppointPositionInput!) {
  appointPosition(input: $input) { position { id } errors { code field } }
}"""


async def _do(demo: Demo, account: str, document: str, **variables: object) -> dict[str, Any]:
    answer = (await demo.ask(account, document, variables)).json()
    (payload,) = answer["data"].values()
    assert payload["errors"] == [], answer
    found: dict[str, Any] = payload
    return found


async def _waits_for(demo: Demo, case: str) -> set[str]:
    rows = await demo.owner.fetch(
        "select a.subject from work_items w join accounts a on a.id = w.account_id"
        " where 'cas_' || w.tenant_id || '_' || w.case_id = $1",
        case,
    )
    return {row["subject"] for row in rows}


def _desks(demo: Demo, slug: str, *kinds: str) -> list[Desk]:
    return [Desk(demo, f"{kind}@{slug}") for kind in kinds]


async def test_a_case_of_whoever_leaves_waits_for_others(demo: Demo) -> None:
    worker, leaving, resident = _desks(demo, "guanyuan", "worker", "grid-worker", "resident")
    post = await post_of(demo, leaving.account, "guanyuan")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"positionId": post}})
    before = await _waits_for(demo, case)

    # First the last day is known, then it has passed.
    await _do(demo, "admin@guanyuan", _END_POST, id=post, until=day())
    while_leaving = await _waits_for(demo, case)
    await demo.owner.execute("update positions set until = null where 'pos_' || tenant_id || '_' || id = $1", post)
    await _do(demo, "admin@guanyuan", _END_POST, id=post, until=day(-1))

    assert before == {leaving.account}
    assert leaving.account in while_leaving
    assert await _waits_for(demo, case) == while_leaving - {leaving.account} != set()
    assert await worker.work(case) == ["TO_HANDLE"]
    page = await worker.page(case)
    assert page is not None
    assert page["accountable"]["publicName"] is None
    assert page["accountable"]["body"] is not None


async def test_what_is_handed_to_a_post_without_an_account_waits_for_its_body(demo: Demo) -> None:
    worker, resident = _desks(demo, "xiyuan", "worker", "resident")
    post = await post_of(demo, "grid-worker@xiyuan", "xiyuan")
    case = await resident.report(await resident.home())
    await worker.do("Accept", case)
    await demo.owner.execute("update positions set account_id = null where 'pos_' || tenant_id || '_' || id = $1", post)
    await demo.owner.execute("update tenants set grants_version = grants_version + 1 where slug = 'xiyuan'")

    await worker.do("Dispatch", case, input={"to": {"positionId": post}})

    assert await worker.work(case) == ["TO_HANDLE"]


async def test_a_company_without_a_contract_has_no_work_there(demo: Demo) -> None:
    worker, manager = _desks(demo, "qingcheng", "worker", "property-manager")
    row = await demo.owner.fetchrow(
        """select p.tenant_id, c.id as contract_id, c.estate_id, b.id as building_id, o.name
           from positions p join accounts a on a.id = p.account_id and a.subject = $1
           join property_contracts c on c.tenant_id = p.tenant_id and c.estate_id = p.place_id
           join places b on b.tenant_id = p.tenant_id and b.estate_id = p.place_id and b.kind = 'building'
           join bodies o on o.id = c.body_id limit 1""",
        manager.account,
    )
    assert row is not None
    company = await body_of(demo, "prc", row["name"])
    case = await worker.report({"placeId": f"bld_{row['tenant_id']}_{row['building_id']}"}, title="单元门坏了")
    await worker.do("Accept", case)
    await worker.do("Dispatch", case, input={"to": {"bodyId": company}})
    before = await manager.work(case)

    contract = f"ctr_{row['tenant_id']}_{row['contract_id']}"
    await _do(demo, worker.account, _END_CONTRACT, id=contract, until=day(-1))
    after, titles = await manager.work(case), await manager.send("Work")
    estate = f"est_{row['tenant_id']}_{row['estate_id']}"
    await _do(demo, worker.account, _START_CONTRACT, estate=estate, company=company, since=day())

    assert before == ["TO_HANDLE"]
    assert after == []
    assert titles["myWork"]["nodes"] == []
    assert await manager.work(case) == ["TO_HANDLE"]


async def test_what_a_kind_of_post_may_no_longer_do_does_not_wait_for_it(demo: Demo) -> None:
    worker, handler, resident = _desks(demo, "minzhucun", "worker", "grid-worker", "resident")
    post = await post_of(demo, handler.account, "minzhucun")
    at = await resident.home()
    case, other = await resident.report(at), await resident.report(at)
    for each in (case, other):
        await worker.do("Accept", each)
    await worker.do("Dispatch", case, input={"to": {"positionId": post}})
    before = await handler.work(case)

    denied = {"kind": "grid-worker", "permission": "case:handle", "rows": "*", "condition": "*", "effect": "DENY"}
    await _do(demo, "admin@minzhucun", _OVERRIDE, input=denied)

    assert before == ["TO_HANDLE"]
    assert await handler.work(case) == []
    assert await worker.work(case) == ["TO_HANDLE"]
    assert await worker.refused("Dispatch", other, input={"to": {"positionId": post}}) == "RECEIVER_UNFIT"


async def test_an_appointment_and_steps_at_the_same_time_miss_nothing(demo: Demo) -> None:
    (worker,) = _desks(demo, "guanyuan", "worker")
    row = await demo.owner.fetchrow(
        """select grid.tenant_id, grid.id as grid_id, own.id as own_id from tenants t
           join places own on own.tenant_id = t.id and own.kind = 'community'
           join places grid on grid.tenant_id = t.id and grid.kind = 'grid' where t.slug = 'guanyuan' limit 1"""
    )
    assert row is not None
    at = {"placeId": f"grd_{row['tenant_id']}_{row['grid_id']}"}
    case = await worker.report(at)
    post = {
        "kind": "worker",
        "placeId": f"com_{row['tenant_id']}_{row['own_id']}",
        "since": day(),
        "name": "新来的",
        "account": {"issuer": ISSUER, "subject": "new@guanyuan"},
    }

    async with demo.owner.transaction():
        # Steps have looked up who is posted and cannot write; the appointment looks for what is open.
        await demo.owner.execute("lock table events in exclusive mode")
        excluded = asyncio.ensure_future(worker.send("Exclude", caseId=case, reason="WITHDRAWN", reply="已撤回"))
        reported = asyncio.ensure_future(worker.report(at))
        await asyncio.sleep(0.5)
        appointed = asyncio.ensure_future(_do(demo, "admin@guanyuan", _APPOINT, input=post))
        await asyncio.sleep(0.5)
        late = asyncio.ensure_future(worker.report(at))
        await asyncio.sleep(0.5)
    assert (await excluded)["excludeCase"]["errors"] == []
    await appointed

    assert await _waits_for(demo, case) == set()
    for report in (reported, late):
        assert {"new@guanyuan", worker.account} <= await _waits_for(demo, await report)


async def test_what_is_open_waits_for_posts_that_a_list_gives(demo: Demo) -> None:
    worker, resident = _desks(demo, "xiyuan", "worker", "resident")
    case = await resident.report(await resident.home())

    await list_post(demo, "xiyuan", post="社区工作者", account="listed@xiyuan")

    assert await Desk(demo, "listed@xiyuan", "xiyuan").work(case) == ["TO_ACCEPT"]
    assert await worker.work(case) == ["TO_ACCEPT"]


async def test_what_is_shared_with_an_office_waits_for_its_new_posts(demo: Demo) -> None:
    worker, street = Desk(demo, "worker@guanyuan"), Desk(demo, "dispatcher@xiangkou")
    row = await demo.owner.fetchrow(
        "select l.tenant_id, l.id from places l join tenants t on t.id = l.tenant_id and t.slug = 'guanyuan'"
        " where l.kind = 'grid' order by l.sort_key limit 1"
    )
    assert row is not None
    at = {"placeId": f"grd_{row['tenant_id']}_{row['id']}"}
    own, handed_up = await worker.report(at), await worker.report(at)
    for case in (own, handed_up):
        await worker.do("Accept", case)
    await worker.do("Escalate", handed_up, summary="请街道协调")

    await list_post(demo, "xiangkou", post="街道派单员", account="listed@xiangkou")

    new = Desk(demo, "listed@xiangkou", "xiangkou")
    assert await new.work(handed_up) == await street.work(handed_up) == ["TO_HANDLE"]
    assert await new.work(own) == []


async def test_waits_for_the_community_while_nobody_signs_in_for_a_team_of_volunteers(demo: Demo) -> None:
    worker = Desk(demo, "worker@xiyuan")
    team = await body_of(demo, "vol", "环境卫生队")
    case = await worker.report(await Desk(demo, "resident@xiyuan").home(), source="PATROL")
    await worker.do("Accept", case)

    await worker.do("Dispatch", case, input={"to": {"bodyId": team}})

    page = await worker.page(case)
    assert page is not None
    assert page["accountable"]["body"] == {"name": "环境卫生队"}
    assert await worker.work(case) == ["TO_HANDLE"]
    assert await Desk(demo, "worker@guanyuan").work(case) == []


async def test_waits_for_a_volunteer_whom_it_was_handed_to_and_for_no_other(demo: Demo) -> None:
    worker, volunteer = Desk(demo, "worker@xiyuan"), Desk(demo, "nobody@nowhere")
    case = await worker.report(await Desk(demo, "resident@xiyuan").home(), source="PATROL")
    await worker.do("Accept", case)
    community = (await demo.ask("admin@xiyuan", "{ me { tenant { place { id } } } }")).json()
    team = await body_of(demo, "vol", "环境卫生队")
    given = {
        "kind": "volunteer",
        "placeId": community["data"]["me"]["tenant"]["place"]["id"],
        "bodyId": team,
        "since": day(),
        "name": "甲志愿",
        "phone": "13800000017",
        "account": {"issuer": ISSUER, "subject": volunteer.account},
    }
    post = (await _do(demo, "admin@xiyuan", _APPOINT, input=given))["position"]["id"]

    await worker.do("Dispatch", case, input={"to": {"positionId": post}})

    assert await _waits_for(demo, case) == {volunteer.account}
    assert (await volunteer.do("Resolve", case, input={"note": "已清理"}))["status"] == "RESOLVED"
    # Of others' cases a volunteer reads nothing, nor of who lives where.
    other = await worker.report(await Desk(demo, "resident@xiyuan").home(), source="PATROL")
    assert await volunteer.page(other) is None
    told = (await demo.ask(volunteer.account, "{ dwellings { totalCount } }")).json()
    assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"
