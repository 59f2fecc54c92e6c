"""What is the least world a test needs? One small street of communities, the same rows at every run.

Rows of different communities bear the same ids on purpose: whatever forgets the tenant then finds another's row.
"""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.bodies.tables import PropertyContract
from services.boundaries.tables import GridBoundary
from services.people.rules import household_key
from services.people.tables import DwellingHolder, Household, Person
from services.places.commands import recount_tenants
from services.places.rules import address_key
from services.places.tables import Place
from services.positions.tables import Position, PositionKind
from tenants.database import Table
from tenants.grants import ActingTenant
from tenants.tables import Account, Body, Membership, Tenant
from tests.make_cases import CasesOf
from tests.make_residencies import residencies_of

TODAY = date(2026, 6, 1)
LONG_AGO = date(2020, 1, 1)
_YESTERDAY = date(2026, 5, 31)
_TOMORROW = date(2026, 6, 2)

ACCOUNTS = ("worker", "grid-worker", "manager", "resident", "officer", "dispatcher", "nobody")
_KINDS = {"committee-chair": 10, "grid-worker": 20, "worker": 30, "building-leader": 40, "property-manager": 50}
_NAMES = {
    "committee-chair": "居委会主任",
    "grid-worker": "网格员",
    "worker": "社区工作者",
    "building-leader": "楼栋长",
    "property-manager": "物业项目经理",
    "resident": "居民",
    "officer": "区工作人员",
    "dispatcher": "街道调度员",
}
_TENANTS = (
    ("gulou", "鼓楼区", "district", None),
    ("gudong", "鼓东街道", "street", "gulou"),
    ("guxi", "鼓西街道", "street", "gulou"),
    ("qingcheng", "庆城社区", "community", "gudong"),
    ("zhongshan", "中山社区", "community", "gudong"),
    ("pingshan", "屏山社区", "community", "guxi"),
    ("xiyuan", "西园社区", "community", None),
)
_AREAS = ("district", "street", "community", "grid", "estate")
_LANES = {"zhongshan": "中山里", "pingshan": "屏山里"}
COMMUNITIES = ("qingcheng", "zhongshan", "pingshan", "xiyuan")


def made_id(number: int) -> uuid.UUID:
    """Make an id that looks like any other and is the same at every run."""
    return uuid.UUID(f"0190a000-0000-7000-8000-{number:012x}")


def _represents(tenant_id: int) -> uuid.UUID:
    return made_id(0x7000 + tenant_id)


def blind_index(slug: str) -> Callable[[str, str], bytes]:
    """Make a tenant's blind indexes as the world's people have them."""
    return lambda purpose, text: hashlib.sha256(f"{slug}|{purpose}|{text}".encode()).digest()


@dataclass(slots=True)
class World:
    """What was made, by name: a tenant by its slug; a tenant's rows by `slug/name`, an address for a name."""

    tenants: dict[str, ActingTenant] = field(default_factory=dict)
    places: dict[str, uuid.UUID] = field(default_factory=dict)
    people: dict[str, uuid.UUID] = field(default_factory=dict)
    positions: dict[str, uuid.UUID] = field(default_factory=dict)
    households: dict[str, uuid.UUID] = field(default_factory=dict)
    bodies: dict[str, uuid.UUID] = field(default_factory=dict)
    accounts: dict[str, uuid.UUID] = field(default_factory=dict)

    def id(self, prefix: str, name: str) -> str:
        """Write the global id of a tenant's row."""
        slug = name.partition("/")[0]
        held = {"pos": self.positions, "per": self.people, "hsh": self.households}.get(prefix, self.places)
        return f"{prefix}_{self.tenants[slug].id}_{held[name]}"


