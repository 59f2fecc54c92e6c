"""Does an export hold anything of another tenant, or reach anybody else? Every root list, as every kind of position.

The lists are found in the schema, so that a new one is exported here, too; so is what claims exports across tenants.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests.fixtures.database import Database
from tests.schema.compiler.asking import MODEL
from tests.tenants.marked import Marked, find_leaks, ids_by_type, make_marked
from tests.tenants.questions import Question, Questions
from tests.tenants.staff import Actor, Stage, open_stage

_REQUEST = """mutation($input: RequestExportInput!) { requestExport(input: $input) {
  export { id status url isPersonal } errors { code } } }"""
_FOUND = "query($id: ID!) { node(id: $id) { ... on Export { status url fault } } }"
# Somebody else has agreed.
_APPROVE = """update exports set status = 'APPROVED', decided_by_id = (select id from accounts where id <> $2 limit 1)
  where id = $1"""
_CLAIM = "select tenant_id, id, account_id from app.claim_export($1, $2, null)"
_MINUTE = timedelta(minutes=1)
# What is refused because it is no table, or nothing that the position reads.
_REFUSALS = frozenset({"FORBIDDEN", "EXPORT_NOT_A_TABLE", "EXPORT_QUERY_INVALID", "QUERY_TOO_COSTLY"})


@dataclass(frozen=True, slots=True)
class Queue:
    """Exports that wait, and their database as the owner sees it."""

    marked: Marked
    owner: asyncpg.Connection[asyncpg.Record]


@pytest.fixture(scope="module")
async def stage(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Stage]:
    """The marked world with everybody in it, and the gateway in front; no export waits."""
    async with open_stage(await make_marked(await new_database())) as stage:
        await stage.owner.execute("update exports set status = 'REFUSED'")
        yield stage


async def _ask(stage: Stage, actor: Actor, document: str, **variables: object) -> Any:  # noqa: ANN401 - JSON.
    answer = await stage.client.ask(document, variables, account=actor.account, tenant=actor.slug)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def _lists(ids: dict[str, list[str]]) -> Iterator[Question]:
    """Give a flat question of every root list."""
    query: Any = MODEL.schema.query_type
    for question in Questions(MODEL, ids, depth=0).roots(is_brief=True):
        name = re.split(r"\W", question.document.partition("{")[2].strip(), maxsplit=1)[0]
        if "first" in query.fields[name].args and "first" in question.variables:
            yield question


async def _exported(stage: Stage, actor: Actor, question: Question) -> bytes | None:
    """Have a question's answer exported, and fetch it; None where that is refused."""
    asked = {"query": question.document, "variables": json.dumps(question.variables), "format": "CSV", "reason": "核实"}
    payload = (await _ask(stage, actor, _REQUEST, input=asked))["requestExport"]
    if payload["export"] is None:
        assert {error["code"] for error in payload["errors"]} <= _REFUSALS, payload
        return None
    export = payload["export"]
    if export["isPersonal"]:
        row_id = uuid.UUID(export["id"].rpartition("_")[2])
        account_id = await stage.owner.fetchval("select account_id from exports where id = $1", row_id)
        await stage.owner.execute(_APPROVE, row_id, account_id)
        # Whatever is asked for next begins with what waits.
        await _ask(stage, actor, _REQUEST, input={"query": "{ me { tenant { name } } }", "format": "CSV"})
    found = {"status": "APPROVED"}
    for _ in range(100):
        found = (await _ask(stage, actor, _FOUND, id=export["id"]))["node"]
        if found["status"] not in ("APPROVED", "RUNNING"):
            break
        await asyncio.sleep(0.05)
    assert found["status"] == "DONE", found
    fetched = await stage.fetch(actor, found["url"].rpartition("/")[2])
    assert fetched.status_code == 200
    return fetched.content


@pytest.mark.parametrize("slug", ["gulou", "gudong", "qingcheng"])
async def test_exports_every_list_without_a_mark_of_others(stage: Stage, slug: str) -> None:
    others = stage.marked.neighbours()
    questions = list(_lists(await ids_by_type(MODEL, stage.marked.database)))
    assert len(questions) > 10
    shown = b""
    for actor in stage.everybody(slug):
        for question in questions:
            content = await _exported(stage, actor, question)
            assert find_leaks(content, others[slug], others) == [], f"{actor}: {question}"
            shown += content or b""
    assert f"«office:{slug}»".encode() in shown


async def test_gives_an_export_to_nobody_else(stage: Stage) -> None:
    worker = Actor("worker", "qingcheng")
    payload = (await _ask(stage, worker, _REQUEST, input={"query": "{ cases { nodes { number } } }", "format": "CSV"}))[
        "requestExport"
    ]
    export, file_id = payload["export"], payload["export"]["url"].rpartition("/")[2]
    assert (await stage.fetch(worker, file_id)).status_code == 200
    row = file_id.rpartition("_")[2]

    for actor in stage.everybody("qingcheng", "zhongshan", "gudong", "gulou"):
        if actor == worker:
            continue
        here = stage.world.tenants[actor.slug].id
        for asked in (file_id, f"fil_{here}_{row}", f"{file_id}?size=thumbnail"):
            assert (await stage.fetch(actor, asked)).status_code == 404, actor
        seen = (await _ask(stage, actor, _FOUND, id=export["id"]))["node"]
        assert seen in (None, {"status": "DONE", "url": None, "fault": None})
        assert (seen is None) == (actor != Actor("committee-chair", "qingcheng")), actor


