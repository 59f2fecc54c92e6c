"""Is in the demo what it promises: real structure, invented people, an account for each post?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.databases import Databases
from deploy.demo.contents import COMMUNITIES
from deploy.demo.create import create_demo
from deploy.demo.registers import take_in_roster
from deploy.settings import sqlalchemy_url
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import LocalKeyService
from tests.fixtures.database import Database

KEYS = LocalKeyService([b"d" * 32])
FULL = ("qingcheng", "guanyuan", "xiyuan", "minzhucun", "jiezilu")
SMALL = ("zhongshan", "guanfengting", "kaiyuan", "shudou")
COMMUNITY_POSTS = (
    "party-secretary",
    "committee-chair",
    "worker",
    "grid-worker",
    "building-leader",
    "property-manager",
    "property-worker",
    "owners-chair",
    "resident",
    "admin",
    "auditor",
)


@pytest.fixture(scope="module")
async def demo(new_database: Callable[[], Awaitable[Database]]) -> Database:
    """The whole demo, made once for this file, which only reads it."""
    database = await new_database()
    databases = Databases(database.owner_url, database.gateway_url, database.worker_url, is_demo=True)
    await create_demo(databases, keys=KEYS, tell=lambda _: None)
    return database


@pytest.fixture(scope="module")
async def owner(demo: Database) -> AsyncIterator[AsyncEngine]:
    """Connections as the owner of the demo's database."""
    engine = create_async_engine(sqlalchemy_url(demo.owner_url))
    yield engine
    await engine.dispose()


async def rows(engine: AsyncEngine, sql: str) -> list[tuple[Any, ...]]:
    """Run a query."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def places_of(engine: AsyncEngine, slug: str) -> dict[str, int]:
    """Count a tenant's places by kind."""
    counted = f"""select p.kind, count(*) from places p join tenants t on t.id = p.tenant_id
                  where t.slug = '{slug}' group by p.kind"""
    return dict(await rows(engine, counted))


async def test_has_the_tenants_with_their_codes(owner: AsyncEngine) -> None:
    told = await rows(
        owner,
        """select t.slug, t.code, p.slug, d.name is not null or t.code is null
           from tenants t left join tenants p on p.id = t.parent_id
           left join divisions d on d.system = t.code_system and d.code = t.code""",
    )

    assert {(slug, code, parent) for slug, code, parent, _ in told} == {
        ("gulou", "350102", None),
        ("gudong", "350102001", "gulou"),
        ("qingcheng", "350102001002", "gudong"),
        ("zhongshan", "350102001001", "gudong"),
        ("guanfengting", "350102001004", "gudong"),
        ("kaiyuan", "350102001005", "gudong"),
        ("shudou", "350102001006", "gudong"),
        ("xiangcheng", "350602", None),
        ("xiangkou", "350602004", "xiangcheng"),
        ("guanyuan", "350602004013", "xiangkou"),
        ("lieshan", "340604", None),
        ("renlou", "340604004", "lieshan"),
        ("xiyuan", "340604004004", "renlou"),
        ("jiulongpo", "500107", None),
        ("xiejiawan", "500107003", "jiulongpo"),
        ("minzhucun", "500107003003", "xiejiawan"),
        ("xifeng", "621002", None),
        ("xueyuanlu", None, "xifeng"),
        ("jiezilu", None, "xueyuanlu"),
    }
    assert all(is_listed for *_, is_listed in told)


async def test_has_the_registers_of_the_two_workbooks(owner: AsyncEngine) -> None:
    qingcheng, jiezilu = await places_of(owner, "qingcheng"), await places_of(owner, "jiezilu")

    kinds = ("grid", "building", "unit", "dwelling")
    assert [qingcheng[kind] for kind in kinds] == [10, 77, 232, 3773]
    assert [jiezilu[kind] for kind in kinds] == [8, 47, 114, 2390]
    posts = dict(
        await rows(
            owner,
            """select p.kind_code, count(distinct p.person_id) from positions p join tenants t on t.id = p.tenant_id
               where t.slug = 'jiezilu' group by p.kind_code""",
        )
    )
    assert (posts["grid-leader"], posts["grid-worker"], posts["building-leader"]) == (1, 17, 47)


@pytest.mark.parametrize(("slug", "grid_count"), [("guanyuan", 4), ("xiyuan", 6), ("minzhucun", 6)])
async def test_builds_the_communities_without_a_workbook(owner: AsyncEngine, slug: str, grid_count: int) -> None:
    counts = await places_of(owner, slug)

    assert counts["grid"] == grid_count
    assert counts["dwelling"] > 1_000
    assert counts["site"] >= grid_count


