"""What do tests of posts start from? Two communities under a street and a district, opened as an operator does."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.bodies.tables import PropertyContract
from services.onboarding.commands import OpenedTenant, open_tenant
from services.onboarding.rules import NewTenant
from services.places.rules import address_key
from services.places.tables import Place
from services.positions.commands import Appointment, appoint_position
from services.positions.kinds import all_starting_kinds
from services.positions.tables import Position
from tenants.database import new_id
from tenants.grants import ActingTenant, Grants, HeldPosition
from tenants.permissions import Post, compile_grants
from tenants.policies.roles import Override
from tenants.policies.tables import PolicyOverride
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import read_master_keys
from tenants.tables import Body, Tenant
from tenants.work import Workshop
from tests.fixtures.gateway import MASTER_KEY

TODAY = date(2026, 6, 1)
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)
_NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
_TENANTS = (
    NewTenant("gulou", "鼓楼区", "district"),
    NewTenant("gudong", "鼓东街道", "street", "gulou"),
    NewTenant("qingcheng", "庆城社区", "community", "gudong"),
    NewTenant("zhongshan", "中山社区", "community", "gudong"),
)


@dataclass(slots=True)
class Town:
    """Tenants, places and bodies by `slug/name`, and the gateway's way in."""

    owner: AsyncEngine
    workshop: Workshop
    keyring: Keyring
    tenants: dict[str, OpenedTenant] = field(default_factory=dict)
    places: dict[str, uuid.UUID] = field(default_factory=dict)
    place_kinds: dict[uuid.UUID, str] = field(default_factory=dict)
    bodies: dict[str, uuid.UUID] = field(default_factory=dict)
    body_kinds: dict[uuid.UUID, str] = field(default_factory=dict)

    def again(self) -> Town:
        """Give the same town to another test, with nothing remembered of this one."""
        return Town(
            self.owner,
            Workshop(self.workshop.engine, clock=lambda: _NOON),
            _keyring(),
            tenants=dict(self.tenants),
            places=dict(self.places),
            place_kinds=dict(self.place_kinds),
            bodies=dict(self.bodies),
            body_kinds=dict(self.body_kinds),
        )

    async def grants(
        self,
        kind: str,
        place: str,
        *,
        body: str | None = None,
        account_id: uuid.UUID | None = None,
        overrides: Iterable[Override] = (),
    ) -> Grants:
        """Hold a post of a starting kind at a place, `slug` or `slug/name`, with a contract in force."""
        slug = place.partition("/")[0]
        held = HeldPosition(
            new_id(), kind, new_id(), self.bodies[f"{slug}/{body}"] if body else None, self.places[place]
        )
        body_kind = self.body_kinds.get(held.body_id) if held.body_id else None
        post = Post(held, kind, self.place_kinds[held.place_id], body_kind, has_contract=True)
        return compile_grants(
            await self.tenant(slug),
            account_id=account_id or new_id(),
            posts=[post],
            overrides=frozenset(overrides),
            valid_until=_NOON,
        )

    async def tenant(self, slug: str) -> ActingTenant:
        """Read a tenant with its present grants version."""
        async with self.owner.connect() as connection:
            row = (await connection.execute(select(Tenant).where(Tenant.slug == slug))).one()
        names = set(ActingTenant.__dataclass_fields__) - {"body_id"}
        return ActingTenant(**{name: getattr(row, name) for name in names})

    async def appoint(self, grants: Grants, kind: str, place: str, **given: object) -> uuid.UUID:
        """Give a post as the gateway does; `given` are further fields of Appointment, a body by its name."""
        slug = place.partition("/")[0]
        body = given.pop("body", None)
        if body is not None:
            given["body_id"] = self.bodies[f"{slug}/{body}"]
        given = {"since": TODAY, "name": "张三", **given}
        appointment = Appointment(kind_code=kind, place_id=self.places[place], **given)  # type: ignore[arg-type]
        sealer = await self.keyring.sealer(self.workshop, grants=grants)
        async with self.workshop.work(grants) as work:
            return await appoint_position(work, appointment=appointment, sealer=sealer)

    async def add_place(self, connection: AsyncConnection, slug: str, kind: str, name: str) -> uuid.UUID:
        """Give a tenant one more place."""
        return await _add_place(connection, self, self.tenants[slug], kind, name)

    async def store_override(self, slug: str, kind: str, permission: str, rows: str, condition: str = "") -> None:
        """Allow something past every check, as a row may stand there from long ago."""
        row = {"kind_code": kind, "permission": permission, "rows": rows, "condition": condition, "effect": "allow"}
        async with self.owner.begin() as connection:
            await connection.execute(insert(PolicyOverride).values(tenant_id=self.tenants[slug].id, id=new_id(), **row))
            bumped = update(Tenant).where(Tenant.slug == slug).values(grants_version=Tenant.grants_version + 1)
            await connection.execute(bumped)

    async def positions(self) -> list[tuple[str, str, date, date | None]]:
        """Tell kind, public name, first and last day of every post."""
        async with self.owner.connect() as connection:
            rows = await connection.execute(select(Position).order_by(Position.id))
            return [(row.kind_code, row.public_name, row.since, row.until) for row in rows]


