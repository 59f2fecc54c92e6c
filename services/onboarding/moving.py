"""How does a tenant come under another office? With everything below it, and with all that it has.

As the owner, in transactions that the caller opens: first the tenant is made read-only, and once nobody writes in it
any longer, it is moved. Whatever is written bears the numbers of the offices above it: nothing may be written between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, Table, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.onboarding.commands import change_status, find_parent, lock_tenant
from services.onboarding.operator import operator_of
from services.onboarding.rules import MOVE, RESUME, SUSPEND, Move, check_can_change, check_can_move
from tenants.audit.recording import AuditEntry, add_entries
from tenants.database import new_id
from tenants.tables import Tenant, TenantMove
from tenants.work import TenantWork, utc_now

# Whoever has a transaction open holds such a lock, also one who has written nothing yet. What the server does by
# itself, such as a vacuum, is nobody's.
_OPEN = text("""
    select l.virtualtransaction from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid() and a.datname = current_database()
        and a.usename is not null
""")


@dataclass(frozen=True, slots=True)
class Stopped:
    """Tenants that are about to move, the one that is named first, and which of them were open before."""

    tenant_ids: tuple[int, ...]
    opened: tuple[str, ...]


async def stop_tenant(connection: AsyncConnection, *, move: Move) -> Stopped:
    """Make a tenant read-only that is to be moved, and those below it.

    Raises TenantNotFound and what check_can_move raises.
    """
    tenant = await lock_tenant(connection, move.slug)
    check_can_move(move, kind=tenant.kind, parent_id=tenant.parent_id, parent=await find_parent(connection, move.under))
    found = [tenant, *(await connection.execute(_below(tenant)))]
    is_open = [one for one in found if one.status == "open"]
    for one in is_open:
        await change_status(connection, one, SUSPEND)
    return Stopped(tuple(one.id for one in found), tuple(one.slug for one in is_open))


async def open_transactions(connection: AsyncConnection) -> frozenset[str]:
    """List the transactions that others have open in this database."""
    return frozenset((await connection.scalars(_OPEN)).all())


async def move_tenant(connection: AsyncConnection, *, move: Move, tables: Iterable[Table]) -> None:
    """Put a tenant that was stopped under another office, with all rows that offices read; not what was counted.

    Raises what stop_tenant raises, and TenantNotInStatus if one works again meanwhile.
    """
    tenant = await lock_tenant(connection, move.slug)
    parent = await find_parent(connection, move.under)
    above = check_can_move(move, kind=tenant.kind, parent_id=tenant.parent_id, parent=parent)
    moving = [tenant, *(await connection.execute(_below(tenant)))]
    for one in moving:
        check_can_change(MOVE, name=one.name, status=one.status)
    await connection.execute(insert(TenantMove), [_left(one, move) for one in moving])
    offices: dict[str, object] = {"district_id": above.district_id}
    if tenant.kind == "community":
        offices["street_id"] = above.street_id
    ids = [one.id for one in moving]
    left = func.array_cat(Tenant.left_offices, func.array_remove(array([Tenant.street_id, Tenant.district_id]), None))
    moved = {**offices, "left_offices": left, "grants_version": Tenant.grants_version + 1}
    await connection.execute(update(Tenant).where(Tenant.id.in_(ids)).values(moved))
    await connection.execute(update(Tenant).where(Tenant.id == tenant.id).values(parent_id=above.id))
    for table in tables:
        await connection.execute(update(table).where(table.c.tenant_id.in_(ids)).values(**offices))
    for one in moving:
        work = TenantWork(operator_of(one), AsyncSession(connection))
        await add_entries(work, [AuditEntry("tenant:move", "Tenant", one.uid)])


async def start_tenants(connection: AsyncConnection, *, stopped: Stopped) -> None:
    """Let those work again that did before, unless somebody has let them already."""
    for slug in stopped.opened:
        tenant = await lock_tenant(connection, slug)
        if tenant.status == SUSPEND.target:
            await change_status(connection, tenant, RESUME)


def _below(tenant: Row[Tenant]) -> Select[Tenant]:
    return select(Tenant).where(Tenant.parent_id == tenant.id).order_by(Tenant.id).with_for_update()


def _left(tenant: Row[Tenant], move: Move) -> dict[str, object]:
    """Say where a tenant lay until today, by its own days."""
    today = utc_now().astimezone(ZoneInfo(tenant.time_zone)).date()
    offices = {"from_street_id": tenant.street_id, "from_district_id": tenant.district_id}
    return {"tenant_id": tenant.id, "id": new_id(), "moved_on": today, **offices, "reason": move.reason.strip()}
