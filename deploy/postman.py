"""Who takes messages to other systems? The worker, for all tenants, each message until it is taken there."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from services.webhooks.channels import Channel, ChannelFault
from services.webhooks.delivering import Taken, settle_delivery, take_deliveries
from tenants.sealing.algorithms import SealBroken
from tenants.sealing.keyring import Keyring
from tenants.sealing.values import Purpose

logger = logging.getLogger("jinlin.worker")


@dataclass(frozen=True, slots=True)
class Postman:
    """Delivers by a channel what waits, as the worker."""

    engine: AsyncEngine
    keyring: Keyring
    channel: Channel

    async def deliver(self, *, now: datetime) -> int:
        """Try what is due, each message once; tell how many, 20 at most. No transaction is open meanwhile."""
        async with self.engine.begin() as connection:
            taken = await take_deliveries(connection, now=now)
        await asyncio.gather(*(self._try(one, now) for one in taken))
        return len(taken)

    async def _try(self, taken: Taken, now: datetime) -> None:
        fault = "the endpoint was removed" if taken.is_removed else await self._send(taken, now)
        async with self.engine.begin() as connection:
            await settle_delivery(connection, taken, fault=fault, now=now)

    async def _send(self, taken: Taken, now: datetime) -> str | None:
        """Send a message; tell why it was not taken, None if it was."""
        try:
            await self.channel.send(taken.message(await self._secret(taken)), now=now)
        except ChannelFault as fault:
            return str(fault)
        except SealBroken:
            return "the secret does not open"
        except Exception as fault:
            # One endpoint's trouble keeps nothing else back; what is no one's fault is tried again like any other.
            logger.exception("a message to a webhook of tenant %d", taken.tenant_id)
            return f"not sent: {type(fault).__name__}"
        return None

    async def _secret(self, taken: Taken) -> str:
        async with self.engine.connect() as connection:
            sealer = await self.keyring.sealer_of(connection, tenant_id=taken.tenant_id)
        if sealer is None:
            raise SealBroken("the tenant has no keys")
        return sealer.open(taken.secret_sealed, purpose=Purpose.WEBHOOK_SECRET)
