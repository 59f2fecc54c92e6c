"""How does a command work inside a tenant? As the operator, through the gateway's role and walls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.settings import read_settings

if TYPE_CHECKING:
    from tenants.grants import Grants
    from tenants.sealing.keyring import Keyring
    from tenants.sealing.values import TenantSealer
    from tenants.work import TenantWork, Workshop


@dataclass(frozen=True, slots=True)
class Inside:
    """The operator's way into one tenant."""

    workshop: Workshop
    grants: Grants
    keyring: Keyring

    @asynccontextmanager
    async def work(self) -> AsyncIterator[tuple[TenantWork, TenantSealer]]:
        """Open a unit of work with what seals in it; a refused one leaves nothing behind, not even a first key."""
        async with self.workshop.work(self.grants) as work:
            yield work, await self.keyring.sealer_within(work)


@asynccontextmanager
async def inside_tenant(slug: str) -> AsyncIterator[Inside]:
    """Open the database and the tenant's keys. Raises SettingsError, TenantNotFound, MasterKeyUnknown."""
    from deploy.connecting import open_engine
    from deploy.databases import open_databases
    from deploy.keys import open_key_service
    from services.onboarding.operator import operator_grants
    from tenants.sealing.keyring import Keyring
    from tenants.work import Workshop

    settings = read_settings()
    async with open_databases(settings) as databases, open_engine(databases.need_gateway_url()) as engine:
        async with engine.connect() as connection:
            grants = await operator_grants(connection, slug=slug)
        keyring = Keyring(open_key_service(settings, is_demo=databases.is_demo))
        await keyring.check(engine)
        yield Inside(Workshop(engine), grants, keyring)