async def make_world(connection: AsyncConnection) -> World:
    """Insert a district, two streets, four communities (one of them under no office), as the owner.

    Each community has two estates, three grids, five buildings (2号楼 lies in two grids, 3号楼 has no units), 16
    dwellings, three sites, eight people, households present and gone, posts held, ended and yet to begin.
    """
    world = World()
    async with AsyncSession(connection) as session:
        session.add_all(_shared(world))
        await session.flush()
        for slug in world.tenants:
            for rows in _Making(world, slug).steps():
                session.add_all(rows)
                await session.flush()
        await session.commit()
    async with connection.begin():
        await recount_tenants(connection, tenant_ids=[world.tenants[slug].id for slug in COMMUNITIES])
    return world


def _shared(world: World) -> Iterator[Table]:
    for number, name in enumerate(ACCOUNTS, start=900):
        world.accounts[name] = made_id(number)
        yield Account(id=made_id(number), issuer="test", subject=name, display_name=f"{name}的账号")
    for number, (slug, name, kind, parent) in enumerate(_TENANTS, start=1):
        above = world.tenants.get(parent or "")
        street_id = number if kind == "street" else above.id if above and kind == "community" else None
        district_id = number if kind == "district" else above.district_id if above else None
        uid = made_id(0xA00 + number)
        world.tenants[slug] = ActingTenant(
            number, uid, slug, kind, name, street_id, district_id, "open", "Asia/Shanghai", 1, _represents(number)
        )
        world.places[f"{slug}/{name}"] = world.places[slug] = made_id(0xB00 + number)
        yield Tenant(
            id=number,
            uid=uid,
            slug=slug,
            name=name,
            kind=kind,
            parent_id=above.id if above else None,
            street_id=street_id,
            district_id=district_id,
            place_id=world.places[slug],
            code=None if slug == "xiyuan" else f"350102{number:03}",
            sort_key=address_key(name),
        )


