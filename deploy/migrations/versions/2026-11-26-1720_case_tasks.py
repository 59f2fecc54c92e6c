"""Let parts of cases be given to several."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import office_wall

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make the table and its walls, and let shares be given for a part."""
    op.execute("set local lock_timeout = '3s'")
    op.create_table("case_tasks", *_columns(), *_constraints())
    op.create_index("ix_case_tasks_case", "case_tasks", ["tenant_id", "case_id", "assigned_at", "id"], unique=False)
    office_wall("case_tasks", gateway="select, insert, update")
    _reasons("'DISPATCHED', 'HANDED_UP', 'TASKED'")


def downgrade() -> None:
    """Drop it, and the shares that it gave."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("delete from case_shares where reason = 'TASKED'")
    _reasons("'DISPATCHED', 'HANDED_UP'")
    op.drop_table("case_tasks")


def _reasons(reasons: str) -> None:
    op.drop_constraint(op.f("ck_case_shares_reason"), "case_shares")
    op.create_check_constraint(op.f("ck_case_shares_reason"), "case_shares", f"reason in ({reasons})")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_body_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_position_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", _instant(), nullable=True),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", _instant(), nullable=False),
        sa.Column("end_step_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", _instant(), nullable=True),
    ]


def _constraints() -> list[sa.Constraint]:
    keys = {
        "case_id": "cases",
        "receiver_position_id": "positions",
        "step_id": "case_steps",
        "end_step_id": "case_steps",
    }
    return [
        sa.CheckConstraint("status in ('OPEN', 'DONE', 'DECLINED', 'CANCELLED')", name=op.f("ck_case_tasks_status")),
        sa.CheckConstraint("(status = 'OPEN') = (ended_at is null)", name=op.f("ck_case_tasks_ended_at")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{table}.tenant_id", f"{table}.id"],
                name=op.f(f"fk_case_tasks_tenant_id_{column}"),
            )
            for column, table in keys.items()
        ),
        sa.ForeignKeyConstraint(["receiver_body_id"], ["bodies.id"], name=op.f("fk_case_tasks_receiver_body_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_tasks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_tasks")),
    ]
