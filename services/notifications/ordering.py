"""How is what accounts are told put in order, told to all processes, and forgotten? By the worker, for all tenants."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# The channel on which every process of the gateway listens for whom there is something new.
CHANNEL = "jinlin_notifications"
NOTIFICATIONS_AT_ONCE = 1000
KEPT_FOR = timedelta(days=180)
# A notification takes less than 8000 bytes; with more accounts than fit in, all are meant.
_LONGEST_NOTIFICATION = 7900

_LOCK = 0x6A696E6D
_IS_WAITING = text("select exists(select from notifications where sequence is null)")
_WAIT_FOR_THE_OTHER = text("select pg_advisory_xact_lock(:lock)")
_ORDER = text("""
    with chosen as materialized (
        select tenant_id, id from notifications where sequence is null order by at, id limit :limit
    ),
    numbered as materialized (select tenant_id, id, nextval('notification_sequence') as number from chosen)
    update notifications told set sequence = n.number from numbered n
    where told.tenant_id = n.tenant_id and told.id = n.id
    returning told.account_id
""")
_NOTIFY = text("select pg_notify(:channel, :told)")
_SWEEP = text("""
    delete from notifications told using (
        select tenant_id, id from notifications where at < :before order by at limit :limit
    ) old
    where told.tenant_id = old.tenant_id and told.id = old.id
""")


def read_accounts(told: str) -> frozenset[str] | None:
    """Tell for which accounts there is something new; None for all of them."""
    listed = orjson.loads(told)
    return frozenset(listed) if isinstance(listed, list) else None


async def order_notifications(connection: AsyncConnection) -> int:
    """Put what waits in order, as the worker, and tell all processes at the commit; tell how much, 1000 at most.

    One at a time does this, and lets go only with its commit, as with events.
    """
    if not await connection.scalar(_IS_WAITING):
        return 0
    await connection.execute(_WAIT_FOR_THE_OTHER, {"lock": _LOCK})
    rows = (await connection.scalars(_ORDER, {"limit": NOTIFICATIONS_AT_ONCE})).all()
    if rows:
        told = orjson.dumps(sorted({str(account_id) for account_id in rows})).decode()
        told = told if len(told) < _LONGEST_NOTIFICATION else '"*"'
        await connection.execute(_NOTIFY, {"channel": CHANNEL, "told": told})
    return len(rows)


async def sweep_notifications(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete what accounts were told half a year ago, as the worker; tell how much, 1000 at most."""
    swept = await connection.execute(_SWEEP, {"before": now - KEPT_FOR, "limit": NOTIFICATIONS_AT_ONCE})
    return swept.rowcount
