"""Is a call that comes twice under one key done once, for whoever made the key, and for nobody else?"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from deploy.worker import Worker, open_worker
from schema.compiler.values import encode_id
from schema.idempotency import settled
from services.onboarding.commands import resume_tenant, suspend_tenant
from tenants.lending import LONGEST_WAIT
from tenants.sealing.master_key import read_master_keys
from tests.fixtures.gateway import MASTER_KEY, GatewayClient
from tests.fixtures.world import WorldDatabase
from tests.make import World, made_id
from tests.schema.compiler.asking import MODEL
from tests.tenants.test_isolation_mutations import Call

ADD = """
mutation ($name: String!, $key: String) {
  addBody(input: { kind: PARTNER, name: $name }, idempotencyKey: $key) { body { id } errors { code message field } }
}
"""
ADD_AND_SHOW = """
mutation ($name: String!, $key: String) {
  addBody(input: { name: $name, kind: PARTNER, creditCode: null }, idempotencyKey: $key) {
    shown: body { __typename name } errors { code }
  }
}
"""
MOVE = """
mutation ($unit: ID!, $grid: ID!, $key: String) {
  moveUnit(unitId: $unit, gridId: $grid, idempotencyKey: $key) { unit { id } errors { code } }
}
"""
REUSED = {
    "code": "IDEMPOTENCY_KEY_REUSED",
    "message": "这个 idempotencyKey 已随另一输入用过：重试请原样提交，新的操作请换一个新键",
    "field": "idempotencyKey",
}
EXISTS = {"code": "BODY_EXISTS", "message": "本单位已有同类组织“{name}”", "field": "name"}
_numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """A name that no other test gives an organisation."""
    return f"第{next(_numbers)}小学"


@pytest.fixture(scope="module")
async def owner(made: WorldDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The database past every wall."""
    connection = await asyncpg.connect(made.database.owner_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def owners(made: WorldDatabase) -> AsyncIterator[AsyncEngine]:
    """Connections for the operator's commands."""
    engine = create_async_engine(sqlalchemy_url(made.database.owner_url))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="module")
async def worker(made: WorldDatabase) -> AsyncIterator[Worker]:
    """What works in the background, as its own role."""
    async with open_worker(made.database.worker_url, read_master_keys(MASTER_KEY)) as opened:
        yield opened


async def add(
    gateway: GatewayClient, name: str, key: str | None, *, account: str = "worker", tenant: str = "qingcheng"
) -> dict[str, Any]:
    answer = await gateway.ask(ADD, {"name": name, "key": key}, account=account, tenant=tenant)
    payload: dict[str, Any] = answer.json()["data"]["addBody"]
    return payload


async def count(owner: asyncpg.Connection, name: str) -> int:
    found: int = await owner.fetchval("select count(*) from bodies where name = $1", name)
    return found


# --- the same call again ---------------------------------------------------------------------------------------------


async def test_does_the_same_call_once(gateway: GatewayClient, owner: asyncpg.Connection, name: str) -> None:
    first = await add(gateway, name, "once")
    again = await add(gateway, name, "once")
    without = await add(gateway, name, None)

    assert first["errors"] == []
    assert first["body"]["id"].startswith("par_")
    assert again == first
    assert without["errors"] == [{**EXISTS, "message": f"本单位已有同类组织“{name}”"}]
    assert await count(owner, name) == 1


async def test_reads_the_object_again_for_what_is_asked_now(gateway: GatewayClient, name: str) -> None:
    await add(gateway, name, "shown")

    # The same input in another order, from variables, with a null for what was left out.
    again = await gateway.ask(ADD_AND_SHOW, {"name": name, "key": "shown"})

    assert again.json()["data"]["addBody"] == {"shown": {"__typename": "Partner", "name": name}, "errors": []}


async def test_does_a_call_once_within_one_document(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str
) -> None:
    one = 'addBody(input: { kind: PARTNER, name: $name }, idempotencyKey: "both") { body { id } errors { code } }'
    answer = await gateway.ask(f"mutation ($name: String!) {{ first: {one} second: {one} }}", {"name": name})

    found = answer.json()["data"]
    assert found["first"]["body"] is not None
    assert found["first"] == found["second"]
    assert await count(owner, name) == 1


