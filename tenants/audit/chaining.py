"""How are new entries chained? By the worker in batches, so that those who write them do not wait for each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.audit.chain import START, Head, chain_on, digest_entry
from tenants.audit.tables import AuditLink, AuditQueued, AuditRecord
from tenants.sealing.keyring import Keyring, make_data_key
from tenants.sealing.values import TenantSealer

BATCH = 1000
USAGE = "audit"
# Any number, as long as nobody else takes it: with the tenant's id it is the lock of its chain.
_LOCK = 5_216_002


async def list_tenants_to_chain(connection: AsyncConnection) -> Sequence[int]:
    """List the tenants that have entries waiting to be chained."""
    found = await connection.scalars(select(AuditQueued.tenant_id).distinct().order_by(AuditQueued.tenant_id))
    return found.all()


async def chain_tenant(connection: AsyncConnection, *, keyring: Keyring, tenant_id: int, now: datetime) -> Head | None:
    """Chain up to a thousand waiting entries of a tenant, as the worker; tell the new head.

    None when nothing waits, or another worker is chaining this tenant.
    """
    is_mine = await connection.scalar(select(func.pg_try_advisory_xact_lock(_LOCK, tenant_id)))
    if not is_mine:
        return None
    entries = (await connection.execute(_waiting(tenant_id))).mappings().all()
    if not entries:
        return None
    sealer = await _sealer(connection, keyring, tenant_id)
    by = sealer.keyed_digest(USAGE).of
    head = await find_head(connection, tenant_id=tenant_id)
    links = []
    for entry in entries:
        digest = digest_entry(entry, by=by)
        head = chain_on(head, digest=digest, by=by)
        links.append(
            {
                "tenant_id": tenant_id,
                "id": entry["id"],
                "sequence": head.sequence,
                "key_id": sealer.current.id,
                "digest": digest,
                "chain": head.chain,
                "linked_at": now,
            }
        )
    await connection.execute(insert(AuditLink), links)
    await connection.execute(
        delete(AuditQueued).where(
            AuditQueued.tenant_id == tenant_id, AuditQueued.id.in_([entry["id"] for entry in entries])
        )
    )
    return head


async def find_head(connection: AsyncConnection, *, tenant_id: int) -> Head:
    """Tell where a tenant's chain ends; number 0 when it has not begun."""
    last = (
        await connection.execute(
            select(AuditLink.sequence, AuditLink.chain)
            .where(AuditLink.tenant_id == tenant_id)
            .order_by(AuditLink.sequence.desc())
            .limit(1)
        )
    ).first()
    return Head(last.sequence, last.chain) if last else START


def _waiting(tenant_id: int) -> Select[*tuple[Any, ...]]:
    entries = AuditRecord.__table__
    return (
        select(entries)
        .join(AuditQueued, (AuditQueued.tenant_id == entries.c.tenant_id) & (AuditQueued.id == entries.c.id))
        .where(AuditQueued.tenant_id == tenant_id)
        .order_by(AuditQueued.id)
        .limit(BATCH)
    )


async def _sealer(connection: AsyncConnection, keyring: Keyring, tenant_id: int) -> TenantSealer:
    sealer = await keyring.sealer_of(connection, tenant_id=tenant_id)
    if sealer is None:
        await make_data_key(connection, keyring=keyring, tenant_id=tenant_id)
        sealer = await keyring.sealer_of(connection, tenant_id=tenant_id)
    if sealer is None:
        raise LookupError(f"tenant {tenant_id} has no data key")
    return sealer
