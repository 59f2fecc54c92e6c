"""Keep what tenants aim at in the sums of their cases."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.walls import office_wall

revision = "0042"
down_revision = "0041"

_MEASURES = (
    "'REPORTED', 'ACCEPTED', 'DISPATCHED', 'HANDLED_ON_SPOT', 'DUE_TO_CLOSE', 'CLOSED_ON_TIME', 'CLOSED', 'REWORKED', "
    "'EXTENDED', 'WHISTLED', 'CALLED_BACK', 'CONTACTED', 'SOLVED', 'SATISFIED', 'OVERDUE', 'CLOSURE_RATE', "
    "'ON_TIME_RATE', 'CONTACT_RATE', 'SOLVED_RATE', 'SATISFIED_RATE'"
)


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '3s'")
    name = "case_targets"
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        *(sa.Column(text, sa.Text(), nullable=False) for text in ("measure", "bound")),
        sa.Column("value", sa.Double(), nullable=False),
        *(sa.Column(day, sa.Date(), nullable=False) for day in ("since", "until")),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint(f"measure in ({_MEASURES})", name=op.f(f"ck_{name}_measure")),
        sa.CheckConstraint("bound in ('AT_LEAST', 'AT_MOST')", name=op.f(f"ck_{name}_bound")),
        sa.CheckConstraint("value >= 0", name=op.f(f"ck_{name}_value")),
        sa.CheckConstraint("until >= since", name=op.f(f"ck_{name}_dates")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
    )
    op.create_index("ix_case_targets_since", name, ["tenant_id", "since", "id"])
    office_wall(name, gateway="select, insert, update")


def downgrade() -> None:
    """Drop it."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("case_targets")
