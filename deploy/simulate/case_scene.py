"""Where does a year of cases take place? A tenant as it was loaded: its posts, places, categories, whom it can call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from services.calendars.rules import Span, WorkCalendar

SPOT_KINDS = ("building", "dwelling", "site", "street")
_TENANT = """
    select t.id, t.slug, t.kind, t.street_id, t.district_id, t.time_zone, own.id as body_id
    from tenants t join bodies own on own.represents_tenant_id = t.id
    where t.id = any($1::int[]) and t.status = 'open' order by t.id
"""
_POSTS = """
    select p.id, p.kind_code as kind, p.tenant_id, p.account_id, p.body_id, b.kind as body_kind, p.place_id,
        p.person_id, case when p.board_rank < 9999 then p.public_name end as public_name, r.name_masked, r.phone_masked
    from positions p
    join people r on r.tenant_id = p.tenant_id and r.id = p.person_id
    left join bodies b on b.id = p.body_id
    where p.tenant_id = any($1::int[]) and p.until is null
    order by p.account_id is null, p.board_rank, p.public_name, p.duty_phone, p.id
"""
# Of each kind of place a couple of hundred, evenly spread.
_SPOTS = """
    select p.id, p.kind, coalesce(nullif(p.address, ''), p.name) as address, p.grid_id,
        case p.kind when 'building' then p.id else p.building_id end as building_id,
        p.estate_id, r.id as person_id, r.name_masked, r.phone_masked
    from (
        select *, row_number() over (partition by kind order by sort_key, id) as number,
            count(*) over (partition by kind) as total
        from places where tenant_id = $1 and kind in ('building', 'dwelling', 'site', 'street')
    ) p
    left join lateral (
        select h.person_id from dwelling_holders h
        where h.tenant_id = p.tenant_id and h.dwelling_id = p.id order by h.ordinal, h.id limit 1
    ) owner on true
    left join lateral (
        select h.head_id from households h
        where h.tenant_id = p.tenant_id and h.dwelling_id = p.id order by h.sort_key, h.id limit 1
    ) living on true
    left join people r on r.tenant_id = p.tenant_id and r.id = coalesce(owner.person_id, living.head_id)
    where p.number % greatest(1, p.total / 200) = 0
    order by p.kind, p.sort_key, p.id
"""
_CATEGORIES = """
    select code, id, limit_amount, limit_unit from case_categories
    where tenant_id = $1 and is_leaf and referral_phone is null
"""
_DAYS = """
    select day, is_working, 0 as rank from calendar_days
    union all select day, is_working, 1 from tenant_calendar_days where tenant_id = $1
    order by rank
"""
_HOURS = "select valid_from, opens, closes from office_hours where tenant_id = $1"
_SERVED = "select estate_id, body_id from property_contracts where tenant_id = $1 and until is null order by id"
_DEPARTMENTS = """
    select id, home_tenant_id from bodies
    where kind = 'department' and home_tenant_id = any($1::int[]) order by sort_key, id
"""


class Post(NamedTuple):
    """A post, its holder masked; without an account, nobody signs in for it today."""

    id: uuid.UUID
    kind: str
    tenant_id: int
    account_id: uuid.UUID | None
    body_id: uuid.UUID | None
    body_kind: str | None
    place_id: uuid.UUID
    person_id: uuid.UUID
    public_name: str | None
    name_masked: str
    phone_masked: str | None


class Spot(NamedTuple):
    """A place that something can be about; of a dwelling, with somebody who owns it or lives in it, masked."""

    id: uuid.UUID
    kind: str
    address: str
    grid_id: uuid.UUID | None
    building_id: uuid.UUID | None
    estate_id: uuid.UUID | None
    person_id: uuid.UUID | None
    name_masked: str | None
    phone_masked: str | None


class Category(NamedTuple):
    """A leaf of the tenant's categories."""

    code: str
    id: uuid.UUID
    limit_amount: int
    limit_unit: str


class Department(NamedTuple):
    """A department that cases can be handed to, and the tenant in which its people act."""

    body_id: uuid.UUID
    tenant_id: int


class Office(NamedTuple):
    """A tenant and the body that represents it."""

    id: int
    slug: str
    kind: str
    street_id: int | None
    district_id: int | None
    time_zone: str
    body_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the cases of one tenant are about."""

    own: Office
    # The street and the district above, the nearest first.
    above: Sequence[Office]
    posts: Sequence[Post]
    # By their tenant: the posts of the offices above.
    posts_above: Mapping[int, Sequence[Post]]
    spots: Mapping[str, Sequence[Spot]]
    categories: Mapping[str, Category]
    # By estate: the company that serves it.
    companies: Mapping[uuid.UUID, uuid.UUID]
    calendar: WorkCalendar
    # With somebody who signs in for them.
    departments: Sequence[Department]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its days begin and end."""
        return ZoneInfo(self.own.time_zone)

    def of_kinds(self, *kinds: str) -> list[Post]:
        """List the posts of these kinds, those of the first kind first."""
        return [post for kind in kinds for post in self.posts if post.kind == kind]


async def look_at(driver: asyncpg.Connection[asyncpg.Record], *, tenant_id: int) -> Scene:
    """Read what is there, as the owner."""
    (row,) = await driver.fetch(_TENANT, [tenant_id])
    own = Office(**dict(row))
    offices = [number for number in (own.street_id, own.district_id) if number not in (None, tenant_id)]
    above = {found["id"]: Office(**dict(found)) for found in await driver.fetch(_TENANT, offices)}
    posts = [Post(**dict(found)) for found in await driver.fetch(_POSTS, [tenant_id, *offices])]
    spots = [Spot(**dict(found)) for found in await driver.fetch(_SPOTS, tenant_id)]
    signed = {post.body_id for post in posts if post.account_id}
    departments = [Department(*found) for found in await driver.fetch(_DEPARTMENTS, [tenant_id, *offices])]
    return Scene(
        own=own,
        above=[above[number] for number in offices if number in above],
        posts=[post for post in posts if post.tenant_id == tenant_id],
        posts_above={number: [post for post in posts if post.tenant_id == number] for number in above},
        spots={kind: [spot for spot in spots if spot.kind == kind] for kind in SPOT_KINDS},
        categories={found["code"]: Category(**dict(found)) for found in await driver.fetch(_CATEGORIES, tenant_id)},
        companies={found["estate_id"]: found["body_id"] for found in await driver.fetch(_SERVED, tenant_id)},
        calendar=await _calendar(driver, own),
        departments=[department for department in departments if department.body_id in signed],
    )


async def _calendar(driver: asyncpg.Connection[asyncpg.Record], own: Office) -> WorkCalendar:
    # The tenant's own days come after the nation's, and so hold.
    days = {found["day"]: found["is_working"] for found in await driver.fetch(_DAYS, own.id)}
    hours: dict[date, list[Span]] = {}
    for valid_from, opens, closes in await driver.fetch(_HOURS, own.id):
        hours.setdefault(valid_from, []).append(Span(opens, closes))
    return WorkCalendar.of(ZoneInfo(own.time_zone), days=days, hours=hours)
