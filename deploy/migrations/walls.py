"""How does a migration put row-level security around a table?

The policies are plain comparisons of a row with the transaction's settings (no sub-query, which a distributed
PostgreSQL refuses), and FORCEd, so that they bind the owner of the table too. The owner's own work (migrations, bulk
load, backup) goes through the policy `owner`.
"""

from alembic import op

OWNER = "jinlin_owner"
GATEWAY = "jinlin_gateway"
WORKER = "jinlin_worker"

_MINE = "tenant_id = app.tenant()"

_ENTER = """
create function app.enter(tenant integer, account uuid, version bigint) returns void
language plpgsql security definer as $$
declare
    entered record;
begin
    if coalesce(current_setting('app.tenant', true), '') <> ''
        or coalesce(current_setting('app.account', true), '') <> ''
    then
        raise exception 'a transaction enters once' using errcode = 'JL003';
    end if;
    if tenant is not null then
        select t.status, t.time_zone, t.grants_version into entered from public.tenants t where t.id = tenant;
        if not found or entered.status = 'closed' then
            raise exception 'no such tenant' using errcode = 'JL002';
        end if;
        if entered.grants_version is distinct from version then
            raise exception 'grants are stale' using errcode = 'JL001';
        end if;
        execute format('set local app.tenant = %L', tenant);
        execute format('set local timezone = %L', entered.time_zone);
        if entered.status = 'suspended' then
            set local transaction_read_only = on;
        end if;
    end if;
    execute format('set local app.account = %L', account);
end
$$
"""

_SETTINGS = (
    """create function app.tenant() returns integer language sql stable parallel safe
       as $$ select nullif(current_setting('app.tenant', true), '')::integer $$""",
    """create function app.account() returns uuid language sql stable parallel safe
       as $$ select nullif(current_setting('app.account', true), '')::uuid $$""",
    """create function app.is_inside() returns boolean language sql stable parallel safe
       as $$ select coalesce(current_setting('app.account', true), '') <> '' $$""",
)


def install_entrance() -> None:
    """Make the schema `app` of the first day: the way into a transaction, and the settings it leaves there.

    Revision 0012 replaces `app.enter`, which since then also keeps the offices above the tenant.
    """
    op.execute("create schema app")
    for statement in (*_SETTINGS, _ENTER):
        op.execute(statement)
    op.execute("revoke all on function app.enter(integer, uuid, bigint) from public")
    op.execute(f"grant usage on schema app to {GATEWAY}, {WORKER}")
    op.execute(f"grant execute on function app.enter(integer, uuid, bigint) to {GATEWAY}")


# Plain comparisons once more: a row bears the numbers of the offices above its own tenant and of no other.
OFFICE_CHECK = (
    "tenant_id = app.tenant() and street_id is not distinct from app.street()"
    " and district_id is not distinct from app.district()"
)


def _close(table: str, gateway: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy owner on {table} for all to {OWNER} using (true) with check (true)")
    if gateway:
        op.execute(f"grant {gateway} on {table} to {GATEWAY}")


def tenant_wall(table: str, *, gateway: str, check: str = _MINE) -> None:
    """Let the acting tenant alone see and write its rows, with the given privileges for the gateway."""
    _let_tenant(table, gateway=gateway, check=check)


def _let_tenant(table: str, *, gateway: str, check: str) -> None:
    _close(table, gateway)
    op.execute(f"create policy tenant on {table} for all to {GATEWAY} using ({_MINE}) with check ({check})")


def office_wall(table: str, *, gateway: str, check: str = OFFICE_CHECK) -> None:
    """Let the acting tenant see its rows and write them under its own offices, and these offices read them."""
    _let_tenant(table, gateway=gateway, check=check)
    above = "street_id = app.tenant() or district_id = app.tenant()"
    op.execute(f"create policy office on {table} for select to {GATEWAY} using ({above})")


def also_read(table: str, *, by: str, where: str) -> None:
    """Let whoever meets a plain comparison read rows of other tenants, too: the receiver of a share, an author."""
    op.execute(f"create policy {by} on {table} for select to {GATEWAY} using ({where})")


def shared_wall(table: str, *, read: str, gateway: str, write: str | None = None) -> None:
    """Let whoever meets `read` see a shared table's rows, and whoever meets `write` add and change them."""
    _close(table, gateway)
    op.execute(f"create policy reader on {table} for select to {GATEWAY} using ({read})")
    if write:
        op.execute(f"create policy writer on {table} for insert to {GATEWAY} with check ({write})")
        op.execute(f"create policy changer on {table} for update to {GATEWAY} using ({write}) with check ({write})")
