"""What do all parts of the demo share while it is made? Tenants with their grounds, keys, companies, accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.demo.contents import COMMUNITIES, LINHE, OFFICES
from deploy.demo.tokens import ISSUER
from deploy.simulate.ids import IdSource
from deploy.simulate.neighbourhood import Ground, Named
from deploy.simulate.posts import Kind, Staff
from deploy.simulate.residents import Residents
from deploy.simulate.rows import AccountRow, Load
from deploy.simulate.simulating import first_sealer, ground_of, load_kinds
from services.onboarding.commands import open_tenant
from tenants.sealing.keyring import Keyring
from tenants.sealing.values import TenantSealer

POSTS_HELD_SINCE = date(2025, 1, 1)
SEED = "demo"
# People of different tenants have different numbers.
_PHONES_PER_TENANT = 100_000
# After all accounts of single tenants.
_SHARED_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A tenant of the demo, ready to be filled."""

    ground: Ground
    kinds: Mapping[str, Kind]
    sealer: TenantSealer

    def staff(self) -> Staff:
        """Make what appoints people in this tenant, the same from one run to the next."""
        ground = self.ground
        key = f"{SEED} {ground.slug}"
        random, ids = Random(key), IdSource(key, block=ground.tenant_id)  # noqa: S311 - what is invented is no secret.
        residents = Residents(ground.tenant_id, random, ids, ground.tenant_id * _PHONES_PER_TENANT)
        return Staff(ground, self.kinds, ISSUER, residents, ids, POSTS_HELD_SINCE)


@dataclass(frozen=True, slots=True)
class SharedAccounts:
    """The accounts that are not one tenant's."""

    linhe_manager: AccountRow
    nobody: AccountRow

    def load(self) -> Load:
        """Put together the rows to be written."""
        return Load(accounts=[self.linhe_manager, self.nobody])


async def open_tenants(connection: AsyncConnection, *, keyring: Keyring) -> dict[str, Opened]:
    """Open all tenants of the demo, each with its first data key, by their slugs."""
    opened = {}
    for one in (*OFFICES, *COMMUNITIES):
        tenant = await open_tenant(connection, new=one.new)
        opened[one.new.slug] = Opened(
            ground_of(one.new, tenant),
            await load_kinds(connection, tenant_id=tenant.id),
            await first_sealer(connection, keyring=keyring, tenant_id=tenant.id),
        )
    return opened


def shared_accounts() -> SharedAccounts:
    """Make the accounts that are not one tenant's."""
    ids = IdSource(f"{SEED} shared", block=_SHARED_BLOCK)
    return SharedAccounts(
        AccountRow(ids.next(), ISSUER, "manager@linhe", f"{LINHE} 物业项目经理"),
        AccountRow(ids.next(), ISSUER, "nobody@nowhere", "没有岗位的账号"),
    )


def add_companies(staff: Staff, slugs: set[str]) -> dict[str, Named]:
    """Enter the companies that serve the communities of these slugs into a district's directory."""
    names = dict.fromkeys(one.company for one in COMMUNITIES if one.new.slug in slugs)
    return {name: Named(staff.add_body("property_company", name), name) for name in names}
