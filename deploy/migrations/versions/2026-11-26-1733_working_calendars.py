"""Give every tenant its working calendar: the nation's days, its own days, its office hours."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.walls import shared_wall, tenant_wall

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make the four tables; `jinlin migrate` fills them."""
    op.execute("set local lock_timeout = '3s'")
    _calendar_days()
    _working_calendars()
    _tenant_calendar_days()
    _office_hours()
    shared_wall("calendar_days", read="app.is_inside()", gateway="select")
    tenant_wall("working_calendars", gateway="select, insert, update")
    tenant_wall("tenant_calendar_days", gateway="select, insert, update, delete")
    tenant_wall("office_hours", gateway="select, insert, update, delete")


def downgrade() -> None:
    """Forget all calendars."""
    op.execute("set local lock_timeout = '3s'")
    for table in ("office_hours", "tenant_calendar_days", "working_calendars", "calendar_days"):
        op.drop_table(table)


def _calendar_days() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
        sa.UniqueConstraint("day", name=op.f("uq_calendar_days_day")),
    )
    op.create_index("ix_calendar_days_day", "calendar_days", ["day", "id"], unique=False)


def _working_calendars() -> None:
    op.create_table(
        "working_calendars",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_working_calendars_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_working_calendars")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_working_calendars_tenant_id")),
    )


def _tenant_calendar_days() -> None:
    op.create_table(
        "tenant_calendar_days",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_calendar_days_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_calendar_days")),
        sa.UniqueConstraint("tenant_id", "day", name=op.f("uq_tenant_calendar_days_tenant_id_day")),
    )
    op.create_index("ix_tenant_calendar_days_day", "tenant_calendar_days", ["tenant_id", "day", "id"], unique=False)


def _office_hours() -> None:
    op.create_table(
        "office_hours",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens >= 0 and opens < closes and closes <= 1440", name=op.f("ck_office_hours_span")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_office_hours_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_office_hours")),
        sa.UniqueConstraint(
            "tenant_id", "valid_from", "opens", name=op.f("uq_office_hours_tenant_id_valid_from_opens")
        ),
    )
    op.create_index(
        "ix_office_hours_valid_from", "office_hours", ["tenant_id", "valid_from", "opens", "id"], unique=False
    )
