"""Who gets one of the connections, when there are fewer than who want one?"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from tenants.errors import TryAgain

Borrowed: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

# In seconds; a client that has waited for so long is better off knowing.
LONGEST_WAIT = 3.0


class _Waiter(NamedTuple):
    account_id: UUID
    may_go_on: asyncio.Future[None]


class Lending:
    """Lends a pool's connections in turn, to one account never more than half of them at once."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], *, longest_wait: float = LONGEST_WAIT) -> None:
        """Lend the pool's connections; nobody waits longer for one, in seconds."""
        self._pool = pool
        self._longest_wait = longest_wait
        self._lent = 0
        self._lent_to: dict[UUID, int] = {}
        self._waiting: deque[_Waiter] = deque()

    async def lend(self, account_id: UUID) -> Borrowed:
        """Lend a connection until it is taken back. Raises TryAgain when none came free in time."""
        if self._has_one_for(account_id):
            self._note(account_id, 1)
        else:
            await self._wait(account_id)
        try:
            return await self._pool.acquire()
        except BaseException:
            self._pass_on(account_id)
            raise

    async def take_back(self, account_id: UUID, connection: Borrowed) -> None:
        """Take a connection back from the account that it was lent to."""
        try:
            await self._pool.release(connection)
        finally:
            self._pass_on(account_id)

    def _has_one_for(self, account_id: UUID) -> bool:
        size = self._pool.get_max_size()
        return self._lent < size and self._lent_to.get(account_id, 0) < max(1, size // 2)

    def _note(self, account_id: UUID, change: int) -> None:
        self._lent += change
        self._lent_to[account_id] = self._lent_to.get(account_id, 0) + change
        if not self._lent_to[account_id]:
            del self._lent_to[account_id]

    async def _wait(self, account_id: UUID) -> None:
        waiter = _Waiter(account_id, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._longest_wait):
                await waiter.may_go_on
        except BaseException as error:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:
                # It came just when it was no longer waited for.
                self._pass_on(account_id)
            if isinstance(error, TimeoutError):
                raise TryAgain from error
            raise

    def _pass_on(self, account_id: UUID) -> None:
        self._note(account_id, -1)
        for waiter in self._waiting:
            if not waiter.may_go_on.done() and self._has_one_for(waiter.account_id):
                self._waiting.remove(waiter)
                self._note(waiter.account_id, 1)
                waiter.may_go_on.set_result(None)
                return
