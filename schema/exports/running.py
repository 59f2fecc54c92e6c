"""Who makes the exports that wait? Each process of the gateway, a few at a time, each as the account that asked.

The worker may read no tenant's data, so it cannot. Whoever takes one on is told to at once by the mutation that asked
for it or agreed; what another process left behind is looked for every few seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from schema.exports.pacing import Pace
from schema.exports.reading import TableReading
from services.exports.jobs import (
    ClaimLost,
    Job,
    ReachChanged,
    begin_file,
    claim_export,
    end_export,
    fail_export,
    read_order,
    tell_progress,
)
from services.files.desk import FileDesk
from tenants.access import AccessNote
from tenants.database import new_id
from tenants.errors import Refused, TenantGone, TenantSuspended, TenantUnknown, TryAgain, Unauthenticated
from tenants.renewing import renewing
from tenants.work import TenantWork, utc_now

if TYPE_CHECKING:
    from schema.context import Gateway
    from tenants.grants import Grants

logger = logging.getLogger("jinlin.exports")

# While these are all at work on what is long, what is short waits.
LANES = 3
SECONDS_BETWEEN_LOOKS = 5.0
# How long a mutation waits for what is made at once.
SECONDS_TO_WAIT = 2.0
_SECONDS_BETWEEN_WORDS = 1.0
Done = TypeVar("Done")


class ExportLanes:
    """Makes exports, as many at once as there are lanes."""

    def __init__(self, gateway: Gateway) -> None:
        """Work for one process."""
        self._gateway = gateway
        self._lanes: set[asyncio.Task[None]] = set()
        self._ended: dict[UUID, asyncio.Event] = {}
        self._pace = Pace()

    def start(self, wanted_id: UUID | None = None) -> None:
        """Begin with what is wanted, or waits the longest, unless all lanes are at work."""
        if len(self._lanes) < LANES:
            lane = asyncio.create_task(self._work_off(wanted_id))
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)

    async def make_soon(self, export_id: UUID, *, seconds: float = SECONDS_TO_WAIT) -> None:
        """Begin, and wait for an export for a moment: what is small is made by then."""
        ended = self._ended.setdefault(export_id, asyncio.Event())
        self.start(export_id)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), seconds)
        self._ended.pop(export_id, None)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Look for what others left behind, too, until the block ends."""
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            for task in (looking, *self._lanes):
                task.cancel()
            await asyncio.gather(looking, *self._lanes, return_exceptions=True)

    async def _make_all(self, wanted_id: UUID | None) -> None:
        while (job := await self._claimed(wanted_id)) is not None:
            await Making(self._gateway, job, self._pace).run()
            if job.export_id in self._ended:
                self._ended[job.export_id].set()

    async def _claimed(self, wanted_id: UUID | None) -> Job | None:
        async with self._gateway.reader.pool.acquire() as connection:
            return await claim_export(connection, new_id(), wanted_id=wanted_id)

    async def _work_off(self, wanted_id: UUID | None) -> None:
        try:
            await self._make_all(wanted_id)
        except Exception:
            # The database is out of reach, say.
            logger.exception("exports are left for later")

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            self.start()


class Making:
    """Makes one export."""

    def __init__(self, gateway: Gateway, job: Job, pace: Pace) -> None:
        """Take on what was claimed."""
        self._gateway = gateway
        self._pace = pace
        self._job = job
        self._note = AccessNote(job.account_id, job.tenant_id)
        self._told_at = 0.0

    async def run(self) -> None:
        """Make the file; or say why it came to nothing, if that will not be otherwise the next time."""
        try:
            await self._make(await self._renewed())
        except (ClaimLost, ReachChanged, TryAgain, TenantSuspended, TenantGone) as later:
            logger.info("export %s is left: %s", self._job.export_id, type(later).__name__)
        except (TenantUnknown, Unauthenticated):
            await self._fail("TENANT_UNKNOWN")
        except Refused as refused:
            await self._fail(refused.code)
        except Exception:
            # What was claimed is taken up again when its time is over; others do not wait for it.
            logger.exception("export %s is left", self._job.export_id)

    async def _make(self, grants: Grants) -> None:
        job, gateway = self._job, self._gateway
        sealer = await renewing(
            lambda held: gateway.keyring.sealer(gateway.workshop, grants=held), grants, self._renewed
        )
        order = await self._do(grants, lambda work: read_order(work, job=job, sealer=sealer))
        reading = TableReading(gateway, grants, self._renewed, order)
        file_id = await self._do(grants, lambda work: begin_file(work, order=order, sealer=sealer))
        desk = FileDesk(gateway.workshop, gateway.files, grants, self._renewed)

        async def tell(row_count: int, total_count: int | None) -> None:
            if monotonic() - self._told_at >= _SECONDS_BETWEEN_WORDS:
                self._told_at = monotonic()
                await self._do(
                    reading.grants,
                    lambda work: tell_progress(work, job=job, row_count=row_count, total_count=total_count),
                )

        content = await desk.store_content(file_id, sealer, self._pace.hold(reading.content(utc_now(), tell)))
        made = reading.made(file_id, content)
        await self._do(reading.grants, lambda work: end_export(work, job=job, made=made))

    async def _fail(self, fault: str) -> None:
        try:
            bare = await self._gateway.identifier.without_grants(self._note)
            await self._do(bare, lambda work: fail_export(work, job=self._job, fault=fault))
        except (ClaimLost, Refused, TenantGone) as later:
            logger.info("export %s is left: %s", self._job.export_id, type(later).__name__)

    async def _renewed(self) -> Grants:
        return await self._gateway.identifier.of_account(self._note, anew=True)

    async def _do(self, grants: Grants, step: Callable[[TenantWork], Awaitable[Done]]) -> Done:
        async def run(held: Grants) -> Done:
            async with self._gateway.workshop.work(held) as work:
                return await step(work)

        return await renewing(run, grants, self._renewed)
