"""What may an account do in a tenant today? Posts, contracts in force and policy, compiled into grants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import text

from tenants.errors import STALE_GRANTS, TENANT_GONE, StaleGrants, TenantGone
from tenants.grants import NEVER, ActingTenant, Grant, Grants, HeldPosition, Scope
from tenants.policies.roles import Override, grants_of

if TYPE_CHECKING:
    from tenants.issuers import Vouching
    from tenants.work import TenantWork

# One's own, or one that a pool lends.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

CONTRACT_IN_FORCE = "contract_in_force"
# What is handed to one of these bodies is handed to its people. A residents' committee or a Party organisation
# stands for the whole community: there it is the post that counts.
_ENTRUSTED = frozenset({"property_company", "owners_committee", "department", "partner", "volunteer_team"})

_SCOPE_LISTS = {
    "grid": "grid_ids",
    "building": "building_ids",
    "estate": "estate_ids",
    "dwelling": "dwelling_ids",
}

_POSTS = """
    select p.id, p.kind_code, p.person_id, p.body_id, p.place_id, p.account_id, p.until is not null as is_ending,
        k.grants_as, l.kind as place_kind, b.kind as body_kind, contract.since is not null as has_contract,
        contract.until as contract_until
    from positions p
    join position_kinds k on k.tenant_id = p.tenant_id and k.code = p.kind_code
    join places l on l.tenant_id = p.tenant_id and l.id = p.place_id
    left join bodies b on b.id = p.body_id
    left join lateral (
        select c.since, c.until from property_contracts c
        where c.tenant_id = p.tenant_id and c.body_id = p.body_id and c.estate_id = p.place_id
            and c.since <= $3 and (c.until is null or c.until >= $3)
        order by c.until desc nulls first limit 1
    ) contract on true
    where p.tenant_id = $1 and (p.until is null or p.until >= $3)
"""
_OF_ACCOUNT = f"{_POSTS} and p.account_id = $2 and p.since <= $3 order by p.board_rank, p.id"
# Those that begin later, too: work that waits for them is there when they do.
_OF_KINDS = f"{_POSTS} and k.grants_as = any($2) and p.account_id is not null order by p.id"
_OVERRIDES = "select kind_code, permission, rows, condition, effect from policy_overrides where tenant_id = $1"
_BUMP = text("select app.bump_grants_version()")


@dataclass(frozen=True, slots=True)
class Post:
    """A post held today, with what decides which of its grants hold."""

    held: HeldPosition
    # The starting kind whose grants it copies.
    grants_as: str
    place_kind: str
    body_kind: str | None = None
    has_contract: bool = False

    @property
    def is_of_company(self) -> bool:
        """Tell whether it is a post of a property company, which reaches an estate by a contract alone."""
        return self.body_kind == "property_company"

    def holds(self, grant: Grant) -> bool:
        """Tell whether a grant of the kind holds today: a company's people need a contract in force."""
        if grant.condition == CONTRACT_IN_FORCE:
            return self.has_contract
        return self.has_contract or not self.is_of_company or grant.rows == "all"

    def scope(self, grant: Grant, tenant: ActingTenant) -> Scope | None:
        """Tell the rows that the grant's "place" or "own" stands for; None for a grant of all rows."""
        if grant.rows == "all":
            return None
        if grant.tenants == "served":
            return Scope(body_ids=self._served_for(tenant))
        body_id = self.held.body_id if self.body_kind in _ENTRUSTED else None
        handed = Scope(body_ids=(body_id,) if body_id else (), position_ids=(self.held.id,))
        listed = _SCOPE_LISTS.get(self.place_kind)
        # One's own is one's dwelling and what one's body was handed, never the grid or estate around it.
        if listed is None or (grant.rows == "own" and self.place_kind != "dwelling"):
            return handed
        return replace(handed, **{listed: (self.held.place_id,)})

    def _served_for(self, tenant: ActingTenant) -> tuple[UUID, ...]:
        """Tell the body to which cases are handed that this post serves: its department, else the office itself."""
        body_id = self.held.body_id if self.body_kind == "department" else tenant.body_id
        return () if body_id is None else (body_id,)


