"""Make room for cases: index, details, history, shares."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import also_read, office_wall, tenant_wall

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the tables and their walls; a share is read by its receiver, a note by who wrote it."""
    op.execute("set local lock_timeout = '3s'")
    _cases()
    _case_details()
    _case_steps()
    _case_step_texts()
    _case_shares()
    _case_days()
    _case_attachments()
    office_wall("cases", gateway="select, insert, update")
    tenant_wall("case_details", gateway="select, insert, update")
    office_wall("case_steps", gateway="select, insert")
    tenant_wall("case_step_texts", gateway="select, insert")
    also_read("case_step_texts", by="author", where="author_tenant_id = app.tenant()")
    tenant_wall("case_shares", gateway="select, insert, update")
    also_read("case_shares", by="receiver", where="receiver_tenant_id = app.tenant()")
    tenant_wall("case_days", gateway="select, insert, update")
    office_wall("case_attachments", gateway="select, insert")


def downgrade() -> None:
    """Drop all cases."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("case_attachments")
    op.drop_table("case_days")
    op.drop_table("case_shares")
    op.drop_table("case_step_texts")
    op.drop_table("case_steps")
    op.drop_table("case_details")
    op.drop_table("cases")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _cases() -> None:
    op.create_table("cases", *_case_columns(), *_case_constraints())
    op.create_index(
        "ix_cases_accountable", "cases", ["tenant_id", "accountable_body_id", "reported_at", "id"], unique=False
    )
    op.create_index("ix_cases_district_due", "cases", ["district_id", "due_order", "id"], unique=False)
    op.create_index("ix_cases_district_reported_at", "cases", ["district_id", "reported_at", "id"], unique=False)
    op.create_index("ix_cases_due", "cases", ["tenant_id", "due_order", "id"], unique=False)
    op.create_index("ix_cases_grid", "cases", ["tenant_id", "grid_id", "reported_at", "id"], unique=False)
    op.create_index("ix_cases_reported_at", "cases", ["tenant_id", "reported_at", "id"], unique=False)
    op.create_index("ix_cases_status", "cases", ["tenant_id", "status", "reported_at", "id"], unique=False)
    op.create_index("ix_cases_street_due", "cases", ["street_id", "due_order", "id"], unique=False)
    op.create_index("ix_cases_street_reported_at", "cases", ["street_id", "reported_at", "id"], unique=False)


def _case_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("coordinator_body_id", sa.Uuid(), nullable=False),
        sa.Column("accountable_body_id", sa.Uuid(), nullable=False),
        sa.Column("accountable_position_id", sa.Uuid(), nullable=True),
        sa.Column("reported_at", _instant(), nullable=False),
        sa.Column("accepted_at", _instant(), nullable=True),
        sa.Column("dispatched_at", _instant(), nullable=True),
        sa.Column("resolved_at", _instant(), nullable=True),
        sa.Column("closed_at", _instant(), nullable=True),
        sa.Column("due_at", _instant(), nullable=True),
        sa.Column(
            "due_order",
            _instant(),
            sa.Computed(
                "case when status = any (array['CLOSED'::text, 'EXCLUDED'::text, 'MERGED'::text]) or due_at is null "
                "then 'infinity'::timestamp with time zone else due_at end",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("rework_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("needs_call_back", sa.Boolean(), nullable=False),
        sa.Column("called_back_at", _instant(), nullable=True),
        sa.Column("is_contacted", sa.Boolean(), nullable=True),
        sa.Column("is_solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.Column("duplicate_of_id", sa.Uuid(), nullable=True),
    ]


def _case_constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name=op.f("ck_cases_closed_at")),
        sa.CheckConstraint("status <> 'MERGED' or duplicate_of_id is not null", name=op.f("ck_cases_duplicate")),
        sa.CheckConstraint(
            "kind in ('INQUIRY', 'HELP', 'COMPLAINT', 'TIP_OFF', 'SUGGESTION')", name=op.f("ck_cases_kind")
        ),
        sa.CheckConstraint(
            "satisfaction in ('SATISFIED', 'NEUTRAL', 'DISSATISFIED')", name=op.f("ck_cases_satisfaction")
        ),
        sa.CheckConstraint(
            "source in ('SNAPSHOT', 'VISIT', 'PATROL', 'HOTLINE', 'WINDOW', 'MEETING', 'PROPERTY')",
            name=op.f("ck_cases_source"),
        ),
        sa.CheckConstraint(
            "status in ('CLOSED', 'EXCLUDED', 'MERGED') or due_at is not null or stop_reason is not null",
            name=op.f("ck_cases_due"),
        ),
        sa.CheckConstraint(
            "status in ('REPORTED', 'ACCEPTED', 'DISPATCHED', 'HANDLING', 'RESOLVED', 'CLOSED', 'EXCLUDED', 'MERGED')",
            name=op.f("ck_cases_status"),
        ),
        sa.ForeignKeyConstraint(["accountable_body_id"], ["bodies.id"], name=op.f("fk_cases_accountable_body_id")),
        sa.ForeignKeyConstraint(["coordinator_body_id"], ["bodies.id"], name=op.f("fk_cases_coordinator_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "accountable_position_id"],
            ["positions.tenant_id", "positions.id"],
            name=op.f("fk_cases_tenant_id_accountable_position_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["case_categories.tenant_id", "case_categories.id"],
            name=op.f("fk_cases_tenant_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "duplicate_of_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_cases_tenant_id_duplicate_of_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grid_id"], ["places.tenant_id", "places.id"], name=op.f("fk_cases_tenant_id_grid_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_cases_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cases")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_cases_tenant_id_number")),
    ]


def _case_details() -> None:
    op.create_table(
        "case_details",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reported_at", _instant(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("estate_id", sa.Uuid(), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("coordinate_system", sa.Text(), nullable=True),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.Column("reporter_account_id", sa.Uuid(), nullable=False),
        sa.Column("is_confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("external_system", sa.Text(), nullable=True),
        sa.Column("external_number", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "coordinate_system in ('GCJ02', 'WGS84', 'CGCS2000')", name=op.f("ck_case_details_coordinate_system")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_account_id"], ["accounts.id"], name=op.f("fk_case_details_reporter_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_details_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "place_id"],
            ["places.tenant_id", "places.id"],
            name=op.f("fk_case_details_tenant_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reporter_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_case_details_tenant_id_reporter_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_details_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_details")),
        sa.UniqueConstraint(
            "tenant_id",
            "external_system",
            "external_number",
            name=op.f("uq_case_details_tenant_id_external_system_external_number"),
        ),
    )
    op.create_index(
        "ix_case_details_building", "case_details", ["tenant_id", "building_id", "reported_at", "id"], unique=False
    )
    op.create_index(
        "ix_case_details_place", "case_details", ["tenant_id", "place_id", "reported_at", "id"], unique=False
    )
    op.create_index(
        "ix_case_details_reporter",
        "case_details",
        ["tenant_id", "reporter_account_id", "reported_at", "id"],
        unique=False,
    )


def _case_steps() -> None:
    op.create_table(
        "case_steps",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor_body_id", sa.Uuid(), nullable=True),
        sa.Column("coordinator_body_id", sa.Uuid(), nullable=False),
        sa.Column("accountable_body_id", sa.Uuid(), nullable=False),
        sa.Column("accountable_position_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", _instant(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("rework_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["accountable_body_id"], ["bodies.id"], name=op.f("fk_case_steps_accountable_body_id")),
        sa.ForeignKeyConstraint(["actor_body_id"], ["bodies.id"], name=op.f("fk_case_steps_actor_body_id")),
        sa.ForeignKeyConstraint(["coordinator_body_id"], ["bodies.id"], name=op.f("fk_case_steps_coordinator_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_steps_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_steps_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("tenant_id", "case_id", "ordinal", name=op.f("uq_case_steps_tenant_id_case_id_ordinal")),
    )


def _case_step_texts() -> None:
    op.create_table(
        "case_step_texts",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_tenant_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("public_name", sa.Text(), nullable=True),
        sa.Column("is_handling", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_case_step_texts_account_id")),
        sa.ForeignKeyConstraint(["author_tenant_id"], ["tenants.id"], name=op.f("fk_case_step_texts_author_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_step_texts_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["case_steps.tenant_id", "case_steps.id"], name=op.f("fk_case_step_texts_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_step_texts_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_step_texts")),
    )
    op.create_index("ix_case_step_texts_case", "case_step_texts", ["tenant_id", "case_id", "id"], unique=False)


def _case_shares() -> None:
    op.create_table(
        "case_shares",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_tenant_id", sa.Integer(), nullable=False),
        sa.Column("receiver_body_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shared_at", _instant(), nullable=False),
        sa.Column("ended_at", _instant(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place_text", sa.Text(), nullable=False),
        sa.Column("reported_at", _instant(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.Column("reporter_name_masked", sa.Text(), nullable=True),
        sa.Column("reporter_phone_masked", sa.Text(), nullable=True),
        sa.CheckConstraint("reason in ('DISPATCHED', 'HANDED_UP')", name=op.f("ck_case_shares_reason")),
        sa.CheckConstraint("ended_at >= shared_at", name=op.f("ck_case_shares_times")),
        sa.ForeignKeyConstraint(["receiver_body_id"], ["bodies.id"], name=op.f("fk_case_shares_receiver_body_id")),
        sa.ForeignKeyConstraint(["receiver_tenant_id"], ["tenants.id"], name=op.f("fk_case_shares_receiver_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_shares_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_shares_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_shares")),
    )
    op.create_index("ix_case_shares_case", "case_shares", ["tenant_id", "case_id", "receiver_body_id"], unique=False)
    op.create_index(
        "ix_case_shares_receiver",
        "case_shares",
        ["receiver_tenant_id", "receiver_body_id", "reported_at", "id"],
        unique=False,
    )


def _case_days() -> None:
    op.create_table(
        "case_days",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_days_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_days")),
        sa.UniqueConstraint("tenant_id", "day", name=op.f("uq_case_days_tenant_id_day")),
    )


def _case_attachments() -> None:
    op.create_table(
        "case_attachments",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_case_attachments_tenant_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["files.tenant_id", "files.id"], name=op.f("fk_case_attachments_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_attachments_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_attachments")),
    )
    op.create_index("ix_case_attachments_case", "case_attachments", ["tenant_id", "case_id", "ordinal"], unique=False)
