"""Raise the acting tenant's grants version and no other's, whoever else its accounts work for."""

from alembic import op

revision = "0014"
down_revision = "0013"

GATEWAY = "jinlin_gateway"

_BUMP = """
create function app.bump_grants_version() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if app.tenant() is null then
        raise exception 'not inside a tenant' using errcode = 'JL004';
    end if;
    update public.tenants set grants_version = grants_version + 1 where id = app.tenant();
end
$$
"""
_BUMP_ALL = """
create function app.bump_grants_version(account uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    changed integer[];
begin
    if app.tenant() is null then
        raise exception 'not inside a tenant' using errcode = 'JL004';
    end if;
    select array_agg(t.id) into changed from (
        select id from public.tenants
        where id = app.tenant()
            or id in (select m.tenant_id from public.memberships m where m.account_id = account)
        order by id for no key update
    ) t;
    update public.tenants set grants_version = grants_version + 1 where id = any (changed);
end
$$
"""


def upgrade() -> None:
    """Put one function in the other's place."""
    op.execute("set local lock_timeout = '3s'")
    _replace("app.bump_grants_version(uuid)", by="app.bump_grants_version()", statement=_BUMP)


def downgrade() -> None:
    """Put the former function back."""
    op.execute("set local lock_timeout = '3s'")
    _replace("app.bump_grants_version()", by="app.bump_grants_version(uuid)", statement=_BUMP_ALL)


def _replace(function: str, *, by: str, statement: str) -> None:
    op.execute(f"drop function {function}")
    op.execute(statement)
    op.execute(f"revoke all on function {by} from public")
    op.execute(f"grant execute on function {by} to {GATEWAY}")
