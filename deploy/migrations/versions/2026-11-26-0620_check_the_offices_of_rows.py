"""Let rows be written under the tenant's own offices alone: a wrong number would show a row to strangers."""

from alembic import op

from deploy.migrations.walls import OFFICE_CHECK

revision = "0012"
down_revision = "0011"

_TABLES = ("places", "grid_buildings", "property_contracts", "position_kinds", "positions")

# One setting for both: entering is on the way of every request. "2 1" is street 2 in district 1; either can be missing.
_STREET = """
create function app.street() returns integer language sql stable parallel safe
as $$ select nullif(split_part(current_setting('app.offices', true), ' ', 1), '')::integer $$
"""
_DISTRICT = """
create function app.district() returns integer language sql stable parallel safe
as $$ select nullif(split_part(current_setting('app.offices', true), ' ', 2), '')::integer $$
"""
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
        select t.status, t.time_zone, t.grants_version{read} into entered
        from public.tenants t where t.id = tenant;
        if not found or entered.status = 'closed' then
            raise exception 'no such tenant' using errcode = 'JL002';
        end if;
        if entered.grants_version is distinct from version then
            raise exception 'grants are stale' using errcode = 'JL001';
        end if;
        execute format('set local app.tenant = %L', tenant);{keep}
        execute format('set local timezone = %L', entered.time_zone);
        if entered.status = 'suspended' then
            set local transaction_read_only = on;
        end if;
    end if;
    execute format('set local app.account = %L', account);
end
$$
"""
_READ_OFFICES = ", concat(t.street_id, ' ', t.district_id) as offices"
_KEEP_OFFICES = "\n        execute format('set local app.offices = %L', entered.offices);"
_STRAYS = """
select count(*) from {table} r join tenants t on t.id = r.tenant_id
where r.street_id is distinct from t.street_id or r.district_id is distinct from t.district_id
"""


def upgrade() -> None:
    """Keep the offices on entering, and check them on writing.

    Raises RuntimeError for rows that bear other offices than their tenant: somebody has to look why.
    """
    op.execute("set local lock_timeout = '3s'")
    for table in _TABLES:
        _check_there_are_no_strays(table)
    op.execute(_STREET)
    op.execute(_DISTRICT)
    op.execute(_ENTER.format(read=_READ_OFFICES, keep=_KEEP_OFFICES))
    for table in _TABLES:
        op.execute(f"alter policy tenant on {table} with check ({OFFICE_CHECK})")


def downgrade() -> None:
    """Believe what the gateway writes."""
    op.execute("set local lock_timeout = '3s'")
    for table in _TABLES:
        op.execute(f"alter policy tenant on {table} with check (tenant_id = app.tenant())")
    op.execute(_ENTER.format(read="", keep=""))
    op.execute("drop function app.district()")
    op.execute("drop function app.street()")


def _check_there_are_no_strays(table: str) -> None:
    count = op.get_bind().exec_driver_sql(_STRAYS.format(table=table)).scalar_one()
    if count:
        message = f"{count} rows of {table} bear other offices than their tenant"
        raise RuntimeError(message)