async def test_counts_agree_with_what_is_there(owner: AsyncEngine) -> None:
    different = await rows(
        owner,
        """select t.slug from tenants t
           left join (select tenant_id, sum(unit_count) as units, sum(dwelling_count) as dwellings
                      from grid_buildings group by tenant_id) told on told.tenant_id = t.id
           left join (select tenant_id, count(*) filter (where kind = 'unit') as units,
                             count(*) filter (where kind = 'dwelling') as dwellings
                      from places group by tenant_id) found on found.tenant_id = t.id
           where (coalesce(told.units, 0), coalesce(told.dwellings, 0)) <> (found.units, found.dwellings)""",
    )

    assert different == []


async def test_has_an_account_for_each_post_and_each_signs_in_to_it(owner: AsyncEngine) -> None:
    told = await rows(
        owner,
        """select a.subject, t.slug, p.kind_code from accounts a
           join memberships m on m.account_id = a.id
           join tenants t on t.id = m.tenant_id
           join positions p on p.tenant_id = m.tenant_id and p.id = m.position_id and p.account_id = a.id
           where a.issuer = 'jinlin-demo'""",
    )

    expected = {(f"{post}@{slug}", slug, post) for slug in FULL for post in COMMUNITY_POSTS}
    expected |= {(f"worker@{slug}", slug, "worker") for slug in SMALL}
    expected |= {
        (f"grid-leader@{slug}", slug, "grid-leader") for slug in ("guanyuan", "xiyuan", "minzhucun", "jiezilu")
    }
    for district, street in (
        ("gulou", "gudong"),
        ("xiangcheng", "xiangkou"),
        ("lieshan", "renlou"),
        ("jiulongpo", "xiejiawan"),
        ("xifeng", "xueyuanlu"),
    ):
        of_district = ("officer", "analyst", "department-handler")
        expected |= {(f"{post}@{district}", district, post) for post in of_district}
        expected |= {(f"{post}@{street}", street, post) for post in ("party-secretary", "dispatcher")}
    expected |= {("manager@linhe", slug, "property-manager") for slug in ("qingcheng", "zhongshan")}
    assert set(told) == expected
    assert ("nobody@nowhere",) in await rows(owner, "select subject from accounts")


async def test_hangs_posts_on_places_and_bodies_of_their_kind(owner: AsyncEngine) -> None:
    wrong = await rows(
        owner,
        """select t.slug, p.kind_code, l.kind, b.kind from positions p
           join tenants t on t.id = p.tenant_id
           join places l on l.tenant_id = p.tenant_id and l.id = p.place_id
           join position_kinds k on k.tenant_id = p.tenant_id and k.code = p.kind_code
           left join bodies b on b.id = p.body_id
           where l.kind <> all (string_to_array(k.place_kinds, ','))
           or b.id is not null and b.kind <> all (string_to_array(k.body_kinds, ','))""",
    )

    assert wrong == []


async def test_serves_estates_by_contracts_in_force(owner: AsyncEngine) -> None:
    contracts = await rows(
        owner,
        """select t.slug, b.name, c.service from property_contracts c
           join tenants t on t.id = c.tenant_id join bodies b on b.id = c.body_id
           where c.since <= current_date and c.until is null""",
    )

    assert ("qingcheng", "邻和物业", "1元服务") in contracts
    assert ("zhongshan", "邻和物业", None) in contracts
    assert {slug for slug, *_ in contracts} == {*FULL, *SMALL}
    outside = await rows(
        owner,
        """select p.id from positions p where kind_code like 'property-%' and not exists (
               select from property_contracts c where c.tenant_id = p.tenant_id and c.body_id = p.body_id
               and c.estate_id = p.place_id)""",
    )
    assert outside == []


async def test_importing_a_workbook_once_more_changes_nothing(demo: Database, owner: AsyncEngine) -> None:
    gateway = create_async_engine(sqlalchemy_url(demo.gateway_url))
    before = await rows(owner, "select count(*), count(account_id) from positions")

    for community in COMMUNITIES:
        if community.roster:
            report = await take_in_roster(gateway, keyring=Keyring(KEYS), community=community, roster=community.roster)
            assert not any(report.created)
            assert not any(report.changed)
    await gateway.dispose()

    assert await rows(owner, "select count(*), count(account_id) from positions") == before
