"""How do tests take rosters into tenants: two communities, the gateway's role, a sealer?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.onboarding.commands import OpenedTenant, open_tenant
from services.onboarding.operator import operator_grants
from services.onboarding.rules import NewTenant
from services.roster.commands import ImportOptions, ImportReport, import_roster
from services.roster.contents import Roster
from services.roster.files import RosterFile
from tenants.database import Table
from tenants.grants import Grants
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import LocalKeyService
from tenants.sealing.values import TenantSealer
from tenants.work import Workshop

SLUGS = ("qingcheng", "jiezilu")


@dataclass(slots=True)
class Clock:
    """A clock that stands where a test puts it."""

    now: datetime = datetime(2026, 3, 1, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Communities:
    """Two communities under one street, and how their rosters get in."""

    owner: AsyncEngine
    gateway: AsyncEngine
    tenants: dict[str, OpenedTenant]
    keyring: Keyring
    clock: Clock

    def again(self) -> Communities:
        """Give the same communities to another test, with nothing remembered of this one."""
        return Communities(self.owner, self.gateway, dict(self.tenants), _keyring(), Clock())

    async def grants(self, slug: str) -> Grants:
        async with self.gateway.connect() as connection:
            return await operator_grants(connection, slug=slug)

    async def sealer(self, slug: str) -> TenantSealer:
        return await self.keyring.sealer(Workshop(self.gateway), grants=await self.grants(slug))

    async def take_in(
        self, roster: Roster, *, slug: str = "qingcheng", dry: bool = False, skip: bool = False
    ) -> ImportReport:
        """Import a roster as the gateway."""
        grants = await self.grants(slug)
        sealer = await self.keyring.sealer(Workshop(self.gateway), grants=grants)
        async with Workshop(self.gateway, self.clock).work(grants) as work:
            file = RosterFile("花名册.xlsx", roster)
            return await import_roster(work, file=file, sealer=sealer, options=ImportOptions(dry, skip))

    async def rows(self, table: type[Table], *names: str, slug: str = "qingcheng") -> list[tuple[object, ...]]:
        """Read columns of a tenant's rows as the owner, in order."""
        columns = table.__table__.c
        statement = select(*(columns[name] for name in names))
        async with self.owner.connect() as connection:
            found = await connection.execute(statement.where(columns.tenant_id == self.tenants[slug].id))
            return sorted((tuple(row) for row in found), key=str)


async def open_communities(owner: AsyncEngine, gateway: AsyncEngine) -> Communities:
    """Open a district, a street and two communities."""
    news = (
        NewTenant("gulou", "鼓楼区", "district"),
        NewTenant("gudong", "鼓东街道", "street", "gulou"),
        *(NewTenant(slug, f"{slug}社区", "community", "gudong") for slug in SLUGS),
    )
    async with owner.begin() as connection:
        tenants = {new.slug: await open_tenant(connection, new=new) for new in news}
    return Communities(owner, gateway, tenants, _keyring(), Clock())


def _keyring() -> Keyring:
    return Keyring(LocalKeyService([b"k" * 32]))
