"""Where does a process keep the tenants' keys? Opened, in memory, until the tenant's version changes."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tenants.database import new_id
from tenants.entrance import entered
from tenants.errors import TenantRequired
from tenants.sealing.algorithms import AES
from tenants.sealing.master_key import KeyService, WrappedKey
from tenants.sealing.matching import check_all_keys, check_keys_one_by_one
from tenants.sealing.tables import StoredDataKey
from tenants.sealing.values import DataKey, TenantSealer
from tenants.tables import Tenant
from tenants.work import utc_now

if TYPE_CHECKING:
    from tenants.grants import Grants
    from tenants.work import TenantWork, Workshop

DATA_KEY_LENGTH = 32


@dataclass(slots=True)
class Keyring:
    """The opened keys of the tenants that this process worked for."""

    service: KeyService
    # What new data keys are made for; every key remembers its own.
    algorithm: str = AES.name
    clock: Callable[[], datetime] = utc_now
    # By tenant, with the grants version for which they were loaded: a rotation raises it.
    _kept: dict[int, tuple[int, TenantSealer]] = field(default_factory=dict, repr=False)
    # Whether the database has keys of tenants, and the service opens them all.
    _is_matched: bool = False

    async def check(self, engine: AsyncEngine) -> None:
        """Check, as the gateway, that the master keys are those that the tenants' keys were wrapped by.

        Raises MasterKeyUnknown.
        """
        self._is_matched = self._is_matched or await check_keys_one_by_one(engine, service=self.service)

    async def sealer(self, workshop: Workshop, *, grants: Grants) -> TenantSealer:
        """Get what seals and opens in the caller's tenant, with a first key made if it has none.

        Ask before opening a unit of work: the keys come by a transaction of their own, so that none is used whose
        making was rolled back. Raises TenantRequired, TenantSuspended, StaleGrants, TenantGone,
        MasterKeyUnknown.
        """
        if grants.tenant is None:
            raise TenantRequired
        tenant_id, version = grants.tenant.id, grants.tenant.grants_version
        kept = self._kept.get(tenant_id)
        if kept is not None and kept[0] == version:
            return kept[1]
        async with entered(workshop.engine, grants=grants) as connection:
            keys = await self._load(connection, tenant_id)
        if not keys:
            # A key that a wrong master key wrapped would be lost, and everything sealed with it.
            await self.check(workshop.engine)
            async with workshop.work(grants) as work:
                await make_data_key(await work.session.connection(), keyring=self, tenant_id=tenant_id)
            # Two processes may have come here at once; both go on with the key of the one that was first.
            async with entered(workshop.engine, grants=grants) as connection:
                keys = await self._load(connection, tenant_id)
        sealer = TenantSealer(tenant_id, keys)
        self._kept[tenant_id] = (version, sealer)
        return sealer

    async def sealer_within(self, work: TenantWork) -> TenantSealer:
        """Get what seals and opens in a unit of work; a first key is made in it, and goes when it is rolled back.

        For whoever does one thing and ends: nothing is remembered. `check` comes first. Raises MasterKeyUnknown.
        """
        tenant_id = work.tenant.id
        connection = await work.session.connection()
        keys = await self._load(connection, tenant_id)
        if not keys:
            await make_data_key(connection, keyring=self, tenant_id=tenant_id)
            keys = await self._load(connection, tenant_id)
        return TenantSealer(tenant_id, keys)

    async def sealer_of(self, connection: AsyncConnection, *, tenant_id: int) -> TenantSealer | None:
        """Get what seals and opens in any tenant that has keys, for the worker and the owner, who see all."""
        keys = await self._load(connection, tenant_id)
        return TenantSealer(tenant_id, keys) if keys else None

    async def _load(self, connection: AsyncConnection, tenant_id: int) -> list[DataKey]:
        rows = (await connection.execute(_stored(tenant_id))).all()
        return [
            DataKey(row.id, row.algorithm, await self._unwrap(row, tenant_id), row.retired_at is not None)
            for row in rows
        ]

    async def _unwrap(self, row: Row[*tuple[Any, ...]], tenant_id: int) -> bytes:
        wrapped = WrappedKey(row.master_key_id, row.wrapped_key)
        return await self.service.unwrap(wrapped, context=_context(tenant_id, row.id, row.algorithm))


async def rotate_data_key(connection: AsyncConnection, *, keyring: Keyring, tenant_id: int) -> uuid.UUID:
    """Retire a tenant's data key and make a new one, as the owner; tell its id.

    What was sealed before stays as it is and goes on to open; blind indexes do not change. The tenant's grants
    version is raised, so that every process loads the keys before its next request there.
    """
    await connection.execute(
        update(Tenant).where(Tenant.id == tenant_id).values(grants_version=Tenant.grants_version + 1)
    )
    await connection.execute(
        update(StoredDataKey)
        .where(StoredDataKey.tenant_id == tenant_id, StoredDataKey.retired_at.is_(None))
        .values(retired_at=keyring.clock())
    )
    return await make_data_key(connection, keyring=keyring, tenant_id=tenant_id)


async def rewrap_data_keys(connection: AsyncConnection, *, keyring: Keyring, tenant_id: int) -> int:
    """Wrap a tenant's data keys with the newest master key, as the owner; tell how many there are."""
    rows = (await connection.execute(_stored(tenant_id))).all()
    for row in rows:
        context = _context(tenant_id, row.id, row.algorithm)
        secret = await keyring.service.unwrap(WrappedKey(row.master_key_id, row.wrapped_key), context=context)
        wrapped = await keyring.service.wrap(secret, context=context)
        await connection.execute(
            update(StoredDataKey)
            .where(StoredDataKey.tenant_id == tenant_id, StoredDataKey.id == row.id)
            .values(master_key_id=wrapped.master_key_id, wrapped_key=wrapped.wrapped)
        )
    return len(rows)


async def make_data_key(connection: AsyncConnection, *, keyring: Keyring, tenant_id: int) -> uuid.UUID:
    """Make a data key for a tenant that has none in use; tell its id, whether or not another one came first.

    Raises MasterKeyUnknown when the connection sees a key of another master key.
    """
    await check_all_keys(connection, service=keyring.service)
    key_id = new_id()
    context = _context(tenant_id, key_id, keyring.algorithm)
    wrapped = await keyring.service.wrap(secrets.token_bytes(DATA_KEY_LENGTH), context=context)
    await connection.execute(
        insert(StoredDataKey)
        .values(
            tenant_id=tenant_id,
            id=key_id,
            algorithm=keyring.algorithm,
            master_key_id=wrapped.master_key_id,
            wrapped_key=wrapped.wrapped,
            created_at=keyring.clock(),
        )
        .on_conflict_do_nothing()
    )
    return key_id


def _stored(tenant_id: int) -> Select[tuple[StoredDataKey]]:
    columns = StoredDataKey.__table__.c
    return select(*columns).where(columns.tenant_id == tenant_id).order_by(columns.created_at, columns.id)


def _context(tenant_id: int, key_id: uuid.UUID, algorithm: str) -> bytes:
    return f"jinlin data key {key_id} {algorithm} of tenant {tenant_id}".encode()