async def make_town(owner: AsyncEngine, gateway: AsyncEngine) -> Town:
    """Open the tenants and give both communities the same places and bodies."""
    town = Town(owner, Workshop(gateway, clock=lambda: _NOON), _keyring())
    async with owner.begin() as connection:
        for new in _TENANTS:
            opened = town.tenants[new.slug] = await open_tenant(connection, new=new)
            town.places[new.slug] = opened.place_id
            town.place_kinds[opened.place_id] = new.kind
            if new.kind == "community":
                await _fill(connection, town, opened)
            else:
                await _add_body(connection, town, opened, "department", "城管局")
    return town


def _keyring() -> Keyring:
    return Keyring(read_master_keys(MASTER_KEY))


async def _fill(connection: AsyncConnection, town: Town, opened: OpenedTenant) -> None:
    slug = opened.slug
    await _add_place(connection, town, opened, "estate", "花园小区")
    await _add_place(connection, town, opened, "estate", "新村小区")
    grid = await _add_place(connection, town, opened, "grid", "第一网格")
    await _add_place(connection, town, opened, "grid", "第二网格")
    building = await _add_place(connection, town, opened, "building", "1号楼", grid_id=grid)
    unit = await _add_place(connection, town, opened, "unit", "1单元", building_id=building, grid_id=grid)
    await _add_place(connection, town, opened, "dwelling", "101室", unit_id=unit, building_id=building, grid_id=grid)
    # The community came with it.
    town.bodies[f"{slug}/居委会"] = opened.body_id
    await _add_body(connection, town, opened, "party_organization", "党支部")
    await _add_body(connection, town, opened, "property_company", "物业")
    await _add_body(connection, town, opened, "owners_committee", "业委会")
    await connection.execute(
        insert(PropertyContract).values(
            tenant_id=opened.id,
            street_id=opened.street_id,
            district_id=opened.district_id,
            id=new_id(),
            estate_id=town.places[f"{slug}/花园小区"],
            body_id=town.bodies[f"{slug}/物业"],
            since=date(2020, 1, 1),
        )
    )


async def _add_place(
    connection: AsyncConnection, town: Town, opened: OpenedTenant, kind: str, name: str, **parents: uuid.UUID
) -> uuid.UUID:
    place_id = town.places[f"{opened.slug}/{name}"] = new_id()
    town.place_kinds[place_id] = kind
    await connection.execute(
        insert(Place).values(
            tenant_id=opened.id,
            street_id=opened.street_id,
            district_id=opened.district_id,
            id=place_id,
            kind=kind,
            name=name,
            address=name,
            sort_key=address_key(name),
            **parents,
        )
    )
    return place_id


async def _add_body(connection: AsyncConnection, town: Town, opened: OpenedTenant, kind: str, name: str) -> None:
    body_id = town.bodies[f"{opened.slug}/{name}"] = new_id()
    town.body_kinds[body_id] = kind
    values = {"id": body_id, "kind": kind, "name": name, "home_tenant_id": opened.id}
    await connection.execute(insert(Body).values(**values, sort_key=address_key(name)))


KINDS = {kind.code: kind for kind in all_starting_kinds()}
