"""Let what is shared with an office wait for its new posts: work lies in its case's tenant, where they are not."""

from alembic import op

from deploy.migrations.walls import GATEWAY

revision = "0027"
down_revision = "0026"

# Only for posts of the tenant entered, and of the cases that are shared with it now.
_FUNCTION = """
create function app.let_shared_work_wait(post uuid, handling uuid[], coordinating uuid[]) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    insert into public.work_items (tenant_id, id, account_id, post_tenant_id, position_id, case_id, reason, number,
        title, status, due_at, due_order, made_at)
    select c.tenant_id, gen_random_uuid(), p.account_id, p.tenant_id, p.id, c.id, 'TO_HANDLE', c.number, s.title,
        c.status, c.due_at, coalesce(c.due_at, '9999-01-01 00:00:00+00'), now()
    from public.positions p
    join public.case_shares s on s.receiver_tenant_id = p.tenant_id and s.ended_at is null
    join public.bodies receiver on receiver.id = s.receiver_body_id
        and (receiver.id = p.body_id or receiver.represents_tenant_id = p.tenant_id)
    join public.cases c on c.tenant_id = s.tenant_id and c.id = s.case_id
    where p.tenant_id = app.tenant() and p.id = post and p.account_id is not null
        and (
            receiver.id = any(handling) and receiver.id = c.accountable_body_id
                and c.status in ('DISPATCHED', 'HANDLING')
            or receiver.id = any(coordinating) and receiver.id = c.coordinator_body_id and c.status = 'ACCEPTED'
        )
    on conflict do nothing
$$
"""


def upgrade() -> None:
    """Make the function."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(_FUNCTION)
    op.execute("revoke all on function app.let_shared_work_wait(uuid, uuid[], uuid[]) from public")
    op.execute(f"grant execute on function app.let_shared_work_wait(uuid, uuid[], uuid[]) to {GATEWAY}")


def downgrade() -> None:
    """Drop it."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("drop function app.let_shared_work_wait(uuid, uuid[], uuid[])")
