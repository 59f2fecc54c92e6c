"""What is done when nobody asks? Deadlines fire, events are put in order, audit logs chained, old things deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from deploy.connecting import open_engine
from deploy.postman import Postman
from deploy.rollups import ROLLUPS
from services.files.commands import SWEPT_AT_ONCE, sweep_files
from services.notifications.ordering import NOTIFICATIONS_AT_ONCE, order_notifications, sweep_notifications
from services.outbox.commands import ORDERED_AT_ONCE, is_anything_waiting, order_events, sweep_events
from services.outbox.commands import SWEPT_AT_ONCE as EVENTS_AT_ONCE
from services.rollups.checking import fold
from services.rollups.declaring import Rollup
from services.supervision.commands import fire_due
from services.webhooks.channels import WebhookChannel, open_webhook_client
from services.webhooks.delivering import DELIVERIES_SWEPT_AT_ONCE, sweep_deliveries
from tenants.audit.chaining import chain_tenant, list_tenants_to_chain
from tenants.idempotency.keys import KEYS_SWEPT_AT_ONCE, sweep_keys
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import KeyService
from tenants.sealing.matching import check_all_keys
from tenants.work import utc_now

logger = logging.getLogger("jinlin.worker")

# Writers do not say that they have written: a NOTIFY in each commit would halve how many there can be in a second.
SECONDS_BETWEEN_LOOKS = 0.03
SECONDS_BETWEEN_CHAINING = 2.0
# How late a deadline may fire. Looked for more often, since firing takes its time as well.
DUE_TICK = 1.0
_LOOKS_IN_A_TICK = 4
SECONDS_BETWEEN_DELIVERIES = 0.5
SECONDS_BETWEEN_SWEEPS = 300.0
# A connection that was lost is replaced at once; a database that is away for longer is left alone for longer.
_SECONDS_AFTER_A_FAULT = 0.5
_MOST_SECONDS_AFTER_FAULTS = 10.0
# What is not folded is added up with each read, so it is not left to grow.
SECONDS_BETWEEN_FOLDS = 0.5
_FOLDED_AT_ONCE = 1000


class _Sweep(Protocol):
    """Deletes some of what has expired, and tells how many."""

    async def __call__(self, connection: AsyncConnection, *, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Works for all tenants, as the worker's role."""

    engine: AsyncEngine
    keyring: Keyring
    due_tick: float = DUE_TICK
    # What goes to other systems; None delivers nothing.
    postman: Postman | None = None

    async def fire_due(self) -> int:
        """Fire the deadlines of all tenants that have come; tell how many."""
        return await _until_done(self._fire_batch)

    async def _fire_batch(self) -> int:
        async with self.engine.begin() as connection:
            return await fire_due(connection, now=utc_now())

    async def deliver(self) -> int:
        """Deliver what is due to other systems; tell how many attempts were made."""
        return 0 if self.postman is None else await self.postman.deliver(now=utc_now())

    async def sweep_deliveries(self) -> int:
        """Delete what was delivered to other systems long ago; tell how much."""
        return await self._sweep(sweep_deliveries, at_once=DELIVERIES_SWEPT_AT_ONCE)

    async def order_notifications(self) -> int:
        """Put what accounts are told in order; tell how much."""
        async with self.engine.begin() as connection:
            return await order_notifications(connection)

    async def sweep_notifications(self) -> int:
        """Delete what accounts were told long ago; tell how much."""
        return await self._sweep(sweep_notifications, at_once=NOTIFICATIONS_AT_ONCE)

    async def order_events(self) -> int:
        """Put what has happened in all tenants in order; tell how much."""
        async with self.engine.connect() as connection:
            if not await is_anything_waiting(connection):
                return 0
        ordered = 0
        while True:
            async with self.engine.begin() as connection:
                batch = await order_events(connection)
            ordered += batch
            if batch < ORDERED_AT_ONCE:
                return ordered

    async def chain_audit(self) -> int:
        """Chain whatever waits in all tenants' audit logs; tell how many batches there were."""
        batches = 0
        async with self.engine.connect() as connection:
            waiting = await list_tenants_to_chain(connection)
        for tenant_id in waiting:
            while await self._chain_batch(tenant_id):
                batches += 1
        return batches

    async def _chain_batch(self, tenant_id: int) -> bool:
        async with self.engine.begin() as connection:
            head = await chain_tenant(connection, keyring=self.keyring, tenant_id=tenant_id, now=utc_now())
        if head is not None:
            # Whoever keeps these lines proves with them that the end of a log was not cut off later. The worker may
            # not read what the tenants are called.
            logger.info("head of the audit log: %d=%s", tenant_id, head)
        return head is not None

    async def fold_counts(self) -> int:
        """Fold what was counted in all tenants into the sums; tell how many rows."""
        return sum([await _until_done(partial(self._fold_batch, rollup)) for rollup in ROLLUPS])

    async def _fold_batch(self, rollup: Rollup) -> int:
        async with self.engine.begin() as connection:
            return await fold(connection, rollup, most=_FOLDED_AT_ONCE)

    async def sweep_files(self) -> int:
        """Delete the files of all tenants that have expired; tell how many."""
        return await self._sweep(sweep_files, at_once=SWEPT_AT_ONCE)

    async def sweep_keys(self) -> int:
        """Delete the idempotency keys of all tenants that are older than a week; tell how many."""
        return await self._sweep(sweep_keys, at_once=KEYS_SWEPT_AT_ONCE)

    async def _sweep(self, sweep: _Sweep, *, at_once: int) -> int:
        deleted = 0
        while True:
            async with self.engine.begin() as connection:
                swept = await sweep(connection, now=utc_now())
            deleted += swept
            if swept < at_once:
                return deleted

    async def sweep_events(self) -> int:
        """Delete what happened in all tenants more than a day ago; tell how much."""
        return await self._sweep(sweep_events, at_once=EVENTS_AT_ONCE)

    async def run(self) -> None:
        """Do all of it again and again, until cancelled."""
        logger.info("at work")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_repeat(self.order_events, every=SECONDS_BETWEEN_LOOKS))
            tasks.create_task(_repeat(self.fire_due, every=self.due_tick / _LOOKS_IN_A_TICK))
            tasks.create_task(_repeat(self.fold_counts, every=SECONDS_BETWEEN_FOLDS))
            tasks.create_task(_repeat(self.order_notifications, every=SECONDS_BETWEEN_LOOKS))
            tasks.create_task(_repeat(self.deliver, every=SECONDS_BETWEEN_DELIVERIES))
            tasks.create_task(_repeat(self.sweep_deliveries, every=SECONDS_BETWEEN_SWEEPS))
            tasks.create_task(_repeat(self.sweep_notifications, every=SECONDS_BETWEEN_SWEEPS))
            tasks.create_task(_repeat(self.sweep_events, every=SECONDS_BETWEEN_SWEEPS))
            tasks.create_task(_repeat(self.chain_audit, every=SECONDS_BETWEEN_CHAINING))
            tasks.create_task(_repeat(self.sweep_files, every=SECONDS_BETWEEN_SWEEPS))
            tasks.create_task(_repeat(self.sweep_keys, every=SECONDS_BETWEEN_SWEEPS))


