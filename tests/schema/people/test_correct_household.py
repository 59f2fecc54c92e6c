"""Is what the register says of a household corrected, sealed, counted and written down?"""

from __future__ import annotations

import asyncpg
import pytest

from tests.fixtures.gateway import GatewayClient
from tests.fixtures.world import WorldDatabase
from tests.make import World

_CORRECT = """
mutation ($household: ID!, $input: CorrectHouseholdInput!) {
  correctHousehold(householdId: $household, input: $input) {
    household { headCount residence since until head { displayName maskedPhone } }
    errors { code field }
  }
}
"""
_COUNT = "query ($building: ID!) { building(id: $building) { householdCount } }"


async def test_corrects_and_seals(gateway: GatewayClient, world: World, made: WorldDatabase) -> None:
    household = world.id("hsh", "qingcheng/1号楼2单元101室")

    answer = await gateway.ask(
        _CORRECT,
        {
            "household": household,
            "input": {"headCount": 2, "residence": "RENTED", "headName": "欧小树", "headPhone": "13900001111"},
        },
    )

    assert answer.json()["data"]["correctHousehold"] == {
        "household": {
            "headCount": 2,
            "residence": "RENTED",
            "since": None,
            "until": None,
            "head": {"displayName": "欧*", "maskedPhone": "139****1111"},
        },
        "errors": [],
    }
    assert await _holds_plain_text(made, "欧小树", "13900001111") is False


async def _holds_plain_text(made: WorldDatabase, *texts: str) -> bool:
    connection = await asyncpg.connect(made.database.owner_url)
    try:
        rows = await connection.fetch("select people::text as whole from people")
    finally:
        await connection.close()
    return any(text in row["whole"] for row in rows for text in texts)


async def test_counts_no_longer_who_moved_out(gateway: GatewayClient, world: World) -> None:
    building = world.id("bld", "qingcheng/2号楼")
    before = (await gateway.ask(_COUNT, {"building": building})).json()["data"]["building"]["householdCount"]

    answer = await gateway.ask(
        _CORRECT,
        {"household": world.id("hsh", "qingcheng/2号楼2单元201室"), "input": {"until": "2026-05-01"}},
    )

    after = (await gateway.ask(_COUNT, {"building": building})).json()["data"]["building"]["householdCount"]
    assert answer.json()["data"]["correctHousehold"]["household"]["until"] == "2026-05-01"
    assert after == before - 1


async def test_refuses_days_to_come_crowds_strangers_and_grid_workers(gateway: GatewayClient, world: World) -> None:
    own, foreign = world.id("hsh", "qingcheng/10号楼1单元101室"), world.id("hsh", "zhongshan/10号楼1单元101室")
    asked = (
        (own, {"until": "2199-01-01"}, "worker"),
        (own, {"headCount": 5000}, "worker"),
        (foreign, {"headCount": 2}, "worker"),
        (own, {"headCount": 2}, "grid-worker"),
    )

    answers = [
        (await gateway.ask(_CORRECT, {"household": household, "input": given}, account=account)).json()
        for household, given, account in asked
    ]

    errors = [answer["data"]["correctHousehold"]["errors"][0] for answer in answers]
    assert errors == [
        {"code": "HOUSEHOLD_DATES_INVALID", "field": "until"},
        {"code": "HEAD_COUNT_INVALID", "field": "headCount"},
        {"code": "NOT_FOUND", "field": None},
        {"code": "FORBIDDEN", "field": None},
    ]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        *(({"headName": name}, {"code": "NAME_INVALID", "field": "headName"}) for name in ("", " ", "\0", "李" * 51)),
        *(
            ({"headName": "李小树", "headPhone": phone}, {"code": "PHONE_INVALID", "field": "headPhone"})
            for phone in ("", "abc", "12", "1" * 31, "一二三四", "\0")
        ),
    ],
)
async def test_refuses_what_is_no_name_and_no_number(
    gateway: GatewayClient, world: World, given: dict[str, str], error: dict[str, str]
) -> None:
    household = world.id("hsh", "qingcheng/10号楼1单元101室")
    seen = "query ($id: ID!) { node(id: $id) { ... on Household { headCount head { displayName maskedPhone } } } }"
    before = (await gateway.ask(seen, {"id": household})).json()

    answer = await gateway.ask(_CORRECT, {"household": household, "input": {"headCount": 7, **given}})

    assert answer.json()["data"]["correctHousehold"] == {"household": None, "errors": [error]}
    assert (await gateway.ask(seen, {"id": household})).json() == before
