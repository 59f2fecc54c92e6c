"""How does a process learn that there is something new? One connection listens, and wakes whom it concerns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from services.notifications.ordering import CHANNEL as LETTERS
from services.notifications.ordering import read_accounts
from services.outbox.commands import CHANNEL, read_notification

logger = logging.getLogger("jinlin")

_SECONDS_BETWEEN_SIGNS_OF_LIFE = 10.0
_SECONDS_TO_ANSWER = 5.0
_SECONDS_AFTER_A_FAULT = 1.0
_SECONDS_TO_END = 3.0


class Stopping(Exception):  # noqa: N818 - no error: the process ends, and its clients go on elsewhere.
    """The process takes no more requests, and ends what goes on without end."""


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody who is told when there may be something new in a tenant."""

    # None until it is known; then only what concerns all tenants wakes.
    tenant_id: int | None = None
    # What is shared comes from other tenants, too.
    of_any_tenant: bool = False
    # Who waits for what is told to him alone.
    account_id: str | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> None:
        """Wait until there may be something new, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.woken.wait()


@dataclass(slots=True)
class Bell:
    """Wakes the subscriptions of one process, and knows when they have to end."""

    is_stopping: bool = False
    _waiters: set[Waiter] = field(default_factory=set)

    @contextmanager
    def waiting(self, waiter: Waiter) -> Iterator[None]:
        """Wake somebody while the block runs."""
        self._waiters.add(waiter)
        try:
            yield
        finally:
            self._waiters.discard(waiter)

    def ring(self, tenant_ids: frozenset[int] | None) -> None:
        """Wake all whom something new in these tenants may concern; None stands for all tenants."""
        for waiter in self._waiters:
            if tenant_ids is None or waiter.of_any_tenant or waiter.tenant_id in tenant_ids:
                waiter.woken.set()

    def ring_accounts(self, account_ids: frozenset[str] | None) -> None:
        """Wake all who were told something; None stands for all accounts."""
        for waiter in self._waiters:
            if waiter.account_id is not None and (account_ids is None or waiter.account_id in account_ids):
                waiter.woken.set()

    async def pause(self, waiter: Waiter, seconds: float) -> None:
        """Let somebody wait so long, whatever is new meanwhile; no longer once the process stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.is_stopping:
                    waiter.woken.clear()
                    await waiter.woken.wait()

    async def stop(self) -> None:
        """End all subscriptions, and wait until they have said so to their clients; three seconds at most."""
        self.is_stopping = True
        self.ring(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_END):
                while self._waiters:  # noqa: ASYNC110 - they end each by itself, within milliseconds.
                    await asyncio.sleep(0.02)

    async def listen(self, database_url: str) -> None:
        """Listen to the worker until cancelled; after a fault anything may have been missed, so all are woken."""
        while True:
            try:
                await self._listen_once(database_url)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
                logger.warning("listening for events again in %d s: %s", _SECONDS_AFTER_A_FAULT, type(fault).__name__)
            await asyncio.sleep(_SECONDS_AFTER_A_FAULT)

    async def _listen_once(self, database_url: str) -> None:
        connection = await asyncpg.connect(database_url, server_settings={"application_name": "jinlin listen"})
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._hear)
            await connection.add_listener(LETTERS, self._hear_of_letters)
            self.ring(None)
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_SECONDS_BETWEEN_SIGNS_OF_LIFE):
                        await lost.wait()
                        return
                # A peer that is gone without a word is noticed by nothing else.
                await connection.execute("select 1", timeout=_SECONDS_TO_ANSWER)
        finally:
            connection.terminate()

    def _hear(self, _connection: object, _process: int, _channel: str, told: object) -> None:
        self.ring(read_notification(str(told)))

    def _hear_of_letters(self, _connection: object, _process: int, _channel: str, told: object) -> None:
        self.ring_accounts(read_accounts(str(told)))


@asynccontextmanager
async def listening(database_url: str) -> AsyncIterator[Bell]:
    """Listen to the worker while the block runs."""
    bell = Bell()
    task = asyncio.create_task(bell.listen(database_url))
    try:
        yield bell
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
