"""Do the worker and `jinlin audit verify` do what operators rely on?"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.cli.faults import explain
from deploy.roles import WORKER
from deploy.worker import working
from services.files.desk import FileDesk
from services.files.rules import Upload
from services.files.store import PostgresFileStore
from services.onboarding.errors import TenantNotFound
from tenants.audit.recording import AuditEntry
from tenants.grants import Grants
from tenants.sealing.keyring import Keyring, rewrap_data_keys
from tenants.sealing.master_key import LocalKeyService, MasterKeyUnknown
from tenants.work import Workshop
from tests.fixtures.database import Database
from tests.fixtures.outages import out_of_reach
from tests.neighbours import MASTER_KEY, Neighbour, make_neighbours


@pytest.fixture(autouse=True)
def _production(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINLIN_OWNER_URL", database.owner_url)
    monkeypatch.setenv("JINLIN_WORKER_URL", database.worker_url)
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())


@pytest.fixture
async def neighbours(owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> tuple[Neighbour, Neighbour]:
    """Two tenants with nothing in their logs yet."""
    return await make_neighbours(owner_engine, gateway_engine)


async def run(*arguments: str) -> Result:
    # The command brings an event loop of its own.
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def record(neighbour: Neighbour, count: int = 1) -> None:
    for _ in range(count):
        async with neighbour.workshop.work(neighbour.grants) as work:
            await work.record(AuditEntry("contact:reveal", "Person", uuid.uuid4()))


async def meddle(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute("set session_replication_role = replica")
    await connection.execute(statement)
    await connection.close()


async def test_chains_every_log_and_finds_it_whole(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, theirs = neighbours
    await record(ours, 3)
    await record(theirs, 1)

    worked = await run("worker", "--once")
    await record(ours, 2)
    verified = await run("audit", "verify")

    done = "2 batches of the audit log chained, 0 expired files and 0 old keys deleted\n"
    assert (worked.exit_code, worked.stdout) == (
        0,
        f"0 deadlines fired, 0 events put in order, 0 counts folded, {done}",
    )
    assert verified.exit_code == 0
    told = [line.split("\t")[:4] for line in verified.stdout.splitlines()]
    assert told == [
        ["qingcheng", "ok", "3 entries", "2 not yet chained"],
        ["zhongshan", "ok", "1 entries", "0 not yet chained"],
    ]


async def test_names_the_first_wrong_entry_and_fails(
    neighbours: tuple[Neighbour, Neighbour], database: Database
) -> None:
    ours, theirs = neighbours
    await record(ours, 3)
    await record(theirs, 1)
    await run("worker", "--once")

    await meddle(
        database,
        """update audit_entries e set purpose = 'x' from audit_links l
           where l.tenant_id = e.tenant_id and l.id = e.id and l.sequence = 2""",
    )
    verified, other = await run("audit", "verify"), await run("audit", "verify", "--tenant", "zhongshan")

    assert verified.exit_code == 1
    first, second = verified.stdout.splitlines()
    assert first.startswith(f"qingcheng\tBROKEN\tEDITED\tentry number 2 aud_{ours.tenant_id}_")
    assert second.startswith("zhongshan\tok\t1 entries")
    assert (other.exit_code, other.stdout) == (0, f"{second}\n")


async def test_a_noted_head_tells_that_the_end_was_cut_off(
    neighbours: tuple[Neighbour, Neighbour], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ours, _ = neighbours
    await record(ours, 3)
    with caplog.at_level("INFO", logger="jinlin.worker"):
        await run("worker", "--once")
    by_worker = caplog.messages[-1].rpartition(" ")[2]
    noted = (await run("audit", "verify", "--tenant", "qingcheng")).stdout.strip().rpartition("head ")[2]

    whole = await run("audit", "verify", "--head", noted, "--head", by_worker)
    await meddle(
        database,
        "delete from audit_links where sequence = 3; delete from audit_entries e"
        " where not exists (select from audit_links l where l.id = e.id)",
    )
    alone = await run("audit", "verify")
    cuts = [await run("audit", "verify", "--head", head) for head in (noted, by_worker)]

    assert noted.partition("=")[0] == "qingcheng"
    assert by_worker == f"{ours.tenant_id}={noted.partition('=')[2]}"
    assert [result.exit_code for result in (whole, alone, *cuts)] == [0, 0, 1, 1]
    for cut in cuts:
        assert "qingcheng\tBROKEN\tHEAD_LOST\tentry number 3 is not the noted head" in cut.stdout


async def test_tells_what_it_cannot_do(neighbours: tuple[Neighbour, Neighbour]) -> None:
    await record(neighbours[0])
    await run("worker", "--once")

    unknown = await run("audit", "verify", "--tenant", "nowhere")
    misspelt = await run("audit", "verify", "--head", "qingcheng")

    head = f"zhongshan=1:{'0' * 64}"
    of_another = await run("audit", "verify", "--tenant", "qingcheng", "--head", head)

    assert isinstance(unknown.exception, TenantNotFound)
    assert of_another.exit_code == 2
    assert "only qingcheng is to be verified" in of_another.stderr
    assert misspelt.exit_code == 2
    assert "SLUG=NUMBER:HASH" in misspelt.stderr


async def test_names_a_tenant_whose_key_does_not_open_and_verifies_the_others(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    for neighbour in neighbours:
        await record(neighbour)
    await run("worker", "--once")
    both = Keyring(LocalKeyService([bytes(32), MASTER_KEY]))
    async with owner_engine.begin() as connection:
        await rewrap_data_keys(connection, keyring=both, tenant_id=neighbours[0].tenant_id)

    verified = await run("audit", "verify")

    assert verified.exit_code == 1
    first, second = verified.stdout.splitlines()
    assert first.startswith("qingcheng\tUNREADABLE\tA data key was wrapped by the master key local:")
    assert second.startswith("zhongshan\tok\t1 entries")


async def test_does_nothing_with_another_master_key(
    neighbours: tuple[Neighbour, Neighbour], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await neighbours[0].sealer()
    await record(neighbours[1])
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(bytes(32)).decode())

    worked = await run("worker", "--once")

    assert worked.exit_code == 1
    assert isinstance(worked.exception, MasterKeyUnknown)
    assert "JINLIN_MASTER_KEY is not this database's" in (explain(worked.exception) or "")
    connection = await asyncpg.connect(database.owner_url)
    assert await connection.fetchval("select count(*) from data_keys") == 1
    assert await connection.fetchval("select count(*) from audit_links") == 0
    await connection.close()


async def test_sweeps_what_has_expired(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours

    async def renew() -> Grants:
        raise AssertionError

    async def content() -> AsyncIterator[bytes]:
        yield b"content"

    long_ago = Workshop(ours.workshop.engine, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    desk = FileDesk(long_ago, PostgresFileStore(), ours.grants, renew)
    await desk.receive(Upload("a.csv"), sealer=await ours.sealer(), content=content())

    worked = await run("worker", "--once")

    told = "1 batches of the audit log chained, 1 expired files and 0 old keys deleted\n"
    assert worked.stdout == f"0 deadlines fired, 0 events put in order, 0 counts folded, {told}"


async def test_works_in_the_background_until_it_is_told_to_stop(
    neighbours: tuple[Neighbour, Neighbour], database: Database
) -> None:
    ours, _ = neighbours
    await record(ours, 2)
    connection = await asyncpg.connect(database.owner_url)

    async with working(database.worker_url, LocalKeyService([MASTER_KEY])):
        async with asyncio.timeout(10):
            # What is waited for happens in the database.
            while await connection.fetchval("select count(*) from audit_links") < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    assert await connection.fetchval("select count(*) from audit_queue") == 0
    await connection.close()


_HAPPEN = """
    insert into events (tenant_id, id, at, action, case_id, ordinal, after)
    select id, gen_random_uuid(), now(), 'ACCEPT', gen_random_uuid(), 1, '{}' from tenants
"""


async def test_goes_on_at_once_when_its_connections_were_lost(
    neighbours: tuple[Neighbour, Neighbour], database: Database
) -> None:
    connection = await asyncpg.connect(database.superuser_url)

    async with working(database.worker_url, LocalKeyService([MASTER_KEY])):
        for _ in range(20):
            # Here alone: workers of other tests are on the same server.
            lost = """select pg_terminate_backend(pid) from pg_stat_activity
                      where datname = current_database() and usename = $1"""
            await connection.execute(lost, WORKER)
            await asyncio.sleep(0.05)
        await connection.execute(_HAPPEN)
        async with asyncio.timeout(6):
            # What is waited for happens in the database.
            while await connection.fetchval("select exists(select from events where sequence is null)"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    assert await connection.fetchval("select count(*) from events") == len(neighbours)
    await connection.close()


async def test_tells_of_an_outage_where_it_was_met_once(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    async with working(database.worker_url, LocalKeyService([MASTER_KEY])), out_of_reach(database, role=WORKER):
        await asyncio.sleep(2)

    told = [record for record in caplog.records if "tries again" in record.message]
    met = [record for record in told if record.exc_info]
    assert 0 < len(met) < len(told)
