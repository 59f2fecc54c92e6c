"""How does a test of what is sealed or recorded come by two tenants, their callers and their keys?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant
from tenants.database import new_id
from tenants.grants import ActingTenant, Grant, Grants
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import LocalKeyService
from tenants.sealing.values import TenantSealer
from tenants.tables import Account, Tenant
from tenants.work import Workshop

MASTER_KEY = bytes(range(32))


def make_keyring(algorithm: str = "AES-256-GCM") -> Keyring:
    """Make a keyring with nothing on it yet, as a process has it that just started."""
    return Keyring(LocalKeyService([MASTER_KEY]), algorithm)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A caller with every right in one community, and what acts for the caller."""

    grants: Grants
    workshop: Workshop
    keyring: Keyring

    @property
    def tenant(self) -> ActingTenant:
        assert self.grants.tenant is not None
        return self.grants.tenant

    @property
    def tenant_id(self) -> int:
        return self.tenant.id

    async def sealer(self) -> TenantSealer:
        return await self.keyring.sealer(self.workshop, grants=self.grants)

    def may(self, permissions: Iterable[str] | Grant) -> Grants:
        """Give the caller's grants with other permissions, all rows of the tenant each, or with one grant."""
        if isinstance(permissions, Grant):
            return replace(self.grants, grants=frozenset({permissions}))
        granted = frozenset(Grant(permission, "acting", "all") for permission in permissions)
        return replace(self.grants, grants=granted)


async def make_neighbours(owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> tuple[Neighbour, Neighbour]:
    """Open two communities with one account each."""
    workshop, keyring = Workshop(gateway_engine), make_keyring()
    async with owner_engine.begin() as connection:
        ours, theirs = [
            Neighbour(await _grants(connection, slug), workshop, keyring) for slug in ("qingcheng", "zhongshan")
        ]
    return ours, theirs


async def acting_in(connection: AsyncConnection, slug: str) -> ActingTenant:
    """Read a tenant as its callers' grants hold it."""
    row = (await connection.execute(select(Tenant.__table__).where(Tenant.slug == slug))).one()
    return ActingTenant(
        row.id,
        row.uid,
        row.slug,
        row.kind,
        row.name,
        row.street_id,
        row.district_id,
        row.status,
        row.time_zone,
        row.grants_version,
    )


async def _grants(connection: AsyncConnection, slug: str) -> Grants:
    account_id: uuid.UUID = new_id()
    await open_tenant(connection, new=NewTenant(slug, f"{slug}社区", "community"))
    account = {"id": account_id, "issuer": "test", "subject": slug, "display_name": f"{slug}的账号"}
    await connection.execute(insert(Account), [account])
    everything = frozenset(
        Grant(permission, "acting", "all")
        for permission in ("contact:reveal", "roster:import", "audit:read", "resident:read")
    )
    return Grants(await acting_in(connection, slug), account_id, everything)
