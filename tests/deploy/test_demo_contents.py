"""Is in the demo what it promises: real structure, invented people, an account for each post?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.databases import Databases
from deploy.demo.casework import caseloads
from deploy.demo.contents import COMMUNITIES
from deploy.demo.create import create_demo
from deploy.demo.making import SEED
from deploy.demo.registers import take_in_roster
from deploy.demo.tokens import ISSUER
from deploy.settings import sqlalchemy_url
from deploy.simulate.case_rows import CaseRow
from deploy.simulate.case_scene import look_at
from deploy.simulate.case_year import Calendar
from deploy.simulate.cases import Caseload, invent
from deploy.simulate.rows import bulk_transaction
from services.cases.rules import MOVES
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import LocalKeyService
from tests.fixtures.database import Database

IS_OPEN = "c.status not in ('CLOSED', 'EXCLUDED', 'MERGED')"
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


async def test_the_same_seeds_give_the_same_cases(owner: AsyncEngine) -> None:
    stored = "select {} from cases where tenant_id = {} order by id"
    (today,) = (await rows(owner, "select (max(made_at) at time zone 'Asia/Shanghai')::date from work_items"))[0]
    tenants = await rows(owner, "select id, slug from tenants where slug in ('guanyuan', 'kaiyuan', 'gudong')")

    for tenant_id, slug in tenants:
        (load,) = [one for one in await _caseloads(owner) if one.slug == slug]
        async with bulk_transaction(owner) as bulk:
            scene = await look_at(bulk.driver, tenant_id=tenant_id)
        again = invent(scene, load, calendar=Calendar(today), issuer=ISSUER, seed=SEED)
        columns = ", ".join(CaseRow._fields)
        assert await rows(owner, stored.format(columns, tenant_id)) == [tuple(row) for row in again.cases]


async def _caseloads(owner: AsyncEngine) -> list[Caseload]:
    found = await rows(owner, "select slug, id from tenants")
    return caseloads(dict(found))


async def test_has_a_year_of_cases_in_each_community(owner: AsyncEngine) -> None:
    counted = await rows(
        owner,
        f"""select t.slug, count(*), count(*) filter (where {IS_OPEN}),
                   count(*) filter (where {IS_OPEN} and due_at < now()),
                   max(c.reported_at) < now(), min(c.reported_at) > now() - interval '14 months'
            from cases c join tenants t on t.id = c.tenant_id where t.kind = 'community' group by t.slug""",
    )

    assert {slug for slug, *_ in counted} == {*FULL, *SMALL}
    for slug, count, open_count, overdue_count, *are_in_time in counted:
        low, high, still_open = (400, 700, 24) if slug in FULL else (60, 130, 8)
        assert low <= count <= high
        assert open_count >= still_open
        assert 0 < overdue_count < open_count
        assert all(are_in_time)
    assert await rows(owner, "select count(*) > 0 from case_shares where reason = 'HANDED_UP'") == [(True,)]


async def test_every_open_case_is_answered_for_and_waits_for_whoever_is_next(owner: AsyncEngine) -> None:
    lost = await rows(
        owner,
        f"""select c.number from cases c left join bodies b on b.id = c.accountable_body_id
            where {IS_OPEN} and (b.id is null or c.due_at is null)
            or not {IS_OPEN} and exists (
                select from work_items w where (w.tenant_id, w.case_id) = (c.tenant_id, c.id)
            )""",
    )
    assert lost == []
    # Whoever a case is shared with in force is one to whom it is handed.
    assert (
        await rows(
            owner,
            f"""select s.id from case_shares s join cases c on (c.tenant_id, c.id) = (s.tenant_id, s.case_id)
            where s.ended_at is null and (not {IS_OPEN}
                or c.status <> 'RESOLVED'
                and s.receiver_body_id not in (c.accountable_body_id, c.coordinator_body_id))""",
        )
        == []
    )
    waiting = dict(await rows(owner, "select reason, count(distinct account_id) from work_items group by reason"))
    assert set(waiting) == {"TO_ACCEPT", "TO_HANDLE", "TO_CALL_BACK"}
    assert waiting["TO_HANDLE"] > 15


async def test_watches_every_open_case(owner: AsyncEngine) -> None:
    unwatched = await rows(
        owner,
        """select c.number from cases c where c.status not in ('CLOSED', 'EXCLUDED', 'MERGED') and not exists (
               select from case_marks m where (m.tenant_id, m.case_id, m.due_at) = (c.tenant_id, c.id, c.due_at)
                   and m.mark = 'RED' and m.fired_at is null)""",
    )

    assert unwatched == []
    assert (await rows(owner, "select count(*) > 0 from case_marks"))[0] == (True,)


async def test_steps_lead_to_where_each_case_stands(owner: AsyncEngine) -> None:
    ends_elsewhere = await rows(
        owner,
        """select c.number from cases c join lateral (
               select * from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id
               order by s.ordinal desc limit 1
           ) s on true
           where (s.to_status, s.coordinator_body_id, s.accountable_body_id, s.due_at, s.rework_count)
               <> (c.status, c.coordinator_body_id, c.accountable_body_id, c.due_at, c.rework_count)
           or s.accountable_position_id is distinct from c.accountable_position_id
           or c.status = 'CLOSED' and c.closed_at <> s.at""",
    )
    assert ends_elsewhere == []
    taken = await rows(
        owner,
        """select s.case_id, s.ordinal, s.action, s.from_status, s.to_status, s.at, t.account_id, t.is_handling
           from case_steps s join case_step_texts t on (t.tenant_id, t.id) = (s.tenant_id, s.id)
           order by s.tenant_id, s.case_id, s.ordinal""",
    )
    for _, steps in groupby(taken, key=itemgetter(0)):
        _check_way(list(steps))


def _check_way(steps: list[tuple[Any, ...]]) -> None:
    """Check that the rules allow these steps, one after the other."""
    status, before, handlers = None, None, set()
    for number, (_, ordinal, action, from_status, to_status, at, account_id, is_handling) in enumerate(steps, start=1):
        assert (ordinal, from_status) == (number, status)
        assert before is None or at > before
        if number == 1 or action == "HANDLE_ON_SPOT":
            assert action == ("REPORT" if number == 1 else "HANDLE_ON_SPOT")
        else:
            assert from_status in MOVES[action].from_statuses
            assert not (MOVES[action].by_others and account_id in handlers)
        handlers |= {account_id} if is_handling else set()
        status, before = to_status, at


async def test_numbers_of_a_day_have_no_gaps(owner: AsyncEngine) -> None:
    wrong = await rows(
        owner,
        """select tenant_id, day from (
               select c.tenant_id, (c.reported_at at time zone t.time_zone)::date as day, count(*) as count,
                   array_agg(c.number order by c.id) = array_agg(c.number order by c.number)
                   and array_agg(c.reported_at order by c.number) = array_agg(c.reported_at order by c.reported_at)
                   as is_in_order,
                   min(c.number) as first, max(c.number) as last
               from cases c join tenants t on t.id = c.tenant_id group by c.tenant_id, day
           ) found full join case_days d using (tenant_id, day)
           where d.last_number is distinct from found.count or not is_in_order
           or first <> to_char(day, 'YYYYMMDD') || '-0001'
           or last <> to_char(day, 'YYYYMMDD') || '-' || lpad(found.count::text, 4, '0')""",
    )

    assert wrong == []
