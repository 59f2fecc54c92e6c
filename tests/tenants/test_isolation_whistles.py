"""Does anybody read a whistle who has no part in it: past the gateway, or through it?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from schema.compiler.values import encode_id
from tests.fixtures.database import Database
from tests.tenants.happening import report
from tests.tenants.marked import make_marked
from tests.tenants.staff import Actor, Stage, open_stage

_ALL = ("gulou", "gudong", "guxi", "qingcheng", "zhongshan", "pingshan", "xiyuan")
_WORKER, _STREET, _HANDLER = (
    Actor("worker", "qingcheng"),
    Actor("dispatcher", "gudong"),
    Actor("department-handler", "gudong"),
)
_OFFICE = {_STREET, Actor("party-secretary", "gudong")}
_READ = """query($id: ID!, $case: ID!) {
  node(id: $id) { ... on Whistle { status summary } } case(id: $case) { whistles { summary } }
}"""
_ASK = """mutation($case: ID!) {
  requestWhistle(caseId: $case, input: {reason: PRESSING_PROBLEM, summary: "路口积水"}) {
    whistle { id } errors { code } } }"""
_CALL = """mutation($id: ID!, $department: ID!) {
  whistle(whistleId: $id, input: {callees: [{departmentId: $department}]}) {
    whistle { callees { id } } errors { code } } }"""
_DECLINE = """mutation($id: ID!) {
  answerWhistle(calleeId: $id, isComing: false, reason: "路口积水") { errors { code } } }"""
_CONCLUDE = """mutation($id: ID!) { concludeWhistle(whistleId: $id, outcome: "路口积水") { errors { code } } }"""


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front."""
    async with open_stage(await make_marked(await new_database())) as stage:
        yield stage


async def _do(stage: Stage, actor: Actor, document: str, **variables: object) -> dict[str, Any]:
    answer = await stage.client.ask(document, variables, account=actor.account, tenant=actor.slug)
    (payload,) = answer.json()["data"].values()
    assert payload["errors"] == [], answer.text
    found: dict[str, Any] = payload
    return found


async def _readers(stage: Stage, case: str, whistle: str) -> set[Actor]:
    """Tell who reads anything of a whistle, beyond its own tenant."""
    found = set()
    for actor in stage.everybody(*(slug for slug in _ALL if slug != "qingcheng")):
        answer = await stage.client.ask(_READ, {"id": whistle, "case": case}, account=actor.account, tenant=actor.slug)
        data = answer.json()["data"]
        if data["node"] or (data["case"] or {}).get("whistles"):
            found.add(actor)
    return found


@asynccontextmanager
async def _inside(stage: Stage, slug: str) -> AsyncIterator[asyncpg.Connection]:
    """Enter a tenant as the gateway does."""
    tenant_id, account_id = stage.world.tenants[slug].id, stage.world.accounts["worker"]
    version = await stage.owner.fetchval("select grants_version from tenants where id = $1", tenant_id)
    gateway = await asyncpg.connect(stage.marked.database.gateway_url)
    try:
        async with gateway.transaction():
            await gateway.execute("select app.enter($1, $2, $3)", tenant_id, account_id, version)
            yield gateway
    finally:
        await gateway.close()


async def _tenants(stage: Stage, whistle: str) -> set[str]:
    """Tell in which tenants the database lets a whistle, or whom it calls, be read at all."""
    found = set()
    for slug in _ALL:
        async with _inside(stage, slug) as gateway:
            if await gateway.fetchval(
                """select exists (select from whistles where 'whi_' || tenant_id || '_' || id = $1)
                     or exists (select from whistle_callees where 'whi_' || tenant_id || '_' || whistle_id = $1)""",
                whistle,
            ):
                found.add(slug)
    return found


async def _tell(stage: Stage, table: str, column: str, slug: str) -> None:
    async with _inside(stage, "qingcheng") as gateway:
        told = stage.world.tenants[slug].id
        await gateway.execute(f"update {table} set {column} = $1 where tenant_id = app.tenant()", told)


async def test_shows_a_whistle_to_those_who_have_a_part_in_it_alone(stage: Stage) -> None:
    case = await report(stage, "qingcheng")
    whistle = (await _do(stage, _WORKER, _ASK, case=case))["whistle"]["id"]
    asked, asked_in = await _readers(stage, case, whistle), await _tenants(stage, whistle)
    department = encode_id("dep", 0, stage.world.bodies["gudong/department"])
    (callee,) = (await _do(stage, _STREET, _CALL, id=whistle, department=department))["whistle"]["callees"]
    called, called_in = await _readers(stage, case, whistle), await _tenants(stage, whistle)
    await _do(stage, _HANDLER, _DECLINE, id=callee["id"])
    declined, declined_in = await _readers(stage, case, whistle), await _tenants(stage, whistle)
    await _do(stage, _STREET, _CONCLUDE, id=whistle)

    assert (asked, asked_in) == (_OFFICE, {"qingcheng", "gudong"})
    assert (called, called_in) == (_OFFICE | {_HANDLER}, {"qingcheng", "gudong"})
    assert (declined, declined_in) == (
        _OFFICE | {_HANDLER, Actor("officer", "gulou")},
        {"qingcheng", "gudong", "gulou"},
    )
    # Whoever whistled and whoever was called still see the whistle, which they rate.
    assert await _readers(stage, case, whistle) == _OFFICE | {_HANDLER}


@pytest.mark.parametrize("table", ["whistles", "whistle_callees"])
@pytest.mark.parametrize("column", ["told_street_id", "told_district_id"])
async def test_tells_no_other_offices(stage: Stage, table: str, column: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _tell(stage, table, column, "guxi")


async def test_lets_nothing_wait_for_posts_of_others(stage: Stage) -> None:
    case = await report(stage, "qingcheng")
    await _do(stage, _WORKER, _ASK, case=case)
    office = stage.world.bodies["gudong/office"]
    waits = "select count(*) from work_items where reason = 'TO_WHISTLE' and 'cas_' || tenant_id || '_' || case_id = $1"
    before = await stage.owner.fetchval(waits, case)
    posts = {
        row["slug"]: row["id"]
        for row in await stage.owner.fetch(
            """select a.subject as slug, p.id from positions p join accounts a on a.id = p.account_id
               where a.subject in ('dispatcher@gudong', 'dispatcher@guxi', 'officer@gulou', 'worker@qingcheng')"""
        )
    }
    for slug in ("gulou", "guxi", "zhongshan", "qingcheng"):
        for post in posts.values():
            async with _inside(stage, slug) as gateway:
                await gateway.execute("select app.let_whistles_wait($1, $2, $2)", post, [office])
    refused = await stage.owner.fetchval(waits, case)
    await stage.owner.execute("delete from work_items")
    async with _inside(stage, "gudong") as gateway:
        await gateway.execute("select app.let_whistles_wait($1, $2, $2)", posts[_STREET.account], [office])

    assert refused == before > 0
    assert await stage.owner.fetchval(waits, case) == 1