async def test_asks_for_the_account_and_for_what_it_reaches(stage: Stage) -> None:
    worker, chair = Actor("worker", "qingcheng"), Actor("committee-chair", "qingcheng")
    wanted = {"query": "{ cases { nodes { number } } }", "format": "CSV"}
    exports = [
        (await _ask(stage, actor, _REQUEST, input=wanted))["requestExport"]["export"] for actor in (worker, chair)
    ]
    ids = [uuid.UUID(export["id"].rpartition("_")[2]) for export in exports]
    workers = exports[0]["url"].rpartition("/")[2]

    # As if the two reached the same, so that the account alone is between them.
    await stage.owner.execute(
        "update exports set reach = (select reach from exports where id = $2) where id = $1", *ids
    )

    assert (await stage.fetch(chair, workers)).status_code == 404
    # And as if the worker reached something else by now.
    assert (await stage.fetch(worker, workers)).status_code == 404


async def test_uploads_nothing_as_an_export(stage: Stage) -> None:
    answer = await stage.upload(Actor("worker", "qingcheng"), b"x", purpose="EXPORT")

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "FILE_PURPOSE_UNKNOWN")


# --- what claims exports across tenants ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def queue(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[Queue]:
    """The marked world without a gateway, which would claim what waits."""
    marked = await make_marked(await new_database())
    owner = await asyncpg.connect(marked.database.owner_url)
    yield Queue(marked, owner)
    await owner.close()


@pytest.fixture
async def gateway(queue: Queue) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """One connection as the gateway's role, outside all tenants; one export waits in each of two tenants."""
    await queue.owner.execute("update exports set status = 'REFUSED'")
    await queue.owner.execute(
        """update exports set status = 'APPROVED', attempts = 0, claimed_until = null, is_personal = false
           where (tenant_id, id) in (select tenant_id, min(id::text)::uuid from exports
             where tenant_id = any($1::integer[]) group by tenant_id)""",
        [queue.marked.world.tenants[slug].id for slug in ("qingcheng", "zhongshan")],
    )
    connection = await asyncpg.connect(queue.marked.database.gateway_url)
    yield connection
    await connection.close()


async def _claimed(gateway: asyncpg.Connection[asyncpg.Record]) -> dict[str, Any] | None:
    row = await gateway.fetchrow(_CLAIM, uuid.uuid4(), _MINUTE)
    return None if row is None else dict(row)


async def test_claims_each_once_and_tells_ids_alone(queue: Queue, gateway: asyncpg.Connection[asyncpg.Record]) -> None:
    other = await asyncpg.connect(queue.marked.database.gateway_url)

    # Neither waits for the other, and neither sees a row of any tenant by it.
    async with gateway.transaction():
        first = await _claimed(gateway)
        second = await _claimed(other)
        third = await _claimed(other)
        seen = await gateway.fetchval("select count(*) from exports")
    await other.close()

    assert first is not None
    assert second is not None
    assert first.keys() == {"tenant_id", "id", "account_id"}
    assert {first["tenant_id"], second["tenant_id"]} == {
        queue.marked.world.tenants[slug].id for slug in ("qingcheng", "zhongshan")
    }
    assert (third, seen) == (None, 0)


async def test_claims_again_what_nobody_goes_on_with_and_gives_it_up_in_the_end(
    queue: Queue, gateway: asyncpg.Connection[asyncpg.Record]
) -> None:
    past = "update exports set claimed_until = now() - interval '1 second' where status = 'RUNNING'"
    claims = []
    for _ in range(5):
        claims.append([await _claimed(gateway), await _claimed(gateway), await _claimed(gateway)])
        await queue.owner.execute(past)

    assert [[claim is None for claim in three] for three in claims] == [[False, False, True]] * 5
    assert await _claimed(gateway) is None
    ended = await queue.owner.fetch("select status, fault from exports where attempts = 5")
    assert {tuple(row) for row in ended} == {("FAILED", "INTERRUPTED")}


async def test_leaves_what_waits_in_a_suspended_tenant(
    queue: Queue, gateway: asyncpg.Connection[asyncpg.Record]
) -> None:
    await queue.owner.execute("update tenants set status = 'suspended' where slug = 'zhongshan'")
    try:
        claims = [await _claimed(gateway), await _claimed(gateway)]
    finally:
        await queue.owner.execute("update tenants set status = 'open' where slug = 'zhongshan'")

    assert claims[0] is not None
    assert (claims[0]["tenant_id"], claims[1]) == (queue.marked.world.tenants["qingcheng"].id, None)