@dataclass(slots=True)
class _Making:
    """Makes the rows of one tenant, a step for each table that the next one leans on."""

    world: World
    slug: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(0x1000))

    @property
    def tenant(self) -> ActingTenant:
        return self.world.tenants[self.slug]

    def steps(self) -> Iterator[list[Table]]:
        yield [self.area()]
        if self.tenant.kind == "community":
            yield [*self.estates(), *self.grids()]
            yield [self.boundary()]
            yield list(self.buildings())
            yield list(self.units())
            yield list(self.dwellings())
            yield list(self.sites())
            yield [*self.people(), *self.bodies()]
            yield [*self.holders(), *self.households(), *self.contracts(), *self.kinds()]
            yield list(self.posts())
            yield list(residencies_of(self.world, self.slug))
            yield from CasesOf(self.world, self.slug).steps()
        else:
            yield [*self.people(), *self.kinds(), *self.departments()]
            yield list(self.office_posts())
        yield list(self.memberships)

    memberships: list[Table] = field(default_factory=list)

    # --- places --------------------------------------------------------------------------------------------------

    def area(self) -> Place:
        tenant = self.tenant
        return self._place(tenant.kind, tenant.name, id=self.world.places[self.slug])

    def _place(self, kind: str, name: str, address: str = "", **columns: object) -> Place:
        tenant = self.tenant
        address = address or name
        row_id = columns.pop("id", None) or made_id(next(self.numbers))
        assert isinstance(row_id, uuid.UUID)
        self.world.places.setdefault(f"{self.slug}/{address}", row_id)
        # Where an office lists the rows of several communities, nothing but the address orders those of one id.
        address = address if kind in _AREAS else _LANES.get(self.slug, "") + address
        return Place(
            tenant_id=tenant.id,
            id=row_id,
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            kind=kind,
            name=name,
            address=address,
            sort_key=address_key(address),
            **columns,
        )

    def _id(self, address: str) -> uuid.UUID:
        return self.world.places[f"{self.slug}/{address}"]

    def estates(self) -> Iterator[Place]:
        yield self._place("estate", f"{self.tenant.name}花园小区", "花园小区")
        yield self._place("estate", f"{self.tenant.name}新村小区", "新村小区")

    def grids(self) -> Iterator[Place]:
        yield self._place("grid", f"{self.tenant.name}第一网格", "第一网格", grid_kind="BASIC", code="001")
        yield self._place("grid", f"{self.tenant.name}第二网格", "第二网格", grid_kind="BASIC")
        yield self._place("grid", f"{self.tenant.name}第十网格", "第十网格", grid_kind="DEDICATED")

    def boundary(self) -> GridBoundary:
        ring = [[119.0, 26.0], [119.1, 26.0], [119.1, 26.1], [119.0, 26.0]]
        tenant = self.tenant
        return GridBoundary(
            tenant_id=tenant.id,
            id=self._id("第一网格"),
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            outline={"type": "Polygon", "coordinates": [ring]},
            west=119.0,
            south=26.0,
            east=119.1,
            north=26.1,
        )

    def buildings(self) -> Iterator[Place]:
        for address, grid, estate, floors in (
            ("1号楼", "第一网格", "花园小区", 6),
            ("2号楼", "第一网格", "花园小区", 7),
            ("3号楼", "第二网格", "花园小区", None),
            ("10号楼", "第二网格", "新村小区", 18),
            ("13号楼", "第十网格", None, 3),
        ):
            estate_id = self._id(estate) if estate else None
            code = "B-1" if address == "1号楼" else None
            yield self._place(
                "building", address, grid_id=self._id(grid), estate_id=estate_id, floor_count=floors, code=code
            )

    def units(self) -> Iterator[Place]:
        for building, unit, grid, estate in _UNITS:
            yield self._place(
                "unit",
                unit,
                f"{building}{unit}",
                building_id=self._id(building),
                grid_id=self._id(grid),
                estate_id=self._id(estate) if estate else None,
            )

    def dwellings(self) -> Iterator[Place]:
        tenures = itertools.cycle(("COMMERCIAL", "PUBLIC", None, "REFORMED"))
        for building, unit, grid, estate in _UNITS:
            for room in _ROOMS[f"{building}{unit}"]:
                area = Decimal("60.50") + len(room) + int(room[-1])
                yield self._place(
                    "dwelling",
                    room,
                    f"{building}{unit}{room}室",
                    room_number=room,
                    unit_id=self._id(f"{building}{unit}"),
                    building_id=self._id(building),
                    grid_id=self._id(grid),
                    estate_id=self._id(estate) if estate else None,
                    floor_area=area,
                    inside_area=area - 10 if room.endswith("1") else None,
                    tenure=next(tenures),
                )

    def sites(self) -> Iterator[Place]:
        for name, address, grid, estate, kind in (
            ("社区公园", "花园小区东侧", "第一网格", "花园小区", "park"),
            ("河道点位", "河沿路2号", "第二网格", None, "river"),
            ("便利店", "河沿路2号", "第二网格", None, "shop"),
        ):
            estate_id = self._id(estate) if estate else None
            site = self._place("site", name, address, grid_id=self._id(grid), estate_id=estate_id, site_kind=kind)
            self.world.places[f"{self.slug}/{name}"] = site.id
            yield site

    # --- people --------------------------------------------------------------------------------------------------

    def people(self) -> Iterator[Person]:
        index = blind_index(self.slug)
        for number, name in enumerate("赵钱孙李周吴郑王"):
            phone = None if name == "王" else f"1380000{number:04}"
            person_id = self.world.people[f"{self.slug}/{name}"] = made_id(0x200 + number)
            yield Person(
                tenant_id=self.tenant.id,
                id=person_id,
                name_sealed=b"sealed",
                name_masked=f"{name}*（{self.slug}）",
                name_index=index("name", f"{name}某"),
                phone_sealed=None if phone is None else b"sealed",
                phone_masked=None if phone is None else f"138****{number:04}",
                phone_index=None if phone is None else index("phone", phone),
            )

    def _person(self, name: str) -> uuid.UUID:
        return self.world.people[f"{self.slug}/{name}"]

    def holders(self) -> Iterator[DwellingHolder]:
        for dwelling, name, role, share, ordinal in (
            ("1号楼1单元101室", "赵", "owner", "1/2", 0),
            ("1号楼1单元101室", "钱", "owner", "1/2", 1),
            ("1号楼1单元102室", "孙", "owner", None, 0),
            ("1号楼1单元102室", "李", "renter", None, 0),
            ("2号楼1单元101室", "赵", "owner", None, 0),
            ("2号楼2单元201室", "周", "owner", "1/3", 0),
            ("2号楼2单元201室", "吴", "owner", "1/3", 0),
            ("10号楼1单元101室", "王", "owner", None, 0),
            ("13号楼1单元101室", "周", "renter", None, 0),
        ):
            yield DwellingHolder(
                tenant_id=self.tenant.id,
                id=made_id(next(self.numbers)),
                dwelling_id=self._id(dwelling),
                person_id=self._person(name),
                role=role,
                share=share,
                ordinal=ordinal,
            )

    def households(self) -> Iterator[Household]:
        for dwelling, head, size, residence, since, until in (
            ("1号楼1单元101室", "赵", 3, "OWNER_OCCUPIED", LONG_AGO, None),
            ("1号楼1单元102室", "李", 2, "RENTED", _YESTERDAY, None),
            ("1号楼1单元102室", "郑", 1, "RENTED", LONG_AGO, _YESTERDAY),
            ("1号楼2单元101室", None, None, "VACANT", None, None),
            ("2号楼1单元101室", "钱", 4, None, None, None),
            ("2号楼2单元201室", "周", 1, "OTHER", LONG_AGO, None),
            ("10号楼1单元101室", "王", 5, "OWNER_OCCUPIED", LONG_AGO, None),
            ("10号楼1单元101室", "吴", 1, "RENTED", LONG_AGO, date(2021, 3, 4)),
        ):
            household_id = made_id(next(self.numbers))
            self.world.households.setdefault(f"{self.slug}/{dwelling}", household_id)
            yield Household(
                tenant_id=self.tenant.id,
                id=household_id,
                dwelling_id=self._id(dwelling),
                head_id=self._person(head) if head else None,
                head_count=size,
                residence=residence,
                since=since,
                until=until,
                sort_key=household_key(since=since, until=until),
            )

    # --- bodies and posts ----------------------------------------------------------------------------------------

    def _body(self, kind: str, name: str, **columns: object) -> Body:
        number = 0x8000 + 0x100 * self.tenant.id + len(self.world.bodies)
        is_representing = "represents_tenant_id" in columns
        body_id = _represents(self.tenant.id) if is_representing else made_id(number)
        self.world.bodies[f"{self.slug}/{kind}"] = self.world.bodies[name] = body_id
        return Body(
            id=body_id,
            kind=kind,
            name=name,
            home_tenant_id=self.tenant.id,
            sort_key=address_key(name),
            **columns,
        )

    def bodies(self) -> Iterator[Body]:
        name = self.tenant.name
        yield self._body("party_organization", f"{name}党委", level="党委")
        yield self._body("residents_committee", f"{name}居委会", represents_tenant_id=self.tenant.id)
        yield self._body("property_company", f"{name}物业", credit_code=f"9135010200000000{self.tenant.id:02}")
        yield self._body("owners_committee", f"{name}业委会", place_id=self._id("花园小区"))
        yield self._body("partner", f"{name}小学")
        yield self._body("volunteer_team", f"{name}志愿服务队")

    def departments(self) -> Iterator[Body]:
        yield self._body("department", f"{self.tenant.name}城市管理局")
        yield self._body("office", self.tenant.name, represents_tenant_id=self.tenant.id)

    def contracts(self) -> Iterator[PropertyContract]:
        for estate, company, since, until in (
            ("花园小区", self.slug, LONG_AGO, None),
            ("花园小区", "qingcheng", _YESTERDAY, TODAY),
            ("新村小区", "qingcheng", LONG_AGO, _YESTERDAY),
        ):
            yield PropertyContract(
                tenant_id=self.tenant.id,
                street_id=self.tenant.street_id,
                district_id=self.tenant.district_id,
                id=made_id(next(self.numbers)),
                estate_id=self._id(estate),
                body_id=self.world.bodies[f"{company}/property_company"],
                since=since,
                until=until,
            )

    def kinds(self) -> Iterator[PositionKind]:
        for code, name in _NAMES.items():
            yield PositionKind(
                tenant_id=self.tenant.id,
                street_id=self.tenant.street_id,
                district_id=self.tenant.district_id,
                id=made_id(next(self.numbers)),
                code=code,
                name=f"{name}（{self.slug}）",
                name_en=code,
                grants_as=code,
                duties=f"{name}的职责" if code in _KINDS else None,
                place_kinds="",
                body_kinds="",
                board_rank=_KINDS.get(code),
            )

    def posts(self) -> Iterator[Position]:
        yield self._post("committee-chair", "赵", self.slug, body="residents_committee")
        yield self._post("worker", "钱", self.slug, account="worker", body="residents_committee")
        yield self._post("grid-worker", "孙", f"{self.slug}/第一网格", account="grid-worker")
        yield self._post("grid-worker", "李", f"{self.slug}/第二网格")
        yield self._post("grid-worker", "周", f"{self.slug}/第二网格", until=_YESTERDAY)
        yield self._post("grid-worker", "吴", f"{self.slug}/第二网格", since=_TOMORROW)
        yield self._post("building-leader", "郑", f"{self.slug}/1号楼", until=TODAY)
        yield self._post("building-leader", "王", f"{self.slug}/2号楼", since=TODAY)
        yield self._post("property-manager", "吴", f"{self.slug}/花园小区", account="manager", body="property_company")
        yield self._post("resident", "赵", f"{self.slug}/1号楼1单元101室", account="resident")

    def office_posts(self) -> Iterator[Position]:
        kind = "officer" if self.tenant.kind == "district" else "dispatcher"
        yield self._post(kind, "赵", self.slug, account=kind)

    def _post(
        self,
        kind: str,
        name: str,
        place: str,
        *,
        account: str | None = None,
        body: str | None = None,
        since: date = LONG_AGO,
        until: date | None = None,
    ) -> Position:
        tenant, position_id = self.tenant, made_id(next(self.numbers))
        self.world.positions[f"{self.slug}/{kind}"] = position_id
        account_id = self.world.accounts[account] if account else None
        if account_id is not None and self.slug not in ("xiyuan", "guxi"):
            self.memberships.append(
                Membership(
                    account_id=account_id, tenant_id=tenant.id, position_id=position_id, since=since, until=until
                )
            )
        return Position(
            tenant_id=tenant.id,
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            id=position_id,
            kind_code=kind,
            person_id=self._person(name),
            account_id=account_id,
            body_id=self.world.bodies[f"{self.slug}/{body}"] if body else None,
            place_id=self.world.places[place],
            since=since,
            until=until,
            public_name=f"{name}老师（{self.slug}）",
            duty_phone="0591-12345" if kind in _KINDS else None,
            board_rank=_KINDS.get(kind, 9999),
        )


_UNITS = (
    ("1号楼", "1单元", "第一网格", "花园小区"),
    ("1号楼", "2单元", "第一网格", "花园小区"),
    ("2号楼", "1单元", "第一网格", "花园小区"),
    ("2号楼", "2单元", "第二网格", "花园小区"),
    ("10号楼", "1单元", "第二网格", "新村小区"),
    ("13号楼", "1单元", "第十网格", None),
)
_ROOMS = {
    "1号楼1单元": ("101", "102", "201"),
    "1号楼2单元": ("101", "102", "1001"),
    "2号楼1单元": ("101", "102"),
    "2号楼2单元": ("201", "202"),
    # Twice the same address, as registers have it: only the id tells them apart.
    "10号楼1单元": ("101", "102", "102", "102"),
    "13号楼1单元": ("101", "201"),
}