def compile_grants(
    tenant: ActingTenant,
    *,
    account_id: UUID,
    posts: Sequence[Post],
    overrides: frozenset[Override],
    valid_until: datetime,
) -> Grants:
    """Put together what all posts of an account grant in a tenant."""
    granted: set[Grant] = set()
    scopes: dict[str, list[Scope]] = {}
    granting: dict[str, UUID] = {}
    for post in posts:
        of_kind = grants_of(post.held.kind_code, grants_as=post.grants_as, tenant_kind=tenant.kind, overrides=overrides)
        for grant in filter(post.holds, of_kind):
            granted.add(grant)
            granting.setdefault(grant.permission, post.held.id)
            scope = post.scope(grant, tenant)
            if scope is not None:
                scopes.setdefault(grant.permission, []).append(scope)
    return Grants(
        tenant,
        account_id,
        frozenset(granted),
        MappingProxyType({permission: _union(parts) for permission, parts in scopes.items()}),
        tuple(post.held for post in posts),
        valid_until,
        MappingProxyType(granting),
    )


def _union(scopes: Iterable[Scope]) -> Scope:
    parts = list(scopes)
    names = [field.name for field in fields(Scope)]
    return Scope(**{name: tuple(sorted({id_ for part in parts for id_ in getattr(part, name)})) for name in names})


def next_midnight(now: datetime, *, time_zone: str) -> datetime:
    """Tell when the tenant's next day begins, in UTC: when posts and contracts start and end."""
    zone = ZoneInfo(time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


async def load_grants(
    connection: Connection,
    *,
    account_id: UUID,
    tenant: ActingTenant,
    vouching: Vouching,
    now: datetime,
) -> Grants:
    """Read the account's posts in the tenant, and compile those that its issuer may vouch for.

    Raises StaleGrants when `tenant` is older than what is stored, TenantGone when it was closed since.
    """
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    async with connection.transaction(readonly=True):
        await enter(connection, account_id=account_id, tenant=tenant)
        posts = await connection.fetch(_OF_ACCOUNT, tenant.id, account_id, today)
        overrides = await load_overrides(connection, tenant_id=tenant.id)
    return compile_grants(
        tenant,
        account_id=account_id,
        posts=[_post(row) for row in posts if vouching.covers_kind(row["grants_as"])],
        overrides=overrides,
        valid_until=next_midnight(now, time_zone=tenant.time_zone),
    )


async def load_overrides(connection: Connection, *, tenant_id: int) -> frozenset[Override]:
    """Read what the tenant entered gives and takes of what kinds of post are granted at first."""
    return frozenset(Override(**row) for row in await connection.fetch(_OVERRIDES, tenant_id))


async def enter(connection: Connection, *, account_id: UUID, tenant: ActingTenant | None) -> None:
    """Enter the tenant, or none, right after BEGIN. Raises StaleGrants, TenantGone."""
    try:
        await connection.execute(
            "select app.enter($1, $2, $3)",
            tenant.id if tenant else None,
            account_id,
            tenant.grants_version if tenant else None,
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate == STALE_GRANTS:
            raise StaleGrants from error
        if error.sqlstate == TENANT_GONE:
            raise TenantGone from error
        raise


@dataclass(frozen=True, slots=True)
class Staffed:
    """A post with an account in it, and what it grants by itself; perhaps only for as long as a contract lasts."""

    account_id: UUID
    position_id: UUID
    grants: Grants
    until: date | None = None
    # Its last day is known.
    is_ending: bool = False


async def list_staffed_posts(
    connection: Connection, *, tenant: ActingTenant, kinds: Iterable[str], today: date
) -> list[Staffed]:
    """List the posts of the acting tenant that copy one of the starting kinds and have an account.

    The connection has entered the tenant.
    """
    rows = await connection.fetch(_OF_KINDS, tenant.id, list(kinds), today)
    overrides = await load_overrides(connection, tenant_id=tenant.id)
    return [
        Staffed(
            row["account_id"],
            row["id"],
            compile_grants(
                tenant, account_id=row["account_id"], posts=[_post(row)], overrides=overrides, valid_until=NEVER
            ),
            row["contract_until"] if row["body_kind"] == "property_company" else None,
            row["is_ending"],
        )
        for row in rows
    ]


def _post(row: asyncpg.Record) -> Post:
    held = HeldPosition(row["id"], row["kind_code"], row["person_id"], row["body_id"], row["place_id"])
    return Post(held, row["grants_as"], row["place_kind"], row["body_kind"], row["has_contract"])


async def bump_grants_version(work: TenantWork) -> None:
    """Have everybody's grants in the tenant loaded anew, in the transaction that changes what they hang on."""
    await work.session.execute(_BUMP)
