"""Bind accounts to dwellings, let communities say whom they let in, and give buildings codes.

`jinlin migrate` then sees to it that every community has its settings, and visitors as a kind of position.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import tenant_wall

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Make the two tables with their walls, and let a building's code name it."""
    op.execute("set local lock_timeout = '3s'")
    _residencies()
    _residency_settings()
    tenant_wall("residencies", gateway="select, insert, update")
    tenant_wall("residency_settings", gateway="select, insert, update")
    op.create_index(
        "uq_places_building_code",
        "places",
        ["tenant_id", "code"],
        unique=True,
        postgresql_where=sa.text("kind = 'building'"),
    )


def downgrade() -> None:
    """Forget who lives where; the posts that were given stay."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_index("uq_places_building_code", table_name="places")
    op.drop_table("residency_settings")
    op.drop_table("residencies")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _row_of(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_residencies_tenant_id_{column}")
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], name=name)


def _residencies() -> None:
    accounts = ("account_id", "decided_by_id", "ended_by_id")
    op.create_table(
        "residencies",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("dwelling_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'REQUESTED'"), nullable=False),
        sa.Column("requested_at", _instant(), nullable=False),
        sa.Column("matched_person_id", sa.Uuid(), nullable=True),
        sa.Column("matched_by", sa.Text(), nullable=True),
        sa.Column("decided_at", _instant(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", _instant(), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("relation in ('OWNER', 'FAMILY', 'RENTER')", name=op.f("ck_residencies_relation")),
        sa.CheckConstraint(
            "status in ('REQUESTED', 'CONFIRMED', 'REFUSED', 'ENDED')", name=op.f("ck_residencies_status")
        ),
        sa.CheckConstraint("matched_by in ('PHONE', 'NAME')", name=op.f("ck_residencies_matched_by")),
        sa.CheckConstraint("(matched_by is null) = (matched_person_id is null)", name=op.f("ck_residencies_match")),
        sa.CheckConstraint("status <> 'CONFIRMED' or position_id is not null", name=op.f("ck_residencies_post")),
        *(sa.ForeignKeyConstraint([name], ["accounts.id"], name=op.f(f"fk_residencies_{name}")) for name in accounts),
        _row_of("dwelling_id", "places"),
        _row_of("applicant_id", "people"),
        _row_of("matched_person_id", "people"),
        _row_of("position_id", "positions"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_residencies_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_residencies")),
    )
    op.create_index(
        "uq_residencies_open",
        "residencies",
        ["tenant_id", "account_id", "dwelling_id"],
        unique=True,
        postgresql_where=sa.text("status in ('REQUESTED', 'CONFIRMED')"),
    )
    for name, columns in (
        ("account", ["account_id", "requested_at", "id"]),
        ("dwelling", ["dwelling_id", "status"]),
        ("requested", ["requested_at", "id"]),
        ("status", ["status", "requested_at", "id"]),
        ("applicant", ["applicant_id"]),
        ("matched", ["matched_person_id"]),
        ("position", ["position_id"]),
    ):
        op.create_index(f"ix_residencies_{name}", "residencies", ["tenant_id", *columns], unique=False)


def _residency_settings() -> None:
    op.create_table(
        "residency_settings",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("takes_visitors", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("open_request_limit", sa.Integer(), server_default=sa.text("3"), nullable=False),
        sa.Column("daily_request_limit", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column("tenant_limit", sa.Integer(), server_default=sa.text("10"), nullable=False),
        sa.CheckConstraint(
            "open_request_limit > 0 and daily_request_limit > 0 and tenant_limit > 0",
            name=op.f("ck_residency_settings_limits"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_residency_settings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_residency_settings")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_residency_settings_tenant_id")),
    )
