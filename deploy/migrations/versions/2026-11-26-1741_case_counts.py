"""Count cases: the ledger of what is counted, its sums, and who answers for a case as it falls due.

What happened before is counted from the records by `jinlin rollup rebuild`, which `jinlin migrate` runs after this.
"""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.rollups import create_rollup, drop_rollup

revision = "0041"
down_revision = "0040"

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
# Who had it when its due time was last set, or last before it fell due.
_DUE_BODY = """
    update cases c set due_body_id = (
        select s.accountable_body_id from (
            select accountable_body_id, ordinal, at, due_at,
                lag(due_at) over (order by ordinal) as was_due_at
            from case_steps where tenant_id = c.tenant_id and case_id = c.id
        ) s
        where s.ordinal = 1 or s.due_at is distinct from s.was_due_at or s.at <= s.was_due_at
        order by s.ordinal desc limit 1
    )
    where due_at is not null
"""


def upgrade() -> None:
    """Make the tables and the column."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("cases", sa.Column("due_body_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_cases_due_body_id"), "cases", "bodies", ["due_body_id"], ["id"])
    op.execute(_DUE_BODY)
    create_rollup("case", _COUNTERS)


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    drop_rollup("case")
    op.drop_column("cases", "due_body_id")
