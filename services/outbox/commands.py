"""What is done with what has happened? It is put in order, told to all processes, and forgotten after a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.webhooks.delivering import queue_deliveries

# The channel on which every process of the gateway listens.
CHANNEL = "jinlin_events"
# Whoever asks for what happened since a cursor is answered that far back.
REPLAYED_FOR = timedelta(hours=24)
# Kept longer by an hour, so that nothing is missing behind a cursor that is still good.
_KEPT_FOR = REPLAYED_FOR + timedelta(hours=1)
# Put in order in one transaction, and deleted in one.
ORDERED_AT_ONCE = 1000
SWEPT_AT_ONCE = 1000
# A notification takes less than 8000 bytes; with more tenants than fit in, all are meant.
_LONGEST_NOTIFICATION = 7900

_LOCK = 0x6A696E6C
_IS_WAITING = text("select exists(select from events where sequence is null)")
_WAIT_FOR_THE_OTHER = text("select pg_advisory_xact_lock(:lock)")
# By when they happened; those of one case as its steps follow each other, also where a clock was behind. A step waits
# for the lock of its case until the one before is committed, so of a case the earlier ones are always there. A case's
# event stands where the latest of it and those before it stands, so that a part of this order holds for every case.
# What the clock does to a case comes after the step that it follows, whose ordinal it bears.
_ORDER = text("""
    with placed as (
        select tenant_id, id, case_id, ordinal, at,
            max(at) over (partition by tenant_id, case_id order by ordinal, at) as place
        from events where sequence is null
    ),
    chosen as materialized (
        select tenant_id, id from placed order by place, tenant_id, case_id, ordinal, at limit :limit
    ),
    numbered as materialized (select tenant_id, id, nextval('event_sequence') as number from chosen)
    update events e set sequence = n.number from numbered n
    where e.tenant_id = n.tenant_id and e.id = n.id
    returning e.sequence, e.tenant_id, e.street_id, e.district_id
""")
_NOTIFY = text("select pg_notify(:channel, :told)")
_SWEEP = text("""
    delete from events e using (
        select tenant_id, id from events where at < :before and sequence is not null order by at limit :limit
    ) old
    where e.tenant_id = old.tenant_id and e.id = old.id
""")


@dataclass(frozen=True, slots=True)
class Ordered:
    """What all processes are told: that there is something new, and for whom; None stands for everybody."""

    newest: int
    tenant_ids: frozenset[int] | None

    def told(self) -> str:
        """Write it as the text of a notification."""
        listed = None if self.tenant_ids is None else sorted(self.tenant_ids)
        text_of_all = orjson.dumps([self.newest, listed]).decode()
        return text_of_all if len(text_of_all) < _LONGEST_NOTIFICATION else f'[{self.newest},"*"]'


def read_notification(told: str) -> frozenset[int] | None:
    """Tell for which tenants there is something new; None for all of them."""
    _, listed = orjson.loads(told)
    return frozenset(listed) if isinstance(listed, list) else None


async def is_anything_waiting(connection: AsyncConnection) -> bool:
    """Tell whether anything has happened that is not in order yet; an index holds nothing else."""
    return bool(await connection.scalar(_IS_WAITING))


async def order_events(connection: AsyncConnection) -> int:
    """Put what waits in order, as the worker, and tell all processes at the commit; tell how many, 1000 at most.

    One at a time does this, and lets go only with its commit: so whoever has read up to a number will never find a
    smaller one later. What a worker that is killed had numbered waits again.
    """
    await connection.execute(_WAIT_FOR_THE_OTHER, {"lock": _LOCK})
    rows = (await connection.execute(_ORDER, {"limit": ORDERED_AT_ONCE})).all()
    if rows:
        numbers = [row.sequence for row in rows]
        newest = max(numbers)
        await queue_deliveries(connection, first=min(numbers), last=newest)
        told = Ordered(newest, frozenset(_concerned(rows))).told()
        await connection.execute(_NOTIFY, {"channel": CHANNEL, "told": told})
    return len(rows)


def _concerned(rows: Iterable[Any]) -> Iterable[int]:
    for row in rows:
        yield from (one for one in (row.tenant_id, row.street_id, row.district_id) if one is not None)


async def sweep_events(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete what happened more than a day ago, as the worker; tell how much, 1000 at most."""
    swept = await connection.execute(_SWEEP, {"before": now - _KEPT_FOR, "limit": SWEPT_AT_ONCE})
    return swept.rowcount
