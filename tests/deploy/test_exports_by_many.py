"""Is a long export made once, with little memory, whatever becomes of the process that began it?"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from python_calamine import load_workbook

from tests.fixtures.gateway import caller_headers
from tests.fixtures.processes import Served, served, settings
from tests.fixtures.world import WorldDatabase

_COUNT = 100_000
_MIB = 1024 * 1024
_MOST_MORE = 24 * _MIB
_REQUEST = """mutation($query: String!, $format: ExportFormat!) {
  requestExport(input: {query: $query, format: $format, reason: "年度检查"}) {
    export { id status url rowCount } errors { code } }
}"""
_FOUND = "query($id: ID!) { node(id: $id) { ... on Export { status rowCount totalCount url fault } } }"
_LOG = "{ auditEntries { nodes { id at action purpose outcome actor { account { displayName } } } } }"
_FEW = "{ cases { nodes { number title } } }"
_ENTRIES = """
    insert into audit_entries (tenant_id, id, at, account_id, account_name, action, subject_type, purpose, outcome)
    select $1, gen_random_uuid(), '2026-06-01'::timestamptz + make_interval(secs => n), $2, '甲的账号',
        'contact:reveal', 'Person', 'VISIT', 'DONE' from generate_series(1, $3::integer) n
"""
# The worker is the auditor as well.
_ALLOWED = """insert into policy_overrides (tenant_id, id, kind_code, permission, rows, condition, effect)
    values ($1, gen_random_uuid(), 'worker', 'audit:read', 'all', '', 'allow')"""
_APPROVED = "update exports set status = 'APPROVED', decided_by_id = $2 where id = $1"
_RUNNING = "select row_count from exports where id = $1 and status = 'RUNNING' and row_count > 0"


@pytest.fixture(scope="module")
async def owner(made: WorldDatabase) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The database's owner; one of the communities has done as much as in years."""
    connection = await asyncpg.connect(made.database.owner_url)
    tenant_id, accounts = made.world.tenants["qingcheng"].id, made.world.accounts
    await connection.execute(_ENTRIES, tenant_id, accounts["resident"], _COUNT)
    await connection.execute(_ALLOWED, tenant_id)
    await connection.execute("update tenants set grants_version = grants_version + 1")
    await connection.execute("analyze audit_entries")
    yield connection
    await connection.close()


async def _requested(gateway: Served, query: str, file_format: str) -> dict[str, Any]:
    told = (await gateway.ask(_REQUEST, query=query, format=file_format))["requestExport"]
    assert told["errors"] == []
    export: dict[str, Any] = told["export"]
    return export


def _resident(gateway: Served) -> int:
    """Tell how many bytes of memory a process holds."""
    pages = Path(f"/proc/{gateway.process.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def _until_done(gateway: Served, export_id: str) -> tuple[dict[str, Any], int]:
    """Wait until an export is made; tell the most memory that the process held meanwhile."""
    most = 0
    while True:
        most = max(most, _resident(gateway))
        found: dict[str, Any] = (await gateway.ask(_FOUND, id=export_id))["node"]
        if found["status"] not in ("APPROVED", "RUNNING"):
            return found, most
        await asyncio.sleep(0.05)


async def test_goes_on_where_a_killed_process_left_off_and_in_little_memory(
    made: WorldDatabase,
    owner: asyncpg.Connection[asyncpg.Record],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environment = settings(made.database, tmp_path_factory.mktemp("production"))
    async with served(environment) as first:
        export = await _requested(first, _LOG, "XLSX")
        row_id = export["id"].rpartition("_")[2]
        await owner.execute(_APPROVED, row_id, made.world.accounts["officer"])
        for _ in range(200):
            if await owner.fetchval(_RUNNING, row_id) is not None:
                break
            await asyncio.sleep(0.05)
        first.process.kill()
        await first.process.wait()
    # Nobody waits for a minute in a test.
    await owner.execute("update exports set claimed_until = now() where id = $1", row_id)

    # Its own memory, and none that it shares.
    async with served(environment, anew=True) as second:
        assert (await _requested(second, _FEW, "XLSX"))["status"] == "DONE"
        before = _resident(second)
        found, most = await _until_done(second, export["id"])
        answer = await second.http.get(found["url"], headers=caller_headers("worker", "qingcheng"))

    assert export["status"] == "REQUESTED"
    assert (found["status"], found["fault"]) == ("DONE", None)
    # What was audited since it began is newer than where the list begins.
    assert found["rowCount"] == found["totalCount"] >= _COUNT
    assert most - before < _MOST_MORE
    assert answer.status_code == 200
    assert await owner.fetchval("select attempts from exports where id = $1", row_id) == 2
    complete = "select count(*) from files where purpose = 'EXPORT' and byte_count > 1000000"
    assert await owner.fetchval(complete) == 1
    assert _rows_of(answer.content) == found["rowCount"]


def _rows_of(content: bytes) -> int:
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    headers = next(at for at, row in enumerate(rows) if row[0] == "系统编号")
    assert len({row[0] for row in rows[headers + 1 :]}) == len(rows) - headers - 1
    return len(rows) - headers - 1
