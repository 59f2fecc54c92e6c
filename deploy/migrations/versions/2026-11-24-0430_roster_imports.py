"""Make the tables of roster imports: what each changed, and what was wrong."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import tenant_wall

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make three tables that the acting tenant alone reads and adds to."""
    op.execute("set local lock_timeout = '3s'")
    _roster_imports()
    _roster_counts()
    _roster_problems()
    for table in ("roster_imports", "roster_counts", "roster_problems"):
        tenant_wall(table, gateway="select, insert")


def downgrade() -> None:
    """Forget the imports; what they brought in stays."""
    op.execute("set local lock_timeout = '3s'")
    for table in ("roster_problems", "roster_counts", "roster_imports"):
        op.drop_table(table)


def _constraints(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )


def _of_import(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "import_id"],
        ["roster_imports.tenant_id", "roster_imports.id"],
        name=op.f(f"fk_{table}_tenant_id_import_id"),
    )


def _roster_imports() -> None:
    op.create_table(
        "roster_imports",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("bad_row_count", sa.Integer(), nullable=False),
        sa.Column("problem_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("status in ('DONE', 'CHECKED', 'REFUSED')", name=op.f("ck_roster_imports_status")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_roster_imports_account_id")),
        *_constraints("roster_imports"),
    )
    op.create_index("ix_roster_imports_at", "roster_imports", ["tenant_id", "at", "id"], unique=False)


def _roster_counts() -> None:
    op.create_table(
        "roster_counts",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("estates", sa.Integer(), nullable=False),
        sa.Column("grids", sa.Integer(), nullable=False),
        sa.Column("buildings", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("dwellings", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("positions", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome in ('created', 'changed', 'unchanged')", name=op.f("ck_roster_counts_outcome")),
        _of_import("roster_counts"),
        sa.UniqueConstraint(
            "tenant_id", "import_id", "outcome", name=op.f("uq_roster_counts_tenant_id_import_id_outcome")
        ),
        *_constraints("roster_counts"),
    )


def _roster_problems() -> None:
    op.create_table(
        "roster_problems",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_letter", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.CheckConstraint("severity in ('ERROR', 'WARNING')", name=op.f("ck_roster_problems_severity")),
        _of_import("roster_problems"),
        *_constraints("roster_problems"),
    )
    op.create_index(
        "ix_roster_problems_import",
        "roster_problems",
        ["tenant_id", "import_id", "ordinal", "id"],
        unique=False,
    )