async def test_does_a_call_once_that_comes_twenty_times_at_once(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str
) -> None:
    found = await asyncio.gather(*(add(gateway, name, "at once") for _ in range(20)))

    assert found == [found[0]] * 20
    assert found[0]["errors"] == []
    assert await count(owner, name) == 1


async def test_refuses_another_input_under_the_same_key(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str
) -> None:
    first = await add(gateway, name, "reused")

    other = await add(gateway, f"{name}分校", "reused")
    in_english = await gateway.ask(ADD, {"name": f"{name}分校", "key": "reused"}, headers={"Accept-Language": "en"})

    assert other == {"body": None, "errors": [REUSED]}
    assert in_english.json()["data"]["addBody"]["errors"][0]["message"] == (
        "This idempotencyKey came with another input before: send a retry unchanged, and make a new key for a new act"
    )
    assert await count(owner, f"{name}分校") == 0
    assert await add(gateway, name, "reused") == first


# --- whose key it is -------------------------------------------------------------------------------------------------


async def test_knows_no_other_accounts_key(gateway: GatewayClient, name: str) -> None:
    first = await add(gateway, name, "mine")

    other = await add(gateway, name, "mine", account="grid-worker")
    others_input = await add(gateway, f"{name}分校", "mine", account="grid-worker")

    assert [error["code"] for error in other["errors"]] == ["FORBIDDEN"]
    assert others_input["errors"] == [REUSED]
    assert await add(gateway, name, "mine") == first


async def test_knows_no_other_tenants_key(
    gateway: GatewayClient, owner: asyncpg.Connection, world: World, name: str
) -> None:
    here = await add(gateway, name, "there")
    there = await add(gateway, name, "there", tenant="zhongshan")

    assert here["errors"] == there["errors"] == []
    assert here["body"]["id"] != there["body"]["id"]
    homes = await owner.fetch("select home_tenant_id from bodies where name = $1", name)
    assert {row["home_tenant_id"] for row in homes} == {world.tenants[slug].id for slug in ("qingcheng", "zhongshan")}


async def test_knows_no_other_mutations_key(gateway: GatewayClient, world: World, name: str) -> None:
    grid = world.id("grd", "qingcheng/第二网格")
    await add(gateway, name, "shared")

    unit = world.id("unt", "qingcheng/1号楼1单元")
    moved = await gateway.ask(MOVE, {"unit": unit, "grid": grid, "key": "shared"})
    again = await gateway.ask(MOVE, {"unit": unit, "grid": grid, "key": "shared"})

    assert moved.json()["data"]["moveUnit"] == {"unit": {"id": unit}, "errors": []}
    assert again.content == moved.content


async def test_shows_keys_to_their_own_account_alone(
    gateway: GatewayClient, made: WorldDatabase, world: World, owner: asyncpg.Connection, name: str
) -> None:
    await add(gateway, name, "walled")
    await add(gateway, name, "walled", tenant="zhongshan")
    tenant_id = world.tenants["qingcheng"].id
    version = await owner.fetchval("select grants_version from tenants where id = $1", tenant_id)

    connection = await asyncpg.connect(made.database.gateway_url)
    seen, changed = {}, {}
    for account in ("worker", "grid-worker"):
        async with connection.transaction():
            await connection.execute("select app.enter($1, $2, $3)", tenant_id, world.accounts[account], version)
            keys = await connection.fetch("select tenant_id, account_id from idempotency_keys")
            seen[account] = {tuple(row) for row in keys}
            changed[account] = await connection.execute(
                "update idempotency_keys set key = key where account_id <> $1", world.accounts[account]
            )
    await connection.close()

    assert seen["worker"] == {(tenant_id, world.accounts["worker"])}
    assert seen["grid-worker"] <= {(tenant_id, world.accounts["grid-worker"])}
    assert set(changed.values()) == {"UPDATE 0"}


async def test_keeps_of_the_input_only_what_the_tenants_key_makes_of_it(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str
) -> None:
    for tenant in ("qingcheng", "zhongshan"):
        await add(gateway, name, "digest", tenant=tenant)

    rows = await owner.fetch("select * from idempotency_keys where key = 'digest'")

    hashes = {row["input_hash"] for row in rows}
    assert len(hashes) == 2
    assert {len(found) for found in hashes} == {32}
    assert hashlib.sha256(settled({"input": {"kind": "PARTNER", "name": name}})).digest() not in hashes
    assert all(name not in str(value) for row in rows for value in row)


