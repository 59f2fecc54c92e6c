"""Make room for what a tenant sets beyond the work itself."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.walls import tenant_wall

revision = "0030"
down_revision = "0029"

_NAMES = (
    "'SPOT_CHECK_PERCENT', 'SUPERVISION_CARDS', 'POINTS_YELLOW', 'POINTS_RED', 'RANKINGS', 'ARRIVAL_POSITIONS', "
    "'COMPULSORY_PHOTOS'"
)


def upgrade() -> None:
    """Make the table and its wall."""
    op.execute("set local lock_timeout = '3s'")
    op.create_table(
        "tenant_settings",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint(f"name in ({_NAMES})", name=op.f("ck_tenant_settings_name")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_tenant_settings_value")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_settings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_settings")),
    )
    # In the order of lists, with the id behind the name.
    op.create_index("uq_tenant_settings_name", "tenant_settings", ["tenant_id", "name"], unique=True)
    op.create_index("ix_tenant_settings_name", "tenant_settings", ["tenant_id", "name", "id"], unique=False)
    tenant_wall("tenant_settings", gateway="select, insert, update")


def downgrade() -> None:
    """Drop it."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("tenant_settings")
