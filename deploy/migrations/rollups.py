"""How does a migration make what a feature is counted in? The ledger and the sums, their walls, and the folding.

What is here is as it was when the migrations that use it were written: a change of it is another function.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deploy.migrations.walls import WORKER, office_wall

# One at a time folds: sums of the same office are not to be waited for row by row. What is folded and what is not
# changes with the commit, so whoever reads counts everything once.
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
        select whose.tenant_id, day.basis, by.dimension, span.grain, span.starts_on, by.member, {sums}
        from folded f
        cross join lateral (
            select distinct one from unnest(array[f.tenant_id, f.street_id, f.district_id]) one where one is not null
        ) whose (tenant_id)
        cross join lateral (values ('HAPPENED', f.happened_on), ('OPENED', f.opened_on)) day (basis, day)
        cross join lateral (
            values ('ALL', ''), ('GRID', f.grid_id::text), ('CATEGORY', f.category), ('SOURCE', f.source),
                ('BODY', f.body_id::text)
        ) by (dimension, member)
        cross join lateral (
            values ('MONTH', date_trunc('month', day.day)::date), ('DAY', day.day)
        ) span (grain, starts_on)
        where by.member is not null
            and (span.grain = 'MONTH' or (by.dimension = 'ALL' and day.basis = 'HAPPENED'))
            and (by.dimension <> 'GRID' or whose.tenant_id = f.tenant_id)
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


def create_rollup(name: str, counters: tuple[str, ...]) -> None:
    """Make NAME_counts and NAME_sums, and app.fold_NAME_counts for the worker."""
    _counts(f"{name}_counts", counters)
    _sums(f"{name}_sums", counters)
    office_wall(f"{name}_counts", gateway="select, insert")
    # Folded by the worker's door alone.
    office_wall(f"{name}_sums", gateway="select")
    make_fold(name, counters)
    op.execute(f"revoke all on function app.fold_{name}_counts(integer) from public")
    op.execute(f"grant execute on function app.fold_{name}_counts(integer) to {WORKER}")


def make_fold(name: str, counters: tuple[str, ...]) -> None:
    """Make app.fold_NAME_counts, or as it was at first once more."""
    fold = _FOLD.format(
        name=name,
        counters=", ".join(counters),
        sums=", ".join(f"sum(f.{one}) as {one}" for one in counters),
        spread=", ".join(f"p.{one}" for one in counters),
        adding=", ".join(f"{one} = s.{one} + excluded.{one}" for one in counters),
    )
    op.execute(fold)


def drop_rollup(name: str) -> None:
    """Drop them."""
    op.execute(f"drop function app.fold_{name}_counts(integer)")
    op.drop_table(f"{name}_sums")
    op.drop_table(f"{name}_counts")


def _keys(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _counters(counters: tuple[str, ...]) -> list[sa.Column[int]]:
    return [sa.Column(one, sa.Integer(), server_default=sa.text("0"), nullable=False) for one in counters]


def _counts(table: str, counters: tuple[str, ...]) -> None:
    op.create_table(
        table,
        *_keys(table),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        *(sa.Column(f"{day}_on", sa.Date(), nullable=False) for day in ("happened", "recorded", "opened")),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("is_folded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_counters(counters),
    )
    op.create_index(f"ix_{table}_subject", table, ["tenant_id", "subject_id"])
    for whose in ("tenant", "street", "district"):
        for day in ("happened", "opened"):
            op.create_index(f"ix_{table}_{whose}_{day}", table, [f"{whose}_id", f"{day}_on"])
    for name, columns in (("tenant", ["tenant_id"]), ("offices", ["district_id", "street_id"])):
        op.create_index(f"ix_{table}_waiting_{name}", table, columns, postgresql_where=sa.text("not is_folded"))


def _sums(table: str, counters: tuple[str, ...]) -> None:
    one_of = {
        "basis": "basis in ('HAPPENED', 'OPENED')",
        "grain": "grain in ('MONTH', 'DAY')",
        "dimension": "dimension in ('ALL', 'GRID', 'CATEGORY', 'SOURCE', 'BODY')",
    }
    op.create_table(
        table,
        *_keys(table),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(collation="C"), nullable=False),
        *_counters(counters),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in one_of.items()),
        sa.UniqueConstraint("tenant_id", "basis", "dimension", "grain", "starts_on", "member", name=f"uq_{table}_of"),
    )
