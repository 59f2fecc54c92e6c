"""Make room for the keys by which a call that comes twice is known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import GATEWAY, WORKER, tenant_wall

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table; an account sees its own keys alone, and the worker deletes those that are old."""
    op.execute("set local lock_timeout = '3s'")
    _idempotency_keys()
    tenant_wall("idempotency_keys", gateway="select, insert, update")
    mine = "account_id = app.account()"
    op.execute(
        f"create policy account on idempotency_keys as restrictive for all to {GATEWAY}"
        f" using ({mine}) with check ({mine})"
    )
    op.execute(f"create policy worker_select on idempotency_keys for select to {WORKER} using (true)")
    op.execute(f"create policy worker_delete on idempotency_keys for delete to {WORKER} using (true)")
    op.execute(f"grant select, delete on idempotency_keys to {WORKER}")


def downgrade() -> None:
    """Drop the keys; a call that comes twice is then done twice."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("idempotency_keys")


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("mutation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=True),
        sa.Column("row_type", sa.Text(), nullable=True),
        sa.Column("row_tenant_id", sa.Integer(), nullable=True),
        sa.Column("refusal_code", sa.Text(), nullable=True),
        sa.Column("refusal_field", sa.Text(), nullable=True),
        sa.Column("refusal_zh", sa.Text(), nullable=True),
        sa.Column("refusal_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_idempotency_keys_account_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_idempotency_keys_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint(
            "tenant_id",
            "account_id",
            "mutation",
            "key",
            name=op.f("uq_idempotency_keys_tenant_id_account_id_mutation_key"),
        ),
    )
    op.create_index("ix_idempotency_keys_made_at", "idempotency_keys", ["made_at"], unique=False)
