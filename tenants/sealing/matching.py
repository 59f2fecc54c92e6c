"""Do the given master keys open the data keys of every tenant in the database, or are they another database's?"""

from __future__ import annotations

import uuid
from dataclasses import fields
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tenants.entrance import entered
from tenants.errors import StaleGrants, TenantGone
from tenants.grants import ActingTenant, Grants
from tenants.sealing.master_key import KeyService, MasterKeyUnknown
from tenants.sealing.tables import StoredDataKey
from tenants.tables import Tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

# As whom the tenants are gone through: nobody, since nothing but the names of keys is read.
_NOBODY = uuid.UUID(int=0)
_ATTEMPTS = 5


async def check_all_keys(connection: AsyncConnection, *, service: KeyService) -> bool:
    """Check the keys of all tenants as the owner or the worker, who see all; tell whether there are any.

    Raises MasterKeyUnknown.
    """
    found = await connection.execute(
        select(StoredDataKey.master_key_id, func.min(StoredDataKey.tenant_id).label("tenant_id"))
        .group_by(StoredDataKey.master_key_id)
        .order_by(StoredDataKey.master_key_id)
    )
    rows = found.all()
    for row in rows:
        _check(service, row.master_key_id, tenant=f"number {row.tenant_id}")
    return bool(rows)


async def check_keys_one_by_one(engine: AsyncEngine, *, service: KeyService) -> bool:
    """Check the keys of all tenants that are not closed as the gateway, which sees one tenant's at a time.

    Tells whether there are any. Raises MasterKeyUnknown.
    """
    has_any = False
    for tenant in await _list_tenants(engine):
        for master_key_id in await _keys_of(engine, tenant):
            _check(service, master_key_id, tenant=tenant.slug)
            has_any = True
    return has_any


def _check(service: KeyService, master_key_id: str, *, tenant: str) -> None:
    if not service.knows(master_key_id):
        raise MasterKeyUnknown(
            f"JINLIN_MASTER_KEY is not this database's: the data key of tenant {tenant} was wrapped by the master key "
            f"{master_key_id}, which is not among those given. Give it, the older keys after the newest, by commas."
        )


async def _list_tenants(engine: AsyncEngine, *, tenant_id: int | None = None) -> list[ActingTenant]:
    columns = Tenant.__table__.c
    # What is not stored with the tenant itself matters to nobody here.
    stored = [columns[each.name] for each in fields(ActingTenant) if each.name in columns]
    chosen = select(*stored).where(Tenant.status != "closed")
    if tenant_id is not None:
        chosen = chosen.where(Tenant.id == tenant_id)
    async with entered(engine, grants=Grants(None, _NOBODY)) as connection:
        return [ActingTenant(**row) for row in (await connection.execute(chosen.order_by(Tenant.id))).mappings()]


async def _keys_of(engine: AsyncEngine, tenant: ActingTenant) -> Sequence[str]:
    # Somebody may change posts there in this very moment, and the tenant is entered by the version after that.
    for _ in range(_ATTEMPTS):
        try:
            async with entered(engine, grants=Grants(tenant, _NOBODY)) as connection:
                wanted = select(StoredDataKey.master_key_id).where(StoredDataKey.tenant_id == tenant.id).distinct()
                return (await connection.scalars(wanted)).all()
        except StaleGrants:
            again = await _list_tenants(engine, tenant_id=tenant.id)
            if not again:
                return ()
            tenant = again[0]
        except TenantGone:
            return ()
    raise StaleGrants
