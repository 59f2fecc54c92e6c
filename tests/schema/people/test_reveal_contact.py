"""Who learns a resident's name and number, and does the audit log know every time?"""

from __future__ import annotations

import uuid
from typing import Any

import asyncpg
import pytest

from tests.fixtures.gateway import GatewayClient, open_client
from tests.fixtures.world import WorldDatabase
from tests.make import World
from tests.sealed_people import seal_people

REVEAL = """
mutation RevealContact($personId: ID!, $purpose: RevealPurpose!, $note: String, $key: String) {
  revealContact(personId: $personId, purpose: $purpose, note: $note, idempotencyKey: $key) {
    contact { name phone }
    errors { code message field }
  }
}
"""
NOT_THERE = {"code": "NOT_FOUND", "message": "没有找到，或您无权查看", "field": "personId"}
FORBIDDEN = {"code": "FORBIDDEN", "message": "您的岗位没有这项权限（contact:reveal）", "field": None}


@pytest.fixture(scope="module", autouse=True)
async def _sealed(made: WorldDatabase, world: World) -> None:
    await seal_people(made.database, world)


@pytest.fixture(autouse=True)
async def _clean_log(made: WorldDatabase) -> None:
    connection = await asyncpg.connect(made.database.superuser_url)
    await connection.execute("truncate audit_entries, audit_queue, audit_links")
    await connection.close()


