"""Does only whoever holds the claim end an export, and only for what the account still reaches?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.settings import sqlalchemy_url
from services.exports.commands import cancel_export, request_export
from services.exports.jobs import (
    ClaimLost,
    Job,
    Made,
    ReachChanged,
    begin_file,
    claim_export,
    end_export,
    fail_export,
    read_order,
    tell_progress,
)
from services.exports.rules import Asked
from services.files.commands import Content
from tenants.grants import Grants
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import read_master_keys
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork, Workshop
from tests.fixtures.gateway import MASTER_KEY
from tests.fixtures.world import WorldDatabase
from tests.schema.compiler.asking import all_rows, grants_of

_ASKED = Asked('{"query": "{ cases }"}', "cases", "诉求", "CSV", "zh", ("编号",), is_personal=False)
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Bench:
    """A place to work on exports of one account, and the database as its owner and its gateway see it."""

    workshop: Workshop
    grants: Grants
    sealer: TenantSealer
    gateway: asyncpg.Connection[asyncpg.Record]
    owner: asyncpg.Connection[asyncpg.Record]

    async def do(self, step: Callable[[TenantWork], Awaitable[Done]]) -> Done:
        async with self.workshop.work(self.grants) as work:
            return await step(work)

    async def claimed(self) -> Job:
        job = await claim_export(self.gateway, uuid.uuid4())
        assert job is not None
        return job

    async def made(self, job: Job) -> Made:
        """Begin a file as whoever makes it does."""

        async def begin(work: TenantWork) -> uuid.UUID:
            order = await read_order(work, job=job, sealer=self.sealer)
            assert order.request == _ASKED.request
            return await begin_file(work, order=order, sealer=self.sealer)

        return Made(await self.do(begin), Content(1, 1), 7, None, self.grants.reach)

    async def row(self, job: Job) -> tuple[object, ...]:
        row = await self.owner.fetchrow(
            "select status, row_count, file_id is null, fault from exports where id = $1", job.export_id
        )
        return tuple(row or ())


@pytest.fixture(scope="module")
async def bench(made: WorldDatabase) -> AsyncIterator[Bench]:
    """A bench in one of the world's communities."""
    workshop = Workshop(create_async_engine(sqlalchemy_url(made.database.gateway_url)))
    grants = grants_of(made.world, "qingcheng", all_rows("case:read"))
    sealer = await Keyring(read_master_keys(MASTER_KEY)).sealer(workshop, grants=grants)
    gateway, owner = await asyncpg.connect(made.database.gateway_url), await asyncpg.connect(made.database.owner_url)
    yield Bench(workshop, grants, sealer, gateway, owner)
    await gateway.close()
    await owner.close()
    await workshop.engine.dispose()


@pytest.fixture
async def job(bench: Bench) -> AsyncIterator[Job]:
    """An export that was asked for and claimed."""
    await bench.do(lambda work: request_export(work, asked=_ASKED, sealer=bench.sealer))
    yield await bench.claimed()
    await bench.owner.execute("delete from exports")


async def test_ends_what_it_holds(bench: Bench, job: Job) -> None:
    await bench.do(lambda work: tell_progress(work, job=job, row_count=3, total_count=7))
    before = await bench.row(job)
    made = await bench.made(job)

    await bench.do(lambda work: end_export(work, job=job, made=made))

    assert before == ("RUNNING", 3, True, None)
    assert await bench.row(job) == ("DONE", 7, False, None)
    kept = "select expires_at > now() + interval '6 days', chunk_count from files where id = $1"
    assert tuple(await bench.owner.fetchrow(kept, made.file_id) or ()) == (True, 1)
    with pytest.raises(ClaimLost):
        await bench.do(lambda work: fail_export(work, job=job, fault="NOT_FOUND"))


async def test_ends_nothing_that_another_one_holds(bench: Bench, job: Job) -> None:
    made = await bench.made(job)
    await bench.owner.execute("update exports set claimed_until = now() where id = $1", job.export_id)
    other = await bench.claimed()

    for step in (
        lambda work: tell_progress(work, job=job, row_count=3, total_count=None),
        lambda work: end_export(work, job=job, made=made),
        lambda work: fail_export(work, job=job, fault="NOT_FOUND"),
    ):
        with pytest.raises(ClaimLost):
            await bench.do(step)

    assert other.export_id == job.export_id
    assert await bench.row(job) == ("RUNNING", 0, True, None)
    # What the late one had begun is read by nobody, and swept in an hour.
    assert await bench.owner.fetchval("select chunk_count from files where id = $1", made.file_id) is None
    theirs = await bench.made(other)
    await bench.do(lambda work: end_export(work, job=other, made=theirs))
    assert (await bench.row(job))[0] == "DONE"


async def test_gives_out_nothing_that_was_read_with_another_reach(bench: Bench, job: Job) -> None:
    made = replace(await bench.made(job), reach="another")

    with pytest.raises(ReachChanged):
        await bench.do(lambda work: end_export(work, job=job, made=made))

    assert await bench.row(job) == ("RUNNING", 0, True, None)


async def test_stops_what_was_taken_back(bench: Bench, job: Job) -> None:
    made = await bench.made(job)

    await bench.do(lambda work: cancel_export(work, export_id=job.export_id))

    with pytest.raises(ClaimLost):
        await bench.do(lambda work: end_export(work, job=job, made=made))
    assert await bench.row(job) == ("FAILED", 0, True, "CANCELLED")
    assert await claim_export(bench.gateway, uuid.uuid4()) is None
