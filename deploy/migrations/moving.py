"""How does a migration let tenants move, so that what they counted stays where it was counted, and can be found anew?

What is here is as it was when the migrations that use it were written: a change of it is another function.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deploy.migrations.rollups import make_fold
from deploy.migrations.walls import OFFICE_CHECK, also_read

# "2 1 5 3" is street 2 in district 1, which has lain under 5 and 3 as well; either of the first two can be missing.
_ENTER = """
create or replace function app.enter(tenant integer, account uuid, version bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    entered record;
begin
    if coalesce(current_setting('app.tenant', true), '') <> ''
        or coalesce(current_setting('app.account', true), '') <> ''
    then
        raise exception 'a transaction enters once' using errcode = 'JL003';
    end if;
    if tenant is not null then
        select t.status, t.time_zone, t.grants_version, {offices} as offices into entered
        from public.tenants t where t.id = tenant;
        if not found or entered.status = 'closed' then
            raise exception 'no such tenant' using errcode = 'JL002';
        end if;
        if entered.grants_version is distinct from version then
            raise exception 'grants are stale' using errcode = 'JL001';
        end if;
        execute format('set local app.tenant = %L', tenant);
        execute format('set local app.offices = %L', entered.offices);
        execute format('set local timezone = %L', entered.time_zone);
        if entered.status = 'suspended' then
            set local transaction_read_only = on;
        end if;
    end if;
    execute format('set local app.account = %L', account);
end
$$
"""
_OFFICES = "concat(t.street_id, ' ', t.district_id)"
_WITH_LEFT = "concat(t.street_id, ' ', t.district_id, ' ', array_to_string(t.left_offices, ' '))"
_HAS_LEFT = """
create function app.has_left(office integer) returns boolean language sql stable parallel safe
as $$ select office is null
    or office::text = any((string_to_array(current_setting('app.offices', true), ' '))[3:]) $$
"""
# One at a time folds: sums of the same office are not to be waited for row by row. What is folded and what is not
# changes with the commit, so whoever reads counts everything once. By day there are sums of each member for
# districts alone: those of a community, or of a street, are nearly as many as its ledger's rows.
_FOLD = """
create or replace function app.fold_{name}_counts(most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    taken integer;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('{name}_counts', 0)) then
        return 0;
    end if;
    with chosen as materialized (
        select tenant_id, id from public.{name}_counts where not is_folded limit most
    ),
    folded as (
        update public.{name}_counts c set is_folded = true from chosen
        where c.tenant_id = chosen.tenant_id and c.id = chosen.id
        returning c.*
    ),
    spread as (
        select t.id as tenant_id, day.basis || whose.tree as basis, by.dimension, span.grain, span.starts_on, by.member,
            {sums}
        from folded f
        cross join lateral (
            select distinct one, '', 1 from unnest(array[f.tenant_id, f.street_id, f.district_id]) one
            union all
            select one.id, '_MOVED', one.sign
            from (values (f.now_street_id, 1), (f.street_id, -1), (f.now_district_id, 1), (f.district_id, -1))
                one (id, sign)
            where f.is_moved and one.id <> f.tenant_id
        ) whose (tenant_id, tree, sign)
        join public.tenants t on t.id = whose.tenant_id
        cross join lateral (values ('HAPPENED', f.happened_on), ('OPENED', f.opened_on)) day (basis, day)
        cross join lateral (
            values ('ALL', ''), ('GRID', f.grid_id::text), ('CATEGORY', f.category), ('SOURCE', f.source),
                ('BODY', f.body_id::text)
        ) by (dimension, member)
        cross join lateral (
            values ('MONTH', date_trunc('month', day.day)::date), ('DAY', day.day)
        ) span (grain, starts_on)
        where by.member is not null
            and (span.grain = 'MONTH' or (day.basis = 'HAPPENED' and (by.dimension = 'ALL' or t.kind = 'district')))
            and (by.dimension <> 'GRID' or (span.grain = 'MONTH' and t.id = f.tenant_id))
        group by 1, 2, 3, 4, 5, 6
    ),
    added as (
        insert into public.{name}_sums as s
            (tenant_id, id, street_id, district_id, basis, dimension, grain, starts_on, member, {counters})
        select p.tenant_id, gen_random_uuid(), t.street_id, t.district_id, p.basis, p.dimension, p.grain, p.starts_on,
            p.member, {spread}
        from spread p
        join public.tenants t on t.id = p.tenant_id
        on conflict (tenant_id, basis, dimension, grain, starts_on, member) do update set {adding}
    )
    select count(*) into taken from folded;
    return taken;
end
$$
"""
_CHECK = (
    "tenant_id = app.tenant() and not is_folded and ("
    "(not is_moved and street_id is not distinct from app.street() and district_id is not distinct from app.district())"
    " or (is_moved and now_street_id is not distinct from app.street()"
    " and now_district_id is not distinct from app.district()"
    " and app.has_left(street_id) and app.has_left(district_id)))"
)


def remember_left_offices() -> None:
    """Let whoever enters know which offices its tenant has left."""
    op.execute(_ENTER.format(offices=_WITH_LEFT))
    op.execute(_HAS_LEFT)


def forget_left_offices() -> None:
    """Let it know no longer."""
    op.execute("drop function app.has_left(integer)")
    op.execute(_ENTER.format(offices=_OFFICES))


def let_counts_move(name: str, counters: tuple[str, ...]) -> None:
    """Let a rollup's counts be under other offices today than when they were counted, and fold them by both trees.

    From then on there are sums by day of each member, too, for districts.
    """
    counts, sums = f"{name}_counts", f"{name}_sums"
    op.add_column(counts, sa.Column("is_moved", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for office in ("street", "district"):
        column = f"now_{office}_id"
        op.add_column(counts, sa.Column(column, sa.Integer(), nullable=True))
        op.create_index(
            f"ix_{counts}_now_{office}", counts, [column, "happened_on"], postgresql_where=sa.text("is_moved")
        )
    also_read(counts, by="office_today", where="now_street_id = app.tenant() or now_district_id = app.tenant()")
    op.execute(f"alter policy tenant on {counts} with check ({_CHECK})")
    _let_basis(sums, "'HAPPENED', 'OPENED', 'HAPPENED_MOVED', 'OPENED_MOVED'")
    fold = _FOLD.format(
        name=name,
        counters=", ".join(counters),
        sums=", ".join(f"sum(f.{one} * whose.sign) as {one}" for one in counters),
        spread=", ".join(f"p.{one}" for one in counters),
        adding=", ".join(f"{one} = s.{one} + excluded.{one}" for one in counters),
    )
    op.execute(fold)


def let_counts_stay(name: str, counters: tuple[str, ...]) -> None:
    """Drop it, and the sums that there are since then."""
    counts, sums = f"{name}_counts", f"{name}_sums"
    make_fold(name, counters)
    newer = "basis like '%_MOVED' or (grain = 'DAY' and dimension <> 'ALL')"
    op.execute(f"delete from {sums} where {newer}")  # noqa: S608 - words of this file.
    _let_basis(sums, "'HAPPENED', 'OPENED'")
    op.execute(f"alter policy tenant on {counts} with check ({OFFICE_CHECK})")
    op.execute(f"drop policy office_today on {counts}")
    for column in ("now_street_id", "now_district_id", "is_moved"):
        op.drop_column(counts, column)


def _let_basis(sums: str, values: str) -> None:
    op.drop_constraint(op.f(f"ck_{sums}_basis"), sums)
    op.create_check_constraint(op.f(f"ck_{sums}_basis"), sums, f"basis in ({values})")
