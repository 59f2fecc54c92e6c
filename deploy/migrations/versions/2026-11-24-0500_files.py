"""Make room for uploaded files, sealed in chunks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import WORKER, tenant_wall

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the two tables; the worker sees files, not their content, and deletes both when they have expired."""
    op.execute("set local lock_timeout = '3s'")
    _files()
    _file_chunks()
    tenant_wall("files", gateway="select, insert, update, delete")
    tenant_wall("file_chunks", gateway="select, insert")
    op.execute(f"create policy worker_select on files for select to {WORKER} using (true)")
    op.execute(f"create policy worker_delete on files for delete to {WORKER} using (true)")
    op.execute(f"grant select, delete on files to {WORKER}")


def downgrade() -> None:
    """Drop the files and what is in them."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("file_chunks")
    op.drop_table("files")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", _instant(), nullable=False),
        sa.Column("expires_at", _instant(), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=True),
        sa.Column("chunk_count", sa.Integer(), nullable=True),
        sa.CheckConstraint("purpose in ('ROSTER')", name=op.f("ck_files_purpose")),
        sa.CheckConstraint("byte_count >= 0 and chunk_count > 0", name=op.f("ck_files_size")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "key_id"],
            ["data_keys.tenant_id", "data_keys.id"],
            name=op.f("fk_files_tenant_id_key_id"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_files_account_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_files_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_files")),
    )
    op.create_index("ix_files_account", "files", ["tenant_id", "account_id"], unique=False)
    op.create_index("ix_files_expires_at", "files", ["expires_at"], unique=False)


def _file_chunks() -> None:
    op.create_table(
        "file_chunks",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("ordinal >= 0", name=op.f("ck_file_chunks_ordinal")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["files.tenant_id", "files.id"],
            name=op.f("fk_file_chunks_tenant_id_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_file_chunks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", "ordinal", name=op.f("pk_file_chunks")),
    )
