"""Who uploads and fetches files over HTTP, and what does everybody else get?"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from services.files.rules import LARGEST_FILE, MIB
from tests.fixtures.gateway import ISSUER, GatewayClient
from tests.fixtures.world import WorldDatabase
from tests.make import World

ROSTER = "楼栋,单元,房号,户主\n1号楼,1单元,101,张三\n".encode("gb18030") * 50


@pytest.fixture(autouse=True)
async def _no_files(made: WorldDatabase) -> None:
    connection = await asyncpg.connect(made.database.superuser_url)
    await connection.execute("truncate files cascade")
    await connection.close()


def headers(account: str | None = "worker", tenant: str | None = "qingcheng") -> dict[str, str]:
    given = {} if account is None else {"Authorization": f"Bearer {ISSUER.token(account).decode()}"}
    return given if tenant is None else {**given, "X-Tenant": tenant}


async def upload(
    gateway: GatewayClient, content: bytes = ROSTER, *, name: str = "名册.csv", account: str | None = "worker"
) -> httpx.Response:
    return await gateway.http.post("/files", files={"file": (name, content)}, headers=headers(account))


async def fetch(
    gateway: GatewayClient, file_id: str, *, account: str | None = "worker", tenant: str | None = "qingcheng"
) -> httpx.Response:
    return await gateway.http.get(f"/files/{file_id}", headers=headers(account, tenant))


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


async def count_files(made: WorldDatabase) -> int:
    connection = await asyncpg.connect(made.database.owner_url)
    try:
        found: int = await connection.fetchval("select count(*) from files")
    finally:
        await connection.close()
    return found


async def test_gives_back_what_was_uploaded(gateway: GatewayClient, world: World) -> None:
    content = os.urandom(3 * MIB + 5)

    uploaded = await upload(gateway, content, name="张三 家;a.xlsx")
    fetched = await fetch(gateway, uploaded.json()["id"])

    assert uploaded.status_code == 201
    assert uploaded.json()["id"].startswith(f"fil_{world.tenants['qingcheng'].id}_")
    assert (fetched.status_code, fetched.content) == (200, content)
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert fetched.headers["content-length"] == str(len(content))
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["cache-control"] == "no-store"
    assert fetched.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%E5%BC%A0%E4%B8%89%20%E5%AE%B6%3Ba.xlsx"
    )


@pytest.mark.parametrize("account", ["resident", "grid-worker", "manager"])
async def test_lets_only_those_upload_and_fetch_who_import_rosters(
    gateway: GatewayClient, made: WorldDatabase, account: str
) -> None:
    file_id = (await upload(gateway)).json()["id"]

    assert code(await upload(gateway, account=account)) == (403, "FORBIDDEN")
    assert code(await fetch(gateway, file_id, account=account)) == (404, "NOT_FOUND")
    assert await count_files(made) == 1


async def test_asks_who_it_is_and_where(gateway: GatewayClient) -> None:
    file_id = (await upload(gateway)).json()["id"]

    assert code(await upload(gateway, account=None)) == (401, "UNAUTHENTICATED")
    assert code(await fetch(gateway, file_id, account=None)) == (401, "UNAUTHENTICATED")
    assert code(await fetch(gateway, file_id, account="nobody")) == (403, "TENANT_UNKNOWN")
    assert code(await fetch(gateway, file_id, tenant="nowhere")) == (403, "TENANT_UNKNOWN")
    assert code(await fetch(gateway, file_id, tenant=None)) == (400, "TENANT_REQUIRED")


async def test_answers_alike_for_another_tenants_file_and_none(gateway: GatewayClient, world: World) -> None:
    file_id = (await upload(gateway)).json()["id"]
    here, there = world.tenants["qingcheng"].id, world.tenants["zhongshan"].id
    row_id = file_id.rpartition("_")[2]

    # The account works in both.
    strange = [
        await fetch(gateway, file_id, tenant="zhongshan"),
        await fetch(gateway, f"fil_{there}_{row_id}", tenant="zhongshan"),
        await fetch(gateway, f"fil_{there}_{row_id}"),
        await fetch(gateway, f"fil_{here}_{uuid.uuid4()}"),
        await fetch(gateway, f"per_{here}_{row_id}"),
        await fetch(gateway, "x"),
        await fetch(gateway, "..%2f..%2fetc%2fpasswd"),
        await fetch(gateway, "%00"),
    ]

    assert {(code(response), response.content) for response in strange} == {((404, "NOT_FOUND"), strange[0].content)}
    assert (await fetch(gateway, file_id)).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno name\r\n--x--',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--',
        ),
        # Not all of it.
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na',
        ),
        # Two of them.
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n' * 2 + b"--x--\r\n",
        ),
        ("multipart/form-data; boundary=" + "x" * 100_000, b""),
    ],
)
async def test_refuses_what_is_not_a_form_with_one_file(
    gateway: GatewayClient, made: WorldDatabase, content_type: str, body: bytes
) -> None:
    response = await gateway.http.post("/files", content=body, headers={**headers(), "Content-Type": content_type})

    assert code(response) == (400, "UPLOAD_BROKEN")
    assert await count_files(made) == 0


@pytest.mark.parametrize(
    ("name", "content", "query", "answer"),
    [
        ("a.csv", b"", "", (400, "FILE_EMPTY")),
        (" ", b"1", "", (400, "FILE_NAME_INVALID")),
        ("a" * 201, b"1", "", (400, "FILE_NAME_INVALID")),
        ("a.csv", b"1", "?purpose=PHOTO", (400, "FILE_PURPOSE_UNKNOWN")),
    ],
)
async def test_refuses_what_cannot_be_kept(
    gateway: GatewayClient, made: WorldDatabase, name: str, content: bytes, query: str, answer: tuple[int, str]
) -> None:
    response = await gateway.http.post(f"/files{query}", files={"file": (name, content)}, headers=headers())

    assert code(response) == answer
    assert await count_files(made) == 0


async def test_refuses_a_large_file_by_what_it_says_of_itself(gateway: GatewayClient, made: WorldDatabase) -> None:
    response = await gateway.http.post(
        "/files",
        content=b"",
        headers={**headers(), "Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(5 * 1024**3)},
    )

    assert code(response) == (413, "FILE_TOO_LARGE")
    assert await count_files(made) == 0


async def test_stops_reading_a_file_that_says_nothing_of_its_size(gateway: GatewayClient, made: WorldDatabase) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        while sent < 3 * LARGEST_FILE:
            sent += MIB
            yield bytes(MIB)

    response = await gateway.http.post(
        "/files", content=endless(), headers={**headers(), "Content-Type": "multipart/form-data; boundary=x"}
    )

    assert code(response) == (413, "FILE_TOO_LARGE")
    assert sent <= LARGEST_FILE + 2 * MIB
    assert await count_files(made) == 0


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/files", "POST"), ("DELETE", "/files/x", "GET"), ("POST", "/files/x", "GET"), ("PUT", "/files", "POST")],
)
async def test_knows_no_other_method(gateway: GatewayClient, method: str, path: str, allowed: str) -> None:
    response = await gateway.http.request(method, path, headers=headers())

    assert (response.status_code, response.headers["allow"]) == (405, allowed)


async def test_takes_forms_in_pieces_of_any_size(gateway: GatewayClient) -> None:
    content = b"\r\n--x\r" + os.urandom(500) + b"\r\n--"
    form = (
        b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--x\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    )
    form += content.replace(b"--x", b"--y") + b"\r\n--x--\r\n"

    async def dripping() -> AsyncIterator[bytes]:
        for start in range(0, len(form), 7):
            yield form[start : start + 7]

    uploaded = await gateway.http.post(
        "/files",
        content=dripping(),
        headers={**headers(), "Content-Type": "multipart/form-data; boundary=x"},
    )

    assert uploaded.status_code == 201, uploaded.text
    assert (await fetch(gateway, uploaded.json()["id"])).content == content.replace(b"--x", b"--y")
