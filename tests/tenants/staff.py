"""Who stands before the gateway? An account for every kind of position in every tenant of the marked world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from deploy.app import FILES
from deploy.settings import sqlalchemy_url
from services.positions.kinds import StartingKind, all_starting_kinds
from services.positions.tables import Position, PositionKind
from tenants.policies.roles import starting_roles
from tenants.tables import Account, Membership
from tests.fixtures.gateway import ISSUER, GatewayClient, open_client
from tests.fixtures.rows import Neighbour
from tests.make import LONG_AGO, World, made_id
from tests.tenants.marked import Marked, post_of


@dataclass(frozen=True, slots=True)
class Actor:
    """An account with one post, named for both."""

    kind: str
    slug: str

    @property
    def account(self) -> str:
        return f"{self.kind}@{self.slug}"

    def __str__(self) -> str:
        return self.account


def actors(slug: str, tenant_kind: str) -> list[Actor]:
    """List an account for each kind of position that a kind of tenant has grants for."""
    kinds = {role.position for role in starting_roles() if role.tenant_kind == tenant_kind}
    return [Actor(kind, slug) for kind in sorted(kinds)]


async def appoint_everybody(marked: Marked) -> None:
    """Give every kind of position in every tenant to an account of its own."""
    engine = create_async_engine(sqlalchemy_url(marked.database.owner_url))
    async with engine.connect() as connection, AsyncSession(connection) as session:
        known = {(row.tenant_id, row.code) for row in await session.execute(select(PositionKind.__table__))}
        for neighbour in marked.neighbours().values():
            for actor in actors(neighbour.slug, neighbour.kind):
                kind = next(each for each in all_starting_kinds() if each.code == actor.kind)
                if (neighbour.id, kind.code) not in known:
                    session.add(_kind(kind, neighbour))
                account_id = made_id(0xF000 + _number(marked.world, actor))
                session.add(Account(id=account_id, issuer="test", subject=actor.account, display_name=actor.account))
                await session.flush()
                session.add_all(_appointed(marked.world, actor, neighbour, account_id=account_id))
        await session.commit()
        await _forget_keys(connection)
    await engine.dispose()


async def _forget_keys(connection: AsyncConnection) -> None:
    """Take out the keys that no master key ever wrapped, and what was sealed with them."""
    async with connection.begin():
        await connection.execute(text("truncate data_keys cascade"))


def _number(world: World, actor: Actor) -> int:
    kinds = sorted({role.position for role in starting_roles()})
    return world.tenants[actor.slug].id * len(kinds) + kinds.index(actor.kind)


def _kind(kind: StartingKind, neighbour: Neighbour) -> PositionKind:
    return PositionKind(
        tenant_id=neighbour.id,
        street_id=neighbour.street_id,
        district_id=neighbour.district_id,
        code=kind.code,
        name=kind.name,
        name_en=kind.name_en,
        grants_as=kind.code,
        place_kinds=",".join(kind.place_kinds),
        body_kinds=",".join(kind.body_kinds),
    )


def _appointed(
    world: World, actor: Actor, neighbour: Neighbour, *, account_id: object
) -> Iterator[Position | Membership]:
    post = post_of(world, actor.slug, actor.kind).held
    position_id = made_id(0xE000 + _number(world, actor))
    yield Position(
        tenant_id=neighbour.id,
        street_id=neighbour.street_id,
        district_id=neighbour.district_id,
        id=position_id,
        kind_code=actor.kind,
        person_id=post.person_id,
        account_id=account_id,
        body_id=post.body_id,
        place_id=post.place_id,
        since=LONG_AGO,
        public_name=f"«own:{actor.slug}»",
    )
    yield Membership(account_id=account_id, tenant_id=neighbour.id, position_id=position_id, since=LONG_AGO)


@dataclass(frozen=True, slots=True)
class Stage:
    """The marked world with everybody in it, and the gateway in front."""

    marked: Marked
    client: GatewayClient
    owner: asyncpg.Connection

    @property
    def world(self) -> World:
        return self.marked.world

    def everybody(self, *slugs: str) -> list[Actor]:
        return [actor for slug in slugs for actor in actors(slug, self.world.tenants[slug].kind)]

    async def upload(self, actor: Actor, content: bytes, *, purpose: str) -> httpx.Response:
        """Upload a file."""
        return await self.client.http.post(
            FILES, params={"purpose": purpose}, files={"file": ("«own»", content)}, headers=self.headers(actor)
        )

    async def fetch(self, actor: Actor, file_id: str) -> httpx.Response:
        """Fetch a file."""
        return await self.client.http.get(f"{FILES}/{file_id}", headers=self.headers(actor))

    @staticmethod
    def headers(actor: Actor) -> dict[str, str]:
        """Say who is asking, and where."""
        return {"Authorization": f"Bearer {ISSUER.kept_token(actor.account)}", "X-Tenant": actor.slug}

    def strangers(self, slug: str) -> list[Neighbour]:
        """List the tenants that one neither lies below nor above of."""
        others = self.marked.neighbours()
        acting = others[slug]
        return [other for other in others.values() if not acting.reads(other) and not other.reads(acting)]


@asynccontextmanager
async def open_stage(marked: Marked) -> AsyncIterator[Stage]:
    """Let everybody in and open the gateway."""
    await appoint_everybody(marked)
    owner = await asyncpg.connect(marked.database.owner_url)
    async with open_client(marked.database) as client:
        yield Stage(marked, client, owner)
    await owner.close()
