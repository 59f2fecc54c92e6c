"""Do the migrations give a database the shape that the tables declare?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import pytest

from deploy.migrate import list_differences, migrate, newest_revision
from tests.fixtures.database import Database


async def test_leaves_no_difference_to_the_declared_tables(database: Database) -> None:
    assert await list_differences(database.owner_url) == []


async def test_changes_nothing_the_second_time(new_database: Callable[[], Awaitable[Database]]) -> None:
    database = await new_database()

    outcome = await migrate(database.owner_url)

    assert outcome == (newest_revision(), newest_revision())


async def test_brings_a_filled_database_to_the_newest_shape_and_keeps_its_rows(
    new_empty_database: Callable[[], Awaitable[Database]],
) -> None:
    database = await new_empty_database()
    await migrate(database.owner_url, to="0001")
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(_ROWS_OF_THE_FIRST_DAY)

    before, after = await migrate(database.owner_url)

    rows = await owner.fetchrow(
        "select (select count(*) from places) as places, (select count(*) from positions) as positions,"
        " (select confirmed_on from divisions) as confirmed_on,"
        # Off the duty board a phone is not kept in plain text.
        " (select duty_phone from positions) as duty_phone"
    )
    await owner.close()
    assert (before, after) == ("0001", newest_revision())
    assert rows is not None
    assert tuple(rows) == (2, 1, date(2023, 6, 30), None)
    assert await list_differences(database.owner_url) == []


async def test_stops_at_rows_under_offices_that_are_not_their_tenants(
    new_empty_database: Callable[[], Awaitable[Database]],
) -> None:
    database = await new_empty_database()
    await migrate(database.owner_url, to="0001")
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(_ROWS_OF_THE_FIRST_DAY)
    await migrate(database.owner_url, to="0011")
    await owner.execute("update places set street_id = 1 where name = '2'")

    with pytest.raises(RuntimeError, match="1 rows of places bear other offices"):
        await migrate(database.owner_url)

    assert await owner.fetchval("select version_num from alembic_version") == "0011"
    await owner.close()


_ROWS_OF_THE_FIRST_DAY = """
    insert into divisions (id, system, code, level, name, valid_from)
        values (gen_random_uuid(), 'statistics', '350102', 'district', '鼓楼区', '2023-06-30');
    insert into tenants (id, uid, slug, name, kind, district_id, place_id, sort_key)
        values (1, gen_random_uuid(), 'gulou', '鼓楼区', 'district', 1, '00000000-0000-7000-8000-000000000001', '鼓');
    insert into places (tenant_id, id, district_id, kind, name, address, sort_key)
        select 1, ('00000000-0000-7000-8000-00000000000' || n)::uuid, 1, 'district', n, n, n
        from unnest(array['1', '2']) as n;
    insert into accounts (id, issuer, subject, display_name)
        values ('00000000-0000-7000-8000-000000000003', 'test', 'officer', 'officer');
    insert into people (tenant_id, id, name_sealed, name_masked, name_index)
        values (1, '00000000-0000-7000-8000-000000000004', '', '欧*', '');
    insert into position_kinds (tenant_id, id, district_id, code, name, name_en, grants_as, place_kinds, body_kinds)
        values (1, gen_random_uuid(), 1, 'officer', '专员', 'officer', 'officer', 'district', '');
    insert into positions
        (tenant_id, id, district_id, kind_code, person_id, account_id, place_id, since, public_name, duty_phone)
        values (1, gen_random_uuid(), 1, 'officer', '00000000-0000-7000-8000-000000000004',
            '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001', '2026-01-01', '欧',
            '13800000001');
"""
