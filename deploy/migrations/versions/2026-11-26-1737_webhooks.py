"""Send what happens in a tenant to other systems: endpoints, and what waits to be delivered to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import WORKER, tenant_wall

revision = "0037"
down_revision = "0036"

_WAITS = "delivered_at is null and given_up_at is null"
# All that an attempt changes of a message.
_SETTLED = "attempts, next_at, delivered_at, given_up_at, fault"


def upgrade() -> None:
    """Make the two tables; the worker queues, delivers and forgets."""
    op.execute("set local lock_timeout = '3s'")
    _webhooks()
    _webhook_deliveries()
    tenant_wall("webhooks", gateway="select, insert, update")
    tenant_wall("webhook_deliveries", gateway="select")
    op.execute(f"create policy worker_select on webhooks for select to {WORKER} using (true)")
    op.execute(f"grant select on webhooks to {WORKER}")
    for command, condition in (
        ("select", "using (true)"),
        ("insert", "with check (true)"),
        ("update", "using (true) with check (true)"),
        ("delete", "using (true)"),
    ):
        op.execute(f"create policy worker_{command} on webhook_deliveries for {command} to {WORKER} {condition}")
    op.execute(f"grant select, insert, update ({_SETTLED}), delete on webhook_deliveries to {WORKER}")


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
        sa.Column("removed_at", _instant(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_webhooks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhooks")),
    )
    op.create_index(
        "ix_webhooks_tenant",
        "webhooks",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("removed_at is null"),
    )


def _webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", _instant(), nullable=False),
        sa.Column("delivered_at", _instant(), nullable=True),
        sa.Column("given_up_at", _instant(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "webhook_id"],
            ["webhooks.tenant_id", "webhooks.id"],
            name=op.f("fk_webhook_deliveries_tenant_id_webhook_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_webhook_deliveries_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("ix_webhook_deliveries_at", "webhook_deliveries", ["at"], unique=False)
    op.create_index(
        "ix_webhook_deliveries_waiting",
        "webhook_deliveries",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text(_WAITS),
    )
    op.create_index(
        "ix_webhook_deliveries_webhook",
        "webhook_deliveries",
        ["tenant_id", "webhook_id", "at", "id"],
        unique=False,
    )
