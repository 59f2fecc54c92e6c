"""Does the chain hold while nobody meddles, and name the first wrong entry when somebody does?"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tenants.audit.chain import START, Break, Head, read_head
from tenants.audit.chaining import chain_tenant, list_tenants_to_chain
from tenants.audit.recording import AuditEntry
from tenants.audit.tables import AuditLink, AuditQueued
from tenants.audit.verifying import BrokenLink, Verdict, verify_tenant
from tenants.sealing.keyring import rotate_data_key
from tests.neighbours import Neighbour, acting_in, make_keyring, make_neighbours

pytestmark = pytest.mark.usefixtures("database")

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.fixture
async def neighbours(owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> tuple[Neighbour, Neighbour]:
    """Two tenants."""
    return await make_neighbours(owner_engine, gateway_engine)


async def record(neighbour: Neighbour, count: int) -> None:
    """Record acts, each in its own unit of work."""
    for number in range(count):
        async with neighbour.workshop.work(neighbour.grants) as work:
            await work.record(AuditEntry("contact:reveal", "Person", uuid.uuid4(), purpose=f"第{number}次"))


async def chain(engine: AsyncEngine, neighbour: Neighbour) -> Head | None:
    async with engine.begin() as connection:
        return await chain_tenant(connection, keyring=make_keyring(), tenant_id=neighbour.tenant_id, now=NOON)


async def verify(engine: AsyncEngine, neighbour: Neighbour, *, noted: Head | None = None) -> Verdict:
    heads = [noted] if noted else []
    async with engine.connect() as connection:
        return await verify_tenant(connection, keyring=make_keyring(), tenant_id=neighbour.tenant_id, noted=heads)


async def meddle(engine: AsyncEngine, *statements: str) -> None:
    """Change rows past every constraint, as only a superuser can."""
    async with engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            assert (await connection.execute(text(statement))).rowcount > 0, statement


async def entry_at(engine: AsyncEngine, neighbour: Neighbour, sequence: int) -> uuid.UUID:
    async with engine.connect() as connection:
        found = await connection.scalar(
            select(AuditLink.id).where(AuditLink.tenant_id == neighbour.tenant_id, AuditLink.sequence == sequence)
        )
    assert found is not None
    return found


async def test_holds_for_each_tenant_by_itself(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    await record(ours, 3)
    await record(theirs, 2)

    async with worker_engine.connect() as connection:
        waiting = await list_tenants_to_chain(connection)
    heads = [await chain(worker_engine, one) for one in neighbours]

    assert list(waiting) == [ours.tenant_id, theirs.tenant_id]
    assert [head and head.sequence for head in heads] == [3, 2]
    assert await verify(worker_engine, ours) == Verdict(heads[0] or START, 0)
    assert await verify(worker_engine, theirs) == Verdict(heads[1] or START, 0)


async def test_goes_on_where_the_last_batch_ended(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    for count in (2, 1, 3):
        await record(ours, count)
        await chain(worker_engine, ours)
    await record(ours, 1)

    verdict = await verify(worker_engine, ours)

    assert (verdict.head.sequence, verdict.waiting_count, verdict.broken) == (6, 1, None)


async def test_has_nothing_to_say_about_an_empty_log(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine
) -> None:
    ours, _ = neighbours

    assert await chain(worker_engine, ours) is None
    assert await verify(worker_engine, ours) == Verdict(START, 0)


async def test_two_workers_never_give_a_number_twice(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 5)

    heads = await asyncio.gather(*(chain(worker_engine, ours) for _ in range(4)))

    assert [head.sequence for head in heads if head] == [5]
    assert (await verify(worker_engine, ours)).head.sequence == 5


async def test_writers_do_not_wait_for_the_worker(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 1)

    async with worker_engine.begin() as connection:
        await chain_tenant(connection, keyring=make_keyring(), tenant_id=ours.tenant_id, now=NOON)
        async with asyncio.timeout(5):
            await record(ours, 1)

    assert (await verify(worker_engine, ours)).waiting_count == 1


async def test_goes_on_under_a_new_key(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 2)
    await chain(worker_engine, ours)
    async with owner_engine.begin() as connection:
        await rotate_data_key(connection, keyring=ours.keyring, tenant_id=ours.tenant_id)
        tenant = await acting_in(connection, "qingcheng")
    await record(replace(ours, grants=replace(ours.grants, tenant=tenant)), 2)
    await chain(worker_engine, ours)

    verdict = await verify(worker_engine, ours)

    assert (verdict.head.sequence, verdict.broken) == (4, None)
    async with owner_engine.connect() as connection:
        assert await connection.scalar(select(func.count(AuditLink.key_id.distinct()))) == 2


@pytest.mark.parametrize(
    "change",
    [
        "purpose = '别的'",
        "at = at + interval '1 millisecond'",
        "account_name = null",
        "outcome = 'REFUSED'",
        "subject_id = null",
        "purpose = action, action = purpose",
        "note_sealed = ''",
    ],
)
async def test_names_an_edited_entry(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine, change: str
) -> None:
    ours, theirs = neighbours
    await record(ours, 4)
    await record(theirs, 4)
    for one in neighbours:
        await chain(worker_engine, one)
    entry_id = await entry_at(worker_engine, ours, 3)

    await meddle(meddler_engine, f"update audit_entries set {change} where id = '{entry_id}'")

    verdict = await verify(worker_engine, ours)
    assert verdict.broken == BrokenLink(Break.EDITED, 3, entry_id)
    assert verdict.head.sequence == 2
    assert (await verify(worker_engine, theirs)).broken is None


async def test_names_an_entry_that_was_removed(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 4)
    await chain(worker_engine, ours)
    entry_id = await entry_at(worker_engine, ours, 2)

    await meddle(meddler_engine, f"delete from audit_entries where id = '{entry_id}'")

    assert (await verify(worker_engine, ours)).broken == BrokenLink(Break.REMOVED, 2, entry_id)


async def test_names_the_gap_when_the_link_was_removed_as_well(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 4)
    await chain(worker_engine, ours)
    entry_id = await entry_at(worker_engine, ours, 2)

    await meddle(
        meddler_engine,
        f"delete from audit_links where id = '{entry_id}'",
        f"delete from audit_entries where id = '{entry_id}'",
    )

    assert (await verify(worker_engine, ours)).broken == BrokenLink(Break.REMOVED, 2, None)


async def test_names_the_first_of_the_entries_moved_up_over_a_removed_one(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 4)
    await chain(worker_engine, ours)
    removed, following = [await entry_at(worker_engine, ours, sequence) for sequence in (2, 3)]

    await meddle(
        meddler_engine,
        f"delete from audit_links where id = '{removed}'",
        f"delete from audit_entries where id = '{removed}'",
        "update audit_links set sequence = 2 where sequence = 3",
        "update audit_links set sequence = 3 where sequence = 4",
    )

    assert (await verify(worker_engine, ours)).broken == BrokenLink(Break.REORDERED, 2, following)


async def test_names_the_first_of_two_that_changed_places(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 4)
    await chain(worker_engine, ours)
    third = await entry_at(worker_engine, ours, 3)

    await meddle(
        meddler_engine,
        "update audit_links set sequence = 99 where sequence = 2",
        "update audit_links set sequence = 2 where sequence = 3",
        "update audit_links set sequence = 3 where sequence = 99",
    )

    assert (await verify(worker_engine, ours)).broken == BrokenLink(Break.REORDERED, 2, third)


async def test_names_an_entry_that_no_work_recorded(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 2)
    await chain(worker_engine, ours)
    forged = uuid.uuid4()

    await meddle(
        meddler_engine,
        f"""insert into audit_entries (tenant_id, id, at, account_id, action, subject_type, outcome)
            select tenant_id, '{forged}', at, account_id, action, subject_type, outcome from audit_entries limit 1""",
    )

    assert (await verify(worker_engine, ours)).broken == BrokenLink(Break.INSERTED, None, forged)


async def test_names_an_entry_slipped_into_the_chain(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 2)
    await chain(worker_engine, ours)
    forged = uuid.uuid4()

    await meddle(
        meddler_engine,
        f"""insert into audit_entries (tenant_id, id, at, account_id, action, subject_type, outcome)
            select tenant_id, '{forged}', at, account_id, action, subject_type, outcome from audit_entries limit 1""",
        f"""insert into audit_links (tenant_id, id, sequence, key_id, digest, chain, linked_at)
            select tenant_id, '{forged}', 3, key_id, digest, chain, linked_at from audit_links where sequence = 2""",
    )

    assert (await verify(worker_engine, ours)).broken == BrokenLink(Break.EDITED, 3, forged)


async def test_a_noted_head_proves_that_the_end_was_not_cut_off(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, meddler_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    await record(ours, 4)
    head = await chain(worker_engine, ours)
    assert head is not None
    await record(ours, 1)
    await chain(worker_engine, ours)
    assert (await verify(worker_engine, ours, noted=head)).broken is None

    await meddle(
        meddler_engine,
        "delete from audit_entries using audit_links where audit_links.id = audit_entries.id and sequence > 2",
        "delete from audit_links where sequence > 2",
    )

    # The chain by itself cannot tell.
    assert (await verify(worker_engine, ours)).broken is None
    assert (await verify(worker_engine, ours, noted=head)).broken == BrokenLink(Break.HEAD_LOST, 4, None)

    await record(ours, 3)
    await chain(worker_engine, ours)
    assert (await verify(worker_engine, ours, noted=head)).broken == BrokenLink(
        Break.HEAD_LOST, 4, await entry_at(worker_engine, ours, 4)
    )


async def test_leaves_nothing_waiting_behind(
    neighbours: tuple[Neighbour, Neighbour], worker_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    ours, theirs = neighbours
    await record(ours, 2)
    await record(theirs, 1)

    await chain(worker_engine, ours)

    async with owner_engine.connect() as connection:
        assert (await connection.scalars(select(AuditQueued.tenant_id))).all() == [theirs.tenant_id]


def test_writes_a_head_as_it_reads_it() -> None:
    head = Head(12, bytes(range(32)))

    assert read_head(str(head)) == head


@pytest.mark.parametrize("written", ["", "12", "12:zz", "x:" + "00" * 32, "1:00", "-1:" + "00" * 32])
def test_refuses_a_head_of_another_shape(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_head(written)
