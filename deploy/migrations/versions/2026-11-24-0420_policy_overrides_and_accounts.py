"""Let tenants override starting grants, find accounts at sign-in, and have changed grants loaded anew."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.walls import GATEWAY, tenant_wall

revision = "0004"
down_revision = "0003"

# The gateway sees an account only after entering as that account, and enters by the account's id.
_FIND_ACCOUNT = """
create function app.find_account(new_id uuid, of_issuer text, of_subject text, shown_as text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    found_id uuid;
begin
    select a.id into found_id from public.accounts a
    where a.issuer = of_issuer and a.subject = of_subject
        and (shown_as is null or a.display_name = shown_as);
    if found_id is null then
        insert into public.accounts as a (id, issuer, subject, display_name)
        values (new_id, of_issuer, of_subject, coalesce(shown_as, of_subject))
        on conflict (issuer, subject) do update set display_name = coalesce(shown_as, a.display_name)
        returning a.id into found_id;
    end if;
    return found_id;
end
$$
"""

# Rows are locked in the order of their ids, so that two changes of shared accounts never wait for each other.
_BUMP = """
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
    """Make the table with its wall, and the two functions that reach past the gateway's own privileges."""
    op.execute("set local lock_timeout = '3s'")
    op.create_table(
        "policy_overrides",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.CheckConstraint("effect in ('allow', 'deny')", name=op.f("ck_policy_overrides_effect")),
        sa.CheckConstraint("rows in ('own', 'place', 'all', '*')", name=op.f("ck_policy_overrides_rows")),
        sa.CheckConstraint(
            "effect = 'deny' or (rows <> '*' and condition <> '*')", name=op.f("ck_policy_overrides_definite")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "kind_code"],
            ["position_kinds.tenant_id", "position_kinds.code"],
            name=op.f("fk_policy_overrides_tenant_id_kind_code"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_policy_overrides_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_policy_overrides")),
        sa.UniqueConstraint(
            "tenant_id",
            "kind_code",
            "permission",
            "rows",
            "condition",
            name=op.f("uq_policy_overrides_tenant_id_kind_code_permission_rows_condition"),
        ),
    )
    tenant_wall("policy_overrides", gateway="select, insert, update, delete")
    for function, statement in (
        ("app.find_account(uuid, text, text, text)", _FIND_ACCOUNT),
        ("app.bump_grants_version(uuid)", _BUMP),
    ):
        op.execute(statement)
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to {GATEWAY}")


def downgrade() -> None:
    """Forget what tenants changed."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("drop function app.bump_grants_version(uuid)")
    op.execute("drop function app.find_account(uuid, text, text, text)")
    op.drop_table("policy_overrides")