# --- refusals and faults ---------------------------------------------------------------------------------------------


async def test_repeats_a_refusal_though_its_reason_has_gone(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str
) -> None:
    await add(gateway, name, None)
    refused = await add(gateway, name, "refused")
    await owner.execute("update bodies set name = $1 || '旧址' where name = $1", name)

    again = await add(gateway, name, "refused")
    in_english = await gateway.ask(ADD, {"name": name, "key": "refused"}, headers={"Accept-Language": "en"})
    other = await add(gateway, f"{name}分校", "refused")

    assert refused == {"body": None, "errors": [{**EXISTS, "message": f"本单位已有同类组织“{name}”"}]}
    assert again == refused
    assert in_english.json()["data"]["addBody"]["errors"][0] == {
        "code": "BODY_EXISTS",
        "message": f"This tenant has an organisation of that kind called {name}",
        "field": "name",
    }
    assert other == {"body": None, "errors": [REUSED]}
    assert await count(owner, name) == 0
    assert (await add(gateway, name, "refused no more"))["errors"] == []


async def test_repeats_braces_as_they_are(gateway: GatewayClient, name: str) -> None:
    strange = f"{name}{{name}}{{"
    await add(gateway, strange, None)

    first = await add(gateway, strange, "braces")

    assert first["errors"] == [{**EXISTS, "message": f"本单位已有同类组织“{strange}”"}]
    assert await add(gateway, strange, "braces") == first


async def test_keeps_one_answer_when_refusals_come_at_once(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str
) -> None:
    await add(gateway, name, None)

    found = await asyncio.gather(*(add(gateway, name, "refused at once") for _ in range(20)))

    assert [error["code"] for error in found[0]["errors"]] == ["BODY_EXISTS"]
    assert found == [found[0]] * 20
    assert await owner.fetchval("select count(*) from idempotency_keys where key = 'refused at once'") == 1


async def test_keeps_nothing_of_a_fault(gateway: GatewayClient, owner: asyncpg.Connection, name: str) -> None:
    await owner.execute(f"alter table bodies add constraint broken check (name <> '{name}')")
    fault = await gateway.ask(ADD, {"name": name, "key": "fault"})
    await owner.execute("alter table bodies drop constraint broken")

    again = await add(gateway, name, "fault")

    assert fault.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert again["errors"] == []
    assert await count(owner, name) == 1


async def test_keeps_nothing_of_being_busy(gateway: GatewayClient, owner: asyncpg.Connection, name: str) -> None:
    # The tenant's keys are read now, and not for want of a connection later.
    assert (await add(gateway, f"{name}总校", "before"))["errors"] == []
    async with owner.transaction():
        await owner.execute("lock table bodies in exclusive mode")
        # As many as there are connections to write on wait for it, and leave none.
        others = [asyncio.ensure_future(add(gateway, f"{name}第{number}分校", None)) for number in range(15)]
        await asyncio.sleep(0.5)
        busy = asyncio.ensure_future(add(gateway, name, "busy"))
        # So that there are connections again just after it was refused.
        await asyncio.sleep(LONGEST_WAIT + 0.5)
    assert all(payload["errors"] == [] for payload in await asyncio.gather(*others))

    assert [error["code"] for error in (await busy)["errors"]] == ["TRY_AGAIN"]
    assert (await add(gateway, name, "busy"))["errors"] == []


async def test_a_suspended_tenant_keeps_no_answer(gateway: GatewayClient, owners: AsyncEngine, name: str) -> None:
    done = await add(gateway, name, "done", tenant="pingshan")
    async with owners.begin() as connection:
        await suspend_tenant(connection, slug="pingshan")

    again = await add(gateway, name, "done", tenant="pingshan")
    refused = await add(gateway, f"{name}分校", "new", tenant="pingshan")
    async with owners.begin() as connection:
        await resume_tenant(connection, slug="pingshan")
    resumed = await add(gateway, f"{name}分校", "new", tenant="pingshan")

    assert [payload["errors"][0]["code"] for payload in (again, refused)] == ["TENANT_SUSPENDED"] * 2
    assert (done["errors"], resumed["errors"]) == ([], [])
    assert await add(gateway, name, "done", tenant="pingshan") == done


