"""Export lists and sums as files: what is asked for, who agrees, who makes it, and which file it became."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import GATEWAY, tenant_wall

revision = "0043"
down_revision = "0042"

_PURPOSES = "'ROSTER', 'CASE', 'TICKETS'"
# Gives whoever asks one export of any tenant to make: that which is wanted, or else that which waits the longest, and
# that nobody is at work on. Two who ask at once get two. It tells ids alone; what is in it, its tenant's walls guard.
# What was begun five times and never ended is given up.
_CLAIM = """
create function app.claim_export(claimed uuid, lease interval, wanted uuid)
returns table (tenant_id integer, id uuid, account_id uuid)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    update public.exports e set status = 'FAILED', fault = 'INTERRUPTED', finished_at = now(), claimed_until = null
    where e.status = 'RUNNING' and e.attempts >= 5 and e.claimed_until < now();
    update public.exports e
    set status = 'RUNNING', claim = claimed, claimed_until = now() + lease, attempts = e.attempts + 1, row_count = 0
    from (
        select x.tenant_id, x.id from public.exports x
        join public.tenants t on t.id = x.tenant_id and t.status = 'open'
        where x.status in ('APPROVED', 'RUNNING') and (x.claimed_until is null or x.claimed_until < now())
        order by x.id is not distinct from wanted desc, x.requested_at, x.id limit 1
        for no key update of x skip locked
    ) chosen
    where e.tenant_id = chosen.tenant_id and e.id = chosen.id
    returning e.tenant_id, e.id, e.account_id;
$$
"""


def upgrade() -> None:
    """Make the table, what claims its rows, and a purpose of files."""
    op.execute("set local lock_timeout = '3s'")
    _exports()
    tenant_wall("exports", gateway="select, insert, update")
    op.execute(_CLAIM)
    op.execute("revoke all on function app.claim_export(uuid, interval, uuid) from public")
    op.execute(f"grant execute on function app.claim_export(uuid, interval, uuid) to {GATEWAY}")
    _purposes(f"{_PURPOSES}, 'EXPORT'")


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("drop function app.claim_export(uuid, interval, uuid)")
    op.drop_table("exports")
    op.execute("delete from files where purpose = 'EXPORT'")
    _purposes(_PURPOSES)


def _purposes(purposes: str) -> None:
    op.drop_constraint(op.f("ck_files_purpose"), "files")
    op.create_check_constraint(op.f("ck_files_purpose"), "files", f"purpose in ({purposes})")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("position_name", sa.Text(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_at", _instant(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", _instant(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("row_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", _instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", _instant(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", _instant(), nullable=True),
        sa.Column("reach", sa.Text(), nullable=True),
    ]


def _exports() -> None:
    accounts = ("account_id", "decided_by_id")
    op.create_table(
        "exports",
        *_columns(),
        sa.CheckConstraint("format in ('CSV', 'XLSX')", name=op.f("ck_exports_format")),
        sa.CheckConstraint("language in ('zh', 'en')", name=op.f("ck_exports_language")),
        sa.CheckConstraint(
            "status in ('REQUESTED', 'REFUSED', 'APPROVED', 'RUNNING', 'DONE', 'FAILED')",
            name=op.f("ck_exports_status"),
        ),
        sa.CheckConstraint("row_count >= 0 and total_count >= 0 and attempts >= 0", name=op.f("ck_exports_counts")),
        sa.CheckConstraint(
            "not is_personal or status in ('REQUESTED', 'REFUSED') or coalesce(decided_by_id <> account_id, false)",
            name=op.f("ck_exports_decided"),
        ),
        sa.CheckConstraint(
            "status <> 'DONE' or (file_id is not null and expires_at is not null)", name=op.f("ck_exports_made")
        ),
        *(sa.ForeignKeyConstraint([name], ["accounts.id"], name=op.f(f"fk_exports_{name}")) for name in accounts),
        sa.ForeignKeyConstraint(
            ["tenant_id", "position_id"],
            ["positions.tenant_id", "positions.id"],
            name=op.f("fk_exports_tenant_id_position_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_exports_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_exports")),
    )
    for name, columns in (
        ("requested", ["requested_at", "id"]),
        ("account", ["account_id"]),
        ("file", ["file_id"]),
        ("position", ["position_id"]),
    ):
        op.create_index(f"ix_exports_{name}", "exports", ["tenant_id", *columns], unique=False)
    op.create_index(
        "ix_exports_waiting",
        "exports",
        ["requested_at"],
        unique=False,
        postgresql_where=sa.text("status in ('APPROVED', 'RUNNING')"),
    )
