"""Make the tenants' wrapped data keys and the audit log with its chain."""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import WORKER, tenant_wall

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make four tenant tables: the gateway adds and reads, the worker chains, nobody changes an entry."""
    op.execute("set local lock_timeout = '3s'")
    _data_keys()
    _audit_entries()
    _audit_queue()
    _audit_links()
    tenant_wall("data_keys", gateway="select, insert")
    tenant_wall("audit_entries", gateway="select, insert")
    tenant_wall("audit_queue", gateway="insert")
    tenant_wall("audit_links", gateway="select")
    _let_worker("data_keys", "select", "insert")
    _let_worker("audit_entries", "select")
    _let_worker("audit_queue", "select", "delete")
    _let_worker("audit_links", "select", "insert")


def downgrade() -> None:
    """Drop the tables; sealed values cannot be opened any more."""
    op.execute("set local lock_timeout = '3s'")
    for table in ("audit_links", "audit_queue", "audit_entries", "data_keys"):
        op.drop_table(table)


def _let_worker(table: str, *privileges: str) -> None:
    for privilege in privileges:
        condition = "with check (true)" if privilege == "insert" else "using (true)"
        op.execute(f"create policy worker_{privilege} on {table} for {privilege} to {WORKER} {condition}")
        op.execute(f"grant {privilege} on {table} to {WORKER}")


def _key_columns() -> tuple[sa.Column[int], sa.Column[uuid.UUID]]:
    return (
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    )


def _constraints(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _data_keys() -> None:
    op.create_table(
        "data_keys",
        *_key_columns(),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _instant(), nullable=False),
        sa.Column("retired_at", _instant(), nullable=True),
        sa.CheckConstraint("algorithm in ('AES-256-GCM', 'SM4-GCM')", name=op.f("ck_data_keys_algorithm")),
        *_constraints("data_keys"),
    )
    op.create_index(
        "uq_data_keys_current",
        "data_keys",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("retired_at is null"),
    )


def _audit_entries() -> None:
    op.create_table(
        "audit_entries",
        *_key_columns(),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("position_name", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('DONE', 'REFUSED')", name=op.f("ck_audit_entries_outcome")),
        *_constraints("audit_entries"),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["tenant_id", "at", "id"], unique=False)


def _audit_queue() -> None:
    op.create_table("audit_queue", *_key_columns(), *_constraints("audit_queue"))


def _audit_links() -> None:
    op.create_table(
        "audit_links",
        *_key_columns(),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", _instant(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_audit_links_sequence")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["audit_entries.tenant_id", "audit_entries.id"],
            name=op.f("fk_audit_links_tenant_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "key_id"],
            ["data_keys.tenant_id", "data_keys.id"],
            name=op.f("fk_audit_links_tenant_id_key_id"),
        ),
        sa.UniqueConstraint("tenant_id", "sequence", name=op.f("uq_audit_links_tenant_id_sequence")),
        *_constraints("audit_links"),
    )