async def test_has_no_keys_outside_a_tenant(gateway: GatewayClient, owner: asyncpg.Connection, name: str) -> None:
    answer = await gateway.ask(ADD, {"name": name, "key": "no tenant"}, tenant=None)

    assert [error["code"] for error in answer.json()["data"]["addBody"]["errors"]] == ["TENANT_REQUIRED"]
    assert await owner.fetchval("select count(*) from idempotency_keys where key = 'no tenant'") == 0


@pytest.mark.parametrize("key", ["", "k" * 101, "a\nb", "\x00", "\u200b"])
async def test_refuses_a_key_that_is_none(
    gateway: GatewayClient, owner: asyncpg.Connection, name: str, key: str
) -> None:
    found = await add(gateway, name, key)

    assert found["errors"] == [
        {
            "code": "IDEMPOTENCY_KEY_INVALID",
            "message": "idempotencyKey 应为 1 到 100 个可见字符",
            "field": "idempotencyKey",
        }
    ]
    assert await count(owner, name) == 0


async def test_takes_any_printable_key(gateway: GatewayClient, name: str) -> None:
    key = "键 'x'; --%" + "k" * 90

    first = await add(gateway, name, key)

    assert (first["errors"], len(key)) == ([], 100)
    assert await add(gateway, name, key) == first


# --- how long --------------------------------------------------------------------------------------------------------


async def test_forgets_keys_after_seven_days(
    gateway: GatewayClient, owner: asyncpg.Connection, worker: Worker, name: str
) -> None:
    for key, age in (("young", "6 days 23 hours"), ("old", "7 days 1 second")):
        for tenant in ("qingcheng", "zhongshan"):
            assert (await add(gateway, f"{name}{key}", key, tenant=tenant))["errors"] == []
        await owner.execute(
            "update idempotency_keys set made_at = made_at - $2::text::interval where key = $1", key, age
        )

    swept = await worker.sweep_keys()

    assert swept == 2
    assert (await add(gateway, f"{name}young", "young"))["errors"] == []
    assert [error["code"] for error in (await add(gateway, f"{name}old", "old"))["errors"]] == ["BODY_EXISTS"]


# --- every mutation --------------------------------------------------------------------------------------------------

MUTATIONS = MODEL.schema.mutation_type.fields if MODEL.schema.mutation_type else {}

# What is different where nothing has to be given that could be.
_OTHERWISE: dict[str, Any] = {
    "changeResidencySettings": {"input": {"takesVisitors": True}},
    "endTenantSetting": {"name": "RANKINGS"},
}


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_every_mutation_takes_a_key(mutation: str) -> None:
    argument = MUTATIONS[mutation].args["idempotencyKey"]

    assert str(argument.type) == "String"
    assert "the same call again within 7 days" in (argument.description or "")


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_every_mutation_holds_a_key_to_its_input(gateway: GatewayClient, world: World, mutation: str) -> None:
    call = Call(mutation)
    tenant_id = world.tenants["qingcheng"].id

    def given(number: int, text: str) -> dict[str, Any]:
        ids = {path: encode_id("grd", tenant_id, made_id(number)) for path in call.all_paths()}
        filled = {**call.variables(ids), "idempotencyKey": "every"}
        told = json.dumps(filled, ensure_ascii=False).replace("甲", text)
        # Some take a day and nothing else.
        changed: dict[str, Any] = json.loads(told if text == "甲" else told.replace("2027-01-01", "2027-01-02"))
        return changed

    async def ask(variables: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await gateway.ask(call.document, variables)
        errors: list[dict[str, Any]] = answer.json()["data"][mutation]["errors"]
        return errors

    one, other = given(0xDEAD, "甲"), {**given(0xBEEF, "乙"), **_OTHERWISE.get(mutation, {})}
    first, second, third = await ask(one), await ask(other), await ask(one)

    assert one != other
    assert second == [REUSED]
    assert third == first
