"""Which accounts does the demo have, and where may each of them act?"""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from deploy.demo.tokens import ISSUER


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A tenant that an account may act in."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo's own issuer."""

    account: str
    name: str
    tenants: tuple[DemoTenant, ...]


async def list_demo_accounts(owner_url: str) -> list[DemoAccount]:
    """List the demo's accounts in the order in which they were made."""
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch(
            """select a.subject, a.display_name,
                      array_agg(distinct array[t.sort_key, t.slug, t.name]) filter (where t.id is not null) as tenants
               from accounts a
               left join memberships m on m.account_id = a.id
               left join tenants t on t.id = m.tenant_id
               where a.issuer = $1
               group by a.id order by a.id""",
            ISSUER,
        )
    finally:
        await connection.close()
    return [
        DemoAccount(
            row["subject"],
            row["display_name"],
            tuple(DemoTenant(slug, name) for _, slug, name in row["tenants"] or ()),
        )
        for row in rows
    ]
