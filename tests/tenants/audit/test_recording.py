"""What stands in the audit log, and who can touch it?"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Executable, delete, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from tenants.audit.recording import AuditEntry
from tenants.audit.tables import AuditQueued, AuditRecord
from tenants.entrance import entered
from tenants.errors import NotFound
from tenants.work import Workshop
from tests.neighbours import Neighbour, make_neighbours

pytestmark = pytest.mark.usefixtures("database")

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
PERSON = uuid.UUID("01900000-0000-7000-8000-0000000000aa")


@pytest.fixture
async def neighbours(owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> tuple[Neighbour, Neighbour]:
    """Two tenants."""
    return await make_neighbours(owner_engine, gateway_engine)


async def test_keeps_who_did_what_when_and_why(
    neighbours: tuple[Neighbour, Neighbour], gateway_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    workshop = Workshop(gateway_engine, clock=lambda: NOON)

    async with workshop.work(ours.grants) as work:
        await work.record(AuditEntry("contact:reveal", "Person", PERSON, purpose="VISIT"))

    async with owner_engine.connect() as connection:
        row = (await connection.execute(select(AuditRecord.__table__))).one()
        queued = (await connection.execute(select(AuditQueued.__table__))).one()
    assert (row.tenant_id, row.at, row.account_id) == (ours.tenant_id, NOON, ours.grants.account_id)
    assert (row.account_name, row.position_id, row.position_name) == ("qingcheng的账号", None, None)
    assert (row.action, row.subject_type, row.subject_id) == ("contact:reveal", "Person", PERSON)
    assert (row.purpose, row.note_sealed, row.outcome) == ("VISIT", None, "DONE")
    assert queued == (row.tenant_id, row.id)


async def test_goes_with_the_work_unless_it_is_to_last(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours

    async def refused() -> None:
        async with ours.workshop.work(ours.grants) as work:
            await work.record(AuditEntry("contact:reveal", "Person", purpose="rolled back"))
            entry = AuditEntry("contact:reveal", "Person", purpose="lasting", outcome="REFUSED")
            await work.record(entry, even_if_refused=True)
            raise NotFound

    with pytest.raises(NotFound):
        await refused()

    async with owner_engine.connect() as connection:
        kept = (await connection.execute(select(AuditRecord.purpose, AuditRecord.outcome))).all()
    assert kept == [("lasting", "REFUSED")]


async def test_shows_a_tenant_its_own_entries_alone(
    neighbours: tuple[Neighbour, Neighbour], gateway_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    for neighbour in neighbours:
        async with neighbour.workshop.work(neighbour.grants) as work:
            await work.record(AuditEntry("contact:reveal", "Person"))

    async with entered(gateway_engine, grants=theirs.grants) as connection:
        seen = (await connection.scalars(select(AuditRecord.tenant_id))).all()

    assert seen == [theirs.tenant_id]
    assert ours.tenant_id not in seen


async def test_records_nothing_in_another_tenants_log(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, theirs = neighbours

    async def record_there() -> None:
        async with ours.workshop.work(ours.grants) as work:
            work.grants = replace(work.grants, tenant=theirs.tenant)
            await work.record(AuditEntry("contact:reveal", "Person"))

    with pytest.raises(ProgrammingError, match="row-level security"):
        await record_there()


@pytest.mark.parametrize("role", ["gateway", "worker"])
@pytest.mark.parametrize(
    "statement",
    [
        update(AuditRecord).values(outcome="REFUSED"),
        delete(AuditRecord),
        text("truncate audit_entries cascade"),
        text("update audit_links set sequence = 1"),
        text("delete from audit_links"),
        text("update audit_queue set tenant_id = 1"),
    ],
    ids=str,
)
async def test_nobody_who_serves_requests_changes_an_entry(
    neighbours: tuple[Neighbour, Neighbour],
    gateway_engine: AsyncEngine,
    worker_engine: AsyncEngine,
    role: str,
    statement: Executable,
) -> None:
    ours, _ = neighbours

    async def meddle() -> None:
        if role == "gateway":
            async with entered(gateway_engine, grants=ours.grants) as connection:
                await connection.execute(statement)
        else:
            async with worker_engine.connect() as connection:
                await connection.execute(statement)

    with pytest.raises(ProgrammingError, match="permission denied"):
        await meddle()


async def test_the_worker_writes_no_entries(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine
) -> None:
    ours, _ = neighbours

    with pytest.raises(ProgrammingError, match="permission denied"):
        async with worker_engine.connect() as connection:
            await connection.execute(insert(AuditRecord).values(tenant_id=ours.tenant_id))
