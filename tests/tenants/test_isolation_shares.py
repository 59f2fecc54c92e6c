"""Does anybody see a case of another tenant that was not shared with them, or work that waits for others?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from tests.fixtures.database import Database
from tests.tenants.happening import act, hand_to_department, report
from tests.tenants.marked import make_marked
from tests.tenants.staff import Actor, Stage, open_stage

_ALL = ("gulou", "gudong", "guxi", "qingcheng", "zhongshan", "pingshan", "xiyuan")
_HANDLER = Actor("department-handler", "gudong")
_PAGE = """query($id: ID!) {
  case(id: $id) { title description placeText reporter { id } steps { note } attachments { id } }
}"""
_LIST = "query { cases(first: 100) { nodes { id title } } }"
_WORK = "query { myWork(first: 100) { nodes { case { id title } } } }"


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front."""
    async with open_stage(await make_marked(await new_database())) as stage:
        yield stage


async def _ask(stage: Stage, actor: Actor, document: str, **variables: object) -> dict[str, Any]:
    answer = await stage.client.ask(document, variables, account=actor.account, tenant=actor.slug)
    data: dict[str, Any] = answer.json()["data"]
    return data


async def _is_shown(stage: Stage, actor: Actor, case: str) -> bool:
    """Tell whether anything is shown of a case that its own tenant alone may read."""
    page = (await _ask(stage, actor, _PAGE, id=case))["case"] or {}
    listed = (await _ask(stage, actor, _LIST))["cases"] or {"nodes": []}
    titles = [node["title"] for node in listed["nodes"] if node["id"] == case]
    return any(value is not None for value in [*page.values(), *titles])


async def _seen_outside(stage: Stage, case: str) -> set[Actor]:
    outside = stage.everybody(*(slug for slug in _ALL if slug != "qingcheng"))
    return {actor for actor in outside if await _is_shown(stage, actor, case)}


async def test_shows_a_shared_case_to_its_receiver_for_as_long_as_it_is_shared(stage: Stage) -> None:
    case = await report(stage, "qingcheng")
    before = await _seen_outside(stage, case)
    shared = await hand_to_department(stage, "qingcheng", "gudong")
    while_shared = await _seen_outside(stage, shared)
    await act(stage, f'returnCase(caseId: "{shared}", reason: "不属本部门")', _HANDLER)

    assert before == set()
    assert while_shared == {_HANDLER}
    assert await _seen_outside(stage, shared) == set()
    assert await _is_shown(stage, Actor("worker", "qingcheng"), shared)


async def _told_of_work(stage: Stage, case: str) -> set[str]:
    told = set()
    for actor in stage.everybody(*_ALL):
        found = (await _ask(stage, actor, _WORK))["myWork"] or {"nodes": []}
        if any(node["case"] and node["case"]["id"] == case for node in found["nodes"]):
            told.add(actor.account)
    return told


async def _waits_for(stage: Stage, case: str) -> set[str]:
    rows = await stage.owner.fetch(
        "select a.subject from work_items w join accounts a on a.id = w.account_id"
        " where 'cas_' || w.tenant_id || '_' || w.case_id = $1",
        case,
    )
    return {row["subject"] for row in rows}


async def test_lists_work_for_the_accounts_that_it_waits_for_alone(stage: Stage) -> None:
    own, shared = await report(stage, "qingcheng"), await hand_to_department(stage, "qingcheng", "gudong")
    # The marked world's own worker stands for nobody here.
    waiting = await _waits_for(stage, own) - {"worker"}

    assert await _told_of_work(stage, own) == waiting
    assert waiting == {"grid-leader@qingcheng"}
    assert await _told_of_work(stage, shared) == await _waits_for(stage, shared) == {_HANDLER.account}


@pytest.mark.parametrize("table", ["case_shares", "work_items"])
async def test_keeps_what_is_shared_and_what_waits_from_others_in_the_database(stage: Stage, table: str) -> None:
    case = await hand_to_department(stage, "qingcheng", "gudong")
    seeing = f"select count(*) from {table} where 'cas_' || tenant_id || '_' || case_id = $1"
    gateway = await asyncpg.connect(stage.marked.database.gateway_url)
    seen = set()
    for actor in stage.everybody(*_ALL):
        tenant_id = stage.world.tenants[actor.slug].id
        version = await stage.owner.fetchval("select grants_version from tenants where id = $1", tenant_id)
        account_id = await stage.owner.fetchval("select id from accounts where subject = $1", actor.account)
        async with gateway.transaction():
            await gateway.execute("select app.enter($1, $2, $3)", tenant_id, account_id, version)
            if await gateway.fetchval(seeing, case):
                seen.add(actor)
    await gateway.close()

    # The case's own tenant writes both; beyond it, a share is its receiver's, and work its account's.
    receivers = {"case_shares": set(stage.everybody("gudong")), "work_items": {_HANDLER}}
    assert seen == set(stage.everybody("qingcheng")) | receivers[table]