async def reveal(
    gateway: GatewayClient,
    person: str,
    *,
    account: str = "worker",
    purpose: str = "VISIT",
    note: str | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    variables = {"personId": person, "purpose": purpose, "note": note, "key": key}
    answer = await gateway.ask(REVEAL, variables, account=account)
    assert answer.status_code == 200
    body = answer.json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["revealContact"]
    return found


async def log(made: WorldDatabase) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(made.database.owner_url)
    try:
        return await connection.fetch("select * from audit_entries order by at, id")
    finally:
        await connection.close()


async def test_reveals_to_whose_post_reaches_everybody(
    gateway: GatewayClient, world: World, made: WorldDatabase
) -> None:
    found = await reveal(gateway, world.id("per", "qingcheng/周"), purpose="CASE_CALL_BACK", note="电梯投诉回访")

    assert found == {"contact": {"name": "周小树", "phone": "13800000004"}, "errors": []}
    (entry,) = await log(made)
    assert entry["tenant_id"] == world.tenants["qingcheng"].id
    assert entry["account_id"] == world.accounts["worker"]
    assert (entry["account_name"], entry["position_name"]) == ("worker的账号", "钱老师（qingcheng）")
    assert (entry["action"], entry["outcome"]) == ("contact:reveal", "DONE")
    assert (entry["subject_type"], entry["subject_id"]) == ("Person", world.people["qingcheng/周"])
    assert entry["purpose"] == "CASE_CALL_BACK"
    # What was noted may name people: it is in the log, and cannot be read there.
    assert entry["note_sealed"]
    assert "电梯".encode() not in entry["note_sealed"]


async def test_reveals_no_phone_where_none_is_known(gateway: GatewayClient, world: World) -> None:
    found = await reveal(gateway, world.id("per", "qingcheng/王"))

    assert found == {"contact": {"name": "王小树", "phone": None}, "errors": []}


@pytest.mark.parametrize(
    ("name", "is_reached"),
    [
        ("赵", True),  # owns 101 of 1号楼
        ("钱", True),  # owns a share of it
        ("李", True),  # rents 102 and heads its household
        ("郑", False),  # has moved out of 102
        ("周", False),  # lives in the second grid
        ("王", False),
    ],
)
async def test_a_grid_worker_reaches_those_who_own_rent_or_live_in_the_grid(
    gateway: GatewayClient, world: World, made: WorldDatabase, name: str, *, is_reached: bool
) -> None:
    found = await reveal(gateway, world.id("per", f"qingcheng/{name}"), account="grid-worker")

    (entry,) = await log(made)
    if is_reached:
        assert found["contact"]["name"] == f"{name}小树"
        assert (entry["outcome"], entry["position_name"]) == ("DONE", "孙老师（qingcheng）")
    else:
        assert found == {"contact": None, "errors": [NOT_THERE]}
        assert (entry["outcome"], entry["subject_id"]) == ("REFUSED", world.people[f"qingcheng/{name}"])


@pytest.mark.parametrize("account", ["resident"])
async def test_refuses_whose_posts_never_allow_it_and_writes_that_down(
    gateway: GatewayClient, world: World, made: WorldDatabase, account: str
) -> None:
    found = await reveal(gateway, world.id("per", "qingcheng/赵"), account=account)

    assert found == {"contact": None, "errors": [FORBIDDEN]}
    (entry,) = await log(made)
    assert (entry["account_id"], entry["outcome"]) == (world.accounts[account], "REFUSED")


async def test_a_property_manager_without_work_in_hand_reaches_nobody(gateway: GatewayClient, world: World) -> None:
    found = await reveal(gateway, world.id("per", "qingcheng/赵"), account="manager")

    assert found == {"contact": None, "errors": [NOT_THERE]}


async def test_what_is_not_there_answers_as_what_is_out_of_reach(
    gateway: GatewayClient, world: World, made: WorldDatabase
) -> None:
    here, there = world.tenants["qingcheng"].id, world.tenants["zhongshan"].id
    strange = [
        f"per_{here}_{uuid.uuid4()}",
        f"per_{there}_{world.people['zhongshan/赵']}",
        f"per_{2**31}_{world.people['qingcheng/赵']}",
        world.id("hsh", "qingcheng/1号楼1单元101室"),
        "per_1_x",
        "",
        "赵",
    ]

    found = [await reveal(gateway, person) for person in strange]

    assert found == [{"contact": None, "errors": [NOT_THERE]}] * len(strange)
    entries = await log(made)
    assert [entry["outcome"] for entry in entries] == ["REFUSED"] * len(strange)
    # No other tenant's id gets into this tenant's log.
    assert [entry["subject_id"] is None for entry in entries] == [False] + [True] * 6


async def test_another_purpose_has_to_be_told_in_words(
    gateway: GatewayClient, world: World, made: WorldDatabase
) -> None:
    person = world.id("per", "qingcheng/赵")

    refused = [await reveal(gateway, person, purpose="OTHER", note=note) for note in (None, "", " \n")]
    told = await reveal(gateway, person, purpose="OTHER", note="联系领取失物")

    assert [(one["contact"], one["errors"][0]["code"], one["errors"][0]["field"]) for one in refused] == [
        (None, "PURPOSE_NEEDS_NOTE", "note")
    ] * 3
    assert told["contact"] == {"name": "赵小树", "phone": "13800000000"}
    assert [entry["outcome"] for entry in await log(made)] == ["DONE"]


async def test_refuses_a_note_as_long_as_a_letter(gateway: GatewayClient, world: World) -> None:
    found = await reveal(gateway, world.id("per", "qingcheng/赵"), note="长" * 501)

    assert [error["code"] for error in found["errors"]] == ["REVEAL_NOTE_INVALID"]


async def test_refuses_a_purpose_that_is_none(gateway: GatewayClient, world: World) -> None:
    answer = await gateway.ask(REVEAL, {"personId": world.id("per", "qingcheng/赵"), "purpose": "CURIOSITY"})

    assert answer.json().get("data") is None
    assert answer.json()["errors"]


async def test_nobody_outside_a_tenant_asks_for_anybody(gateway: GatewayClient, world: World) -> None:
    variables = {"personId": world.id("per", "qingcheng/赵"), "purpose": "VISIT"}

    answer = await gateway.ask(REVEAL, variables, account="worker", tenant=None)

    assert "小树" not in answer.text
    assert "TENANT_REQUIRED" in answer.text


async def test_says_it_in_english(gateway: GatewayClient, world: World) -> None:
    answer = await gateway.ask(
        REVEAL,
        {"personId": world.id("per", "qingcheng/赵"), "purpose": "OTHER"},
        headers={"Accept-Language": "en"},
    )

    (error,) = answer.json()["data"]["revealContact"]["errors"]
    assert error["message"] == "When the purpose is OTHER, say in the note what it is"


async def test_a_process_that_starts_anew_opens_the_same(made: WorldDatabase, world: World) -> None:
    async with open_client(made.database) as fresh:
        found = await reveal(fresh, world.id("per", "qingcheng/孙"))

    assert found["contact"] == {"name": "孙小树", "phone": "13800000002"}


async def test_a_key_repeats_nothing_and_hides_nothing_from_the_log(
    gateway: GatewayClient, world: World, made: WorldDatabase
) -> None:
    person, other = world.id("per", "qingcheng/赵"), world.id("per", "qingcheng/周")

    found = [await reveal(gateway, person, key="reveal") for _ in range(2)]
    reused = await reveal(gateway, other, key="reveal")

    assert found == [{"contact": {"name": "赵小树", "phone": "13800000000"}, "errors": []}] * 2
    assert reused["contact"] is None
    assert [error["code"] for error in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert [entry["outcome"] for entry in await log(made)] == ["DONE", "DONE"]
    assert await _kept_of(made, "reveal") == [(None, None)]


async def test_a_key_keeps_no_refusal_from_the_log(gateway: GatewayClient, world: World, made: WorldDatabase) -> None:
    person = world.id("per", "qingcheng/周")

    found = [await reveal(gateway, person, account="grid-worker", key="refused") for _ in range(2)]
    reused = await reveal(gateway, world.id("per", "qingcheng/赵"), account="grid-worker", key="refused")

    assert found == [{"contact": None, "errors": [NOT_THERE]}] * 2
    assert [error["code"] for error in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert [entry["outcome"] for entry in await log(made)] == ["REFUSED", "REFUSED"]
    assert await _kept_of(made, "refused") == [(None, None)]


async def _kept_of(made: WorldDatabase, key: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(made.database.owner_url)
    try:
        kept = "select row_id, coalesce(refusal_code, refusal_zh) from idempotency_keys where key = $1"
        return [tuple(row) for row in await connection.fetch(kept, key)]
    finally:
        await connection.close()
