"""Let tenants move to another office: since when they lay where, and sums by the tree of then and by that of today.

For districts there are sums by day of each category, source and body, too; `jinlin migrate` adds those of before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.moving import forget_left_offices, let_counts_move, let_counts_stay, remember_left_offices
from deploy.migrations.walls import tenant_wall

revision = "0044"
down_revision = "0043"

_COUNTERS = (
    "reported",
    "accepted",
    "dispatched",
    "handled_on_spot",
    "due_to_close",
    "closed_of_due",
    "closed_on_time",
    "closed",
    "reworked",
    "extended",
    "whistled",
    "called_back",
    "contacted",
    "solved",
    "satisfied",
)


def upgrade() -> None:
    """Make the table of moves, and let the counts of cases move."""
    op.execute("set local lock_timeout = '3s'")
    name = "tenant_moves"
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column(
            "moved_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("from_street_id", sa.Integer(), nullable=True),
        sa.Column("from_district_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
    )
    op.create_index("ix_tenant_moves_moved_on", name, ["tenant_id", "moved_on", "moved_at"])
    # Written by the owner.
    tenant_wall(name, gateway="select")
    none = sa.text("'{}'::integer[]")
    op.add_column(
        "tenants", sa.Column("left_offices", postgresql.ARRAY(sa.Integer()), server_default=none, nullable=False)
    )
    remember_left_offices()
    let_counts_move("case", _COUNTERS)


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    let_counts_stay("case", _COUNTERS)
    forget_left_offices()
    op.drop_column("tenants", "left_offices")
    op.drop_table("tenant_moves")