@asynccontextmanager
async def open_worker(
    worker_url: str, keys: KeyService, *, due_tick: float = DUE_TICK, may_call_inside: bool = False
) -> AsyncIterator[Worker]:
    """Open what works in the background.

    Raises MasterKeyUnknown for keys that are not the database's, NotFitToServeError for another version's database.
    """
    async with open_engine(worker_url, pool_size=3) as engine:
        async with engine.connect() as connection:
            await check_all_keys(connection, service=keys)
        keyring = Keyring(keys)
        async with open_webhook_client() as client:
            postman = Postman(engine, keyring, WebhookChannel(client, may_call_inside))
            yield Worker(engine, keyring, due_tick, postman)


@asynccontextmanager
async def working(worker_url: str, keys: KeyService) -> AsyncIterator[None]:
    """Work in the background of something else, for example of the demo's server."""
    async with open_worker(worker_url, keys) as worker:
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _until_done(step: Callable[[], Awaitable[int]]) -> int:
    """Do a step until nothing is left that it could do; tell how much it did."""
    done = 0
    while batch := await step():
        done += batch
    return done


async def _repeat(step: Callable[[], Awaitable[int]], *, every: float) -> None:
    rest = 0.0
    while True:
        try:
            await step()
            rest = 0.0
        except (DBAPIError, OSError) as fault:
            # The database is restarted or moved now and then; what waits goes on waiting. Where it happened is told
            # once: a log full of that would hide everything else.
            is_new = not rest
            rest = min(max(2 * rest, _SECONDS_AFTER_A_FAULT), _MOST_SECONDS_AFTER_FAULTS)
            logger.exception("the worker tries again in %.1f seconds: %s", rest, type(fault).__name__, exc_info=is_new)
        await asyncio.sleep(rest or every)
