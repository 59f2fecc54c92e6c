"""How does a database get a million cases in a minute or two? It makes them itself, without a history."""

from __future__ import annotations

import sys
import time

import asyncpg

# Spread evenly over a year and over the communities, in turn; all but the last fiftieth are closed.
_MAKE = """
    create temp table made as
    with community as materialized (
        select t.id as tenant_id, t.street_id, t.district_id, own.id as body_id,
            row_number() over (order by t.id) - 1 as turn, count(*) over () as turns,
            (select array_agg(c.id order by c.sort_key) from case_categories c
             where c.tenant_id = t.id and c.is_leaf and c.referral_phone is null) as categories,
            (select array_agg(p.id order by p.sort_key) from places p
             where p.tenant_id = t.id and p.kind = 'building') as buildings,
            (select p.account_id from positions p
             where p.tenant_id = t.id and p.kind_code = 'worker' and p.account_id is not null) as account_id
        from tenants t join bodies own on own.represents_tenant_id = t.id where t.kind = 'community'
    ),
    spread as (
        select n, c.*, n >= $1::int - $1::int / 50 as is_open,
            date_trunc('milliseconds', now() - interval '365 days' + n * (interval '364 days' / $1::int))
                as reported_at,
            c.buildings[1 + n / c.turns % cardinality(c.buildings)] as building_id,
            c.categories[1 + n % cardinality(c.categories)] as category_id
        from generate_series(0, $1::int - 1) n join community c on c.turn = n % c.turns
    )
    select s.tenant_id, s.street_id, s.district_id, s.body_id, s.account_id, s.is_open, s.reported_at, s.building_id,
        s.category_id, p.grid_id, p.estate_id, p.address,
        (lpad(to_hex((extract(epoch from s.reported_at) * 1000)::bigint), 12, '0') || '7'
            || lpad(to_hex(n % 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid as id,
        to_char(s.reported_at at time zone 'Asia/Shanghai', 'YYYYMMDD') || '-' || lpad(
            row_number() over (
                partition by s.tenant_id, (s.reported_at at time zone 'Asia/Shanghai')::date order by n
            )::text, 4, '0') as number
    from spread s join places p on p.tenant_id = s.tenant_id and p.id = s.building_id
"""
_INDEX = """
    insert into cases (tenant_id, id, street_id, district_id, number, kind, source, category_id, status, grid_id,
        coordinator_body_id, accountable_body_id, reported_at, due_at, closed_at, needs_call_back)
    select tenant_id, id, street_id, district_id, number, 'HELP', 'PATROL', category_id,
        case when is_open then 'REPORTED' else 'CLOSED' end, grid_id, body_id, body_id, reported_at,
        reported_at + interval '5 days', case when not is_open then reported_at + interval '3 days' end, false
    from made order by tenant_id, reported_at
"""
_DETAILS = """
    insert into case_details (tenant_id, id, title, description, reported_at, place_id, building_id, estate_id,
        place_text, reporter_account_id)
    select tenant_id, id, '楼道灯不亮', address || '楼道灯坏了，老人上下楼不安全。', reported_at, building_id,
        building_id, estate_id, address, account_id
    from made order by tenant_id, reported_at
"""
_DAYS = """
    insert into case_days (tenant_id, id, day, last_number)
    select tenant_id, gen_random_uuid(), (reported_at at time zone 'Asia/Shanghai')::date, count(*)
    from made group by 1, 3
"""


async def add_bare_cases(owner_url: str, *, count: int) -> None:
    """Add so many cases to the communities of a database, and tell how long it took."""
    begin = time.monotonic()
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            # A statement that makes something takes no values to bind.
            await connection.execute(_MAKE.replace("$1::int", str(int(count))))
            for statement in (_INDEX, _DETAILS, _DAYS):
                await connection.execute(statement)
        await connection.execute("vacuum (analyze) cases, case_details, case_days")
    finally:
        await connection.close()
    sys.stderr.write(f"Added {count:,} cases in {time.monotonic() - begin:.0f} s\n")
