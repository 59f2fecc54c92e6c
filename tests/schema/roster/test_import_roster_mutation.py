"""Who imports a roster over HTTP, what do they get back, and what does everybody else get?"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.fixtures.gateway import ISSUER, GatewayClient
from tests.fixtures.world import WorldDatabase
from tests.make import World
from tests.services.roster.workbooks import GOOD, HEADER, changed, workbook

IMPORT = """
mutation ImportRoster($fileId: ID!, $dryRun: Boolean!, $skip: Boolean = false, $key: String) {
  importRoster(input: { fileId: $fileId, dryRun: $dryRun, skipBadRows: $skip }, idempotencyKey: $key) {
    import {
      id status rowsRead badRowCount problemCount
      created { estates grids buildings units dwellings households people positions }
      changed { estates grids buildings units dwellings households people positions }
      unchanged { grids dwellings }
      problems(first: 50) { totalCount nodes { sheet row column header code severity message value } }
    }
    errors { code message field }
  }
}
"""
NODE = """query Again($id: ID!) { node(id: $id) { __typename id ... on RosterImport { status rowsRead } } }"""
NOTHING = dict.fromkeys(("estates", "grids", "buildings", "units", "dwellings", "households", "people", "positions"), 0)


@pytest.fixture(autouse=True)
async def _clean(made: WorldDatabase) -> None:
    connection = await asyncpg.connect(made.database.superuser_url)
    await connection.execute("truncate files, roster_imports cascade")
    await connection.close()


async def upload(gateway: GatewayClient, content: bytes, *, account: str = "worker", tenant: str = "qingcheng") -> str:
    headers = {"Authorization": f"Bearer {ISSUER.token(account).decode()}", "X-Tenant": tenant}
    answer = await gateway.http.post("/files", files={"file": ("名册.xlsx", content)}, headers=headers)
    assert answer.status_code < 300, answer.text
    file_id: str = answer.json()["id"]
    return file_id


async def take_in(
    gateway: GatewayClient,
    file_id: str,
    *,
    dry: bool = False,
    skip: bool = False,
    account: str = "worker",
    language: str = "zh",
    key: str | None = None,
) -> dict[str, Any]:
    answer = await gateway.ask(
        IMPORT,
        {"fileId": file_id, "dryRun": dry, "skip": skip, "key": key},
        account=account,
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 200
    body = answer.json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["importRoster"]
    return found


async def count(made: WorldDatabase, table: str) -> int:
    connection = await asyncpg.connect(made.database.superuser_url)
    try:
        found: int = await connection.fetchval(f"select count(*) from {table}")
    finally:
        await connection.close()
    return found


async def test_tries_and_then_imports_and_deletes_the_file(gateway: GatewayClient, made: WorldDatabase) -> None:
    file_id = await upload(gateway, workbook(HEADER, GOOD, GOOD))
    before = await count(made, "places")

    tried = await take_in(gateway, file_id, dry=True)
    places_after_trying = await count(made, "places")
    done = await take_in(gateway, file_id)

    created = {**NOTHING, "estates": 1, "buildings": 1, "units": 1, "dwellings": 1, "people": 1}
    assert (tried["errors"], done["errors"]) == ([], [])
    assert (tried["import"]["status"], done["import"]["status"]) == ("CHECKED", "DONE")
    assert tried["import"]["created"] == done["import"]["created"] == created
    assert done["import"]["unchanged"] == {"grids": 1, "dwellings": 0}
    assert done["import"]["problems"] == {
        "totalCount": 1,
        "nodes": [
            {
                "sheet": "房屋",
                "row": 3,
                "column": "E",
                "header": "房号",
                "code": "REPEATED_ROW",
                "severity": "WARNING",
                "message": "与工作表“房屋”第 2 行完全相同，只导入一次",
                "value": "101",
            }
        ],
    }
    assert (places_after_trying, await count(made, "places")) == (before, before + 4)
    assert await count(made, "files") == 0


async def test_shows_the_problems_of_what_it_refuses(gateway: GatewayClient, made: WorldDatabase) -> None:
    file_id = await upload(gateway, workbook(HEADER, changed(building="9#", owner="李四", area="很大")))

    found = await take_in(gateway, file_id, language="en")

    assert found["errors"] == [
        {
            "code": "ROSTER_HAS_BAD_ROWS",
            "message": "1 rows cannot be imported, so nothing was. Correct them as told, or skip them",
            "field": "fileId",
        }
    ]
    assert (found["import"]["status"], found["import"]["badRowCount"]) == ("REFUSED", 1)
    assert found["import"]["problems"]["nodes"][0]["message"] == (
        "The area is not a number. Enter digits only, e.g. 89.5"
    )
    assert await count(made, "files") == 1


async def test_refuses_a_file_that_is_no_roster(gateway: GatewayClient) -> None:
    found = await take_in(gateway, await upload(gateway, b"PK\x03\x04"))

    assert found["import"] is None
    assert [error["code"] for error in found["errors"]] == ["ROSTER_BROKEN"]


async def test_lets_the_import_be_read_again_by_those_who_import(gateway: GatewayClient) -> None:
    made = (await take_in(gateway, await upload(gateway, workbook(HEADER, GOOD)), dry=True))["import"]

    mine = (await gateway.ask(NODE, {"id": made["id"]})).json()
    others = (await gateway.ask(NODE, {"id": made["id"]}, account="grid-worker")).json()

    assert mine["data"]["node"] == {
        "__typename": "RosterImport",
        "id": made["id"],
        "status": "CHECKED",
        "rowsRead": 1,
    }
    assert others["data"]["node"] is None


@pytest.mark.parametrize("account", ["grid-worker", "resident", "manager"])
async def test_forbids_everybody_else(gateway: GatewayClient, account: str) -> None:
    file_id = await upload(gateway, workbook(HEADER, GOOD))

    found = await take_in(gateway, file_id, account=account)

    assert found["import"] is None
    assert [error["code"] for error in found["errors"]] == ["FORBIDDEN"]


async def test_does_not_know_files_of_other_tenants_and_types(gateway: GatewayClient, world: World) -> None:
    file_id = await upload(gateway, workbook(HEADER, GOOD))
    elsewhere = file_id.replace(f"_{world.tenants['qingcheng'].id}_", f"_{world.tenants['zhongshan'].id}_")

    for asked in (elsewhere, world.id("bld", "qingcheng/1号楼"), "fil_4_nonsense"):
        found = await take_in(gateway, asked)
        assert [error["code"] for error in found["errors"]] == ["NOT_FOUND"]


async def test_answers_a_retry_though_the_file_is_gone(gateway: GatewayClient, made: WorldDatabase) -> None:
    file_id = await upload(gateway, workbook(HEADER, changed(building="21#")))

    first, at_once = await asyncio.gather(*(take_in(gateway, file_id, key="import") for _ in range(2)))
    again = await take_in(gateway, file_id, key="import")
    other = await take_in(gateway, file_id, dry=True, key="import")

    assert (first["errors"], first["import"]["status"]) == ([], "DONE")
    assert [at_once, again] == [first, first]
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert (await count(made, "files"), await count(made, "roster_imports")) == (0, 1)


async def test_answers_a_retry_of_what_it_refused(gateway: GatewayClient, made: WorldDatabase) -> None:
    bad = await upload(gateway, workbook(HEADER, changed(building="9#", area="很大")))
    missing = bad[:-4] + "0000"

    refused = [await take_in(gateway, bad, key="bad rows") for _ in range(2)]
    unknown = [await take_in(gateway, missing, key="missing") for _ in range(2)]

    assert refused[0]["import"]["problems"]["totalCount"] == 1
    assert [error["code"] for error in refused[0]["errors"]] == ["ROSTER_HAS_BAD_ROWS"]
    assert unknown[0] == {
        "import": None,
        "errors": [{"code": "NOT_FOUND", "message": "没有找到，或您无权查看", "field": "fileId"}],
    }
    assert (refused[1], unknown[1]) == (refused[0], unknown[0])
    assert await count(made, "roster_imports") == 1


async def test_takes_in_few_rosters_a_request(gateway: GatewayClient) -> None:
    file_id = await upload(gateway, workbook(HEADER, GOOD))
    field = "importRoster(input: {fileId: $id, dryRun: true}) { import { status } errors { code } }"
    document = f"mutation ($id: ID!) {{ {' '.join(f'r{number}: {field}' for number in range(5))} }}"

    told = (await gateway.ask(document, {"id": file_id})).json()["data"]

    done, refused = {"import": {"status": "CHECKED"}, "errors": []}, [{"code": "TOO_MANY_ROSTERS"}]
    assert list(told.values()) == [done] * 3 + [{"import": None, "errors": refused}] * 2
