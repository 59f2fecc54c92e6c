"""How does what has happened reach endpoints? Queued as it is put in order, and tried until it is taken."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.webhooks.channels import Message
from services.webhooks.rules import MOST_ATTEMPTS, body_of, wait_after

DELIVERED_AT_ONCE = 20
DELIVERIES_SWEPT_AT_ONCE = 1000
# Longer than an attempt can take: a message whose worker died is tried again after it.
_LEASE = timedelta(seconds=60)
_KEPT_FOR = timedelta(days=30)
_LONGEST_FAULT = 200

_QUEUE = text("""
    insert into webhook_deliveries (tenant_id, id, webhook_id, kind, case_id, number, at, next_at)
    select e.tenant_id, gen_random_uuid(), w.id, e.action, e.case_id, e.after->>'number', e.at, e.at
    from webhooks w
    join events e on e.tenant_id = w.tenant_id and e.sequence between :first and :last
    where w.removed_at is null and e.action = any(string_to_array(w.kinds, ','))
""")
_TAKE = text("""
    with chosen as materialized (
        select d.tenant_id, d.id from webhook_deliveries d
        where d.delivered_at is null and d.given_up_at is null and d.next_at <= :now
        order by d.next_at limit :limit for update skip locked
    )
    update webhook_deliveries d set attempts = d.attempts + 1, next_at = :lease
    from chosen c, webhooks w
    where d.tenant_id = c.tenant_id and d.id = c.id and w.tenant_id = d.tenant_id and w.id = d.webhook_id
    returning d.tenant_id, d.id, d.kind, d.case_id, d.number, d.at, d.attempts, w.url, w.secret_sealed, w.removed_at
""")
_SETTLE = text("""
    update webhook_deliveries set delivered_at = :delivered_at, given_up_at = :given_up_at, next_at = :next_at,
        fault = :fault
    where tenant_id = :tenant_id and id = :id
""")
_SWEEP = text("""
    delete from webhook_deliveries d using (
        select tenant_id, id from webhook_deliveries
        where at < :before and (delivered_at is not null or given_up_at is not null) order by at limit :limit
    ) old
    where d.tenant_id = old.tenant_id and d.id = old.id
""")


async def queue_deliveries(connection: AsyncConnection, *, first: int, last: int) -> None:
    """Queue the events of these numbers for the endpoints that want them, in the transaction that numbered them."""
    await connection.execute(_QUEUE, {"first": first, "last": last})


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in hand, for one attempt."""

    tenant_id: int
    url: str
    secret_sealed: bytes
    is_removed: bool
    id: uuid.UUID
    attempts: int
    body: bytes

    @property
    def is_last(self) -> bool:
        """Tell whether no other attempt follows."""
        return self.is_removed or self.attempts >= MOST_ATTEMPTS

    def message(self, secret: str) -> Message:
        """Make what is sent."""
        return Message(self.id, self.url, secret, self.body)


async def take_deliveries(connection: AsyncConnection, *, now: datetime) -> list[Taken]:
    """Take what is due, as the worker, 20 messages at most; nobody else takes them for a minute.

    The attempt is noted before it is made: a message that its endpoint took may come again, and none is lost.
    """
    given = {"now": now, "lease": now + _LEASE, "limit": DELIVERED_AT_ONCE}
    return [_taken(row) for row in await connection.execute(_TAKE, given)]


def _taken(row: Row[*tuple[Any, ...]]) -> Taken:
    body = body_of(kind=row.kind, at=row.at, tenant_id=row.tenant_id, case_id=row.case_id, number=row.number)
    is_removed = row.removed_at is not None
    return Taken(row.tenant_id, row.url, row.secret_sealed, is_removed, row.id, row.attempts, body)


async def settle_delivery(connection: AsyncConnection, taken: Taken, *, fault: str | None, now: datetime) -> None:
    """Note what came of an attempt: delivered, or why not, and when it is tried again, if ever."""
    share = random.random()  # noqa: S311 - when a message is tried again is no secret.
    settled = {
        "tenant_id": taken.tenant_id,
        "id": taken.id,
        "delivered_at": now if fault is None else None,
        "given_up_at": now if fault is not None and taken.is_last else None,
        "next_at": now + wait_after(taken.attempts, share=share),
        "fault": None if fault is None else fault[:_LONGEST_FAULT],
    }
    await connection.execute(_SETTLE, settled)


async def sweep_deliveries(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete what was delivered or given up a month ago, as the worker; tell how much, 1000 at most."""
    swept = await connection.execute(_SWEEP, {"before": now - _KEPT_FOR, "limit": DELIVERIES_SWEPT_AT_ONCE})
    return swept.rowcount
