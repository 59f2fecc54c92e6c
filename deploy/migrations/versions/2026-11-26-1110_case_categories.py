"""Give every tenant its categories of cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import office_wall, tenant_wall

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the two tables."""
    op.execute("set local lock_timeout = '3s'")
    _category_books()
    _case_categories()
    tenant_wall("category_books", gateway="select, insert, update")
    office_wall("case_categories", gateway="select, insert, update")


def downgrade() -> None:
    """Forget the categories."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("case_categories")
    op.drop_table("category_books")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _category_books() -> None:
    op.create_table(
        "category_books",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_category_books_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_category_books")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_category_books_tenant_id")),
    )


def _case_categories() -> None:
    op.create_table(
        "case_categories",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("is_leaf", sa.Boolean(), nullable=False),
        sa.Column("is_photo_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("limit_amount", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.Text(), nullable=True),
        sa.Column("referral_name", sa.Text(), nullable=True),
        sa.Column("referral_phone", sa.Text(), nullable=True),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("limit_unit in ('HOUR', 'DAY')", name=op.f("ck_case_categories_limit_unit")),
        sa.CheckConstraint("limit_amount > 0", name=op.f("ck_case_categories_limit_amount")),
        sa.CheckConstraint("not is_leaf or limit_amount is not null", name=op.f("ck_case_categories_leaf_limit")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["case_categories.tenant_id", "case_categories.id"],
            name=op.f("fk_case_categories_tenant_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_categories_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_categories")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_case_categories_tenant_id_code")),
    )
    op.create_index("ix_case_categories_sort_key", "case_categories", ["tenant_id", "sort_key", "id"], unique=False)
