"""Make room for the work that cases cause, for what has happened to them, and for whistles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import GATEWAY, WORKER, also_read, office_wall, tenant_wall

revision = "0023"
down_revision = "0022"

# Whoever shares a case with a body outside learns for which posts it then waits: ids, never names.
_RECEIVING = """
create function app.receiving_posts(body uuid, today date) returns table (
    tenant_id integer, tenant_kind text, office_body_id uuid, position_id uuid, account_id uuid, person_id uuid,
    kind_code text, grants_as text, body_id uuid, body_kind text, place_id uuid
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select p.tenant_id, t.kind, own.id, p.id, p.account_id, p.person_id, p.kind_code, k.grants_as, p.body_id,
        theirs.kind, p.place_id
    from public.bodies receiver
    join public.tenants t on t.id = receiver.home_tenant_id and t.status = 'open'
    join public.positions p on p.tenant_id = t.id
        and (p.body_id = receiver.id or receiver.represents_tenant_id = p.tenant_id)
    join public.position_kinds k on k.tenant_id = p.tenant_id and k.code = p.kind_code
    left join public.bodies own on own.represents_tenant_id = t.id
    left join public.bodies theirs on theirs.id = p.body_id
    where receiver.id = body and p.account_id is not null and (p.until is null or p.until >= today)
        and exists (
            select from public.case_shares s
            where s.tenant_id = app.tenant() and s.receiver_body_id = body and s.ended_at is null
        )
$$
"""


def upgrade() -> None:
    """Make the tables; the worker puts events in order, and deletes them after a day."""
    op.execute("set local lock_timeout = '3s'")
    _work_items()
    _events()
    _whistles()
    _whistle_callees()
    tenant_wall("work_items", gateway="select, insert, update, delete")
    also_read("work_items", by="account", where="account_id = app.account()")
    office_wall("events", gateway="select, insert")
    tenant_wall("whistles", gateway="select")
    tenant_wall("whistle_callees", gateway="select")
    _let_the_worker_order_events()
    op.create_index("ix_positions_kind", "positions", ["tenant_id", "kind_code"], unique=False)
    op.execute(_RECEIVING)
    op.execute("revoke all on function app.receiving_posts(uuid, date) from public")
    op.execute(f"grant execute on function app.receiving_posts(uuid, date) to {GATEWAY}")


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("drop function app.receiving_posts(uuid, date)")
    op.drop_index("ix_positions_kind", table_name="positions")
    op.execute("drop sequence event_sequence")
    op.drop_table("whistle_callees")
    op.drop_table("whistles")
    op.drop_table("events")
    op.drop_table("work_items")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _work_items() -> None:
    op.create_table(
        "work_items",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post_tenant_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_at", _instant(), nullable=True),
        sa.Column("due_order", _instant(), nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("reason in ('TO_ACCEPT', 'TO_HANDLE', 'TO_CALL_BACK')", name=op.f("ck_work_items_reason")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_work_items_account_id")),
        sa.ForeignKeyConstraint(["post_tenant_id"], ["tenants.id"], name=op.f("fk_work_items_post_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_work_items_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_work_items_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_work_items")),
        sa.UniqueConstraint(
            "tenant_id",
            "case_id",
            "position_id",
            "reason",
            name=op.f("uq_work_items_tenant_id_case_id_position_id_reason"),
        ),
    )
    op.create_index("ix_work_items_account", "work_items", ["account_id", "due_order", "id"], unique=False)
    op.create_index("ix_work_items_position", "work_items", ["position_id", "tenant_id"], unique=False)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("before", postgresql.JSON(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_events_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_at", "events", ["at"], unique=False)
    op.create_index("ix_events_district", "events", ["district_id", "sequence"], unique=False)
    op.create_index("ix_events_street", "events", ["street_id", "sequence"], unique=False)
    op.create_index("ix_events_tenant", "events", ["tenant_id", "sequence"], unique=False)
    op.create_index(
        "ix_events_waiting", "events", ["at", "id"], unique=False, postgresql_where=sa.text("sequence is null")
    )


def _whistles() -> None:
    op.create_table(
        "whistles",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("called_at", _instant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_whistles_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_whistles_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_whistles")),
    )
    op.create_index("ix_whistles_case", "whistles", ["tenant_id", "case_id", "called_at"], unique=False)


def _whistle_callees() -> None:
    op.create_table(
        "whistle_callees",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("whistle_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("arrive_by", _instant(), nullable=True),
        sa.Column("arrived_at", _instant(), nullable=True),
        sa.Column("declined_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_whistle_callees_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "whistle_id"],
            ["whistles.tenant_id", "whistles.id"],
            name=op.f("fk_whistle_callees_tenant_id_whistle_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_whistle_callees_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_whistle_callees")),
    )
    op.create_index("ix_whistle_callees_whistle", "whistle_callees", ["tenant_id", "whistle_id", "id"], unique=False)


def _let_the_worker_order_events() -> None:
    op.execute("create sequence event_sequence")
    op.execute(f"grant usage on sequence event_sequence to {WORKER}")
    for command, condition in (
        ("select", "using (true)"),
        ("update", "using (true) with check (true)"),
        ("delete", "using (true)"),
    ):
        op.execute(f"create policy worker_{command} on events for {command} to {WORKER} {condition}")
    op.execute(f"grant select, update (sequence), delete on events to {WORKER}")
