"""Keep what the reporter said with each call-back, and why.

Of call-backs before this, the last one of each case is told by the case itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_LAST = """
    update case_steps s set is_contacted = c.is_contacted, is_solved = c.is_solved, satisfaction = c.satisfaction
    from cases c
    where c.tenant_id = s.tenant_id and c.id = s.case_id and s.at = c.called_back_at
        and s.action in ('CALL_BACK', 'RATE')
"""


def upgrade() -> None:
    """Add the columns and fill them as far as it is known."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("case_details", sa.Column("call_back_reason", sa.Text(), nullable=True))
    op.add_column("case_steps", sa.Column("is_contacted", sa.Boolean(), nullable=True))
    op.add_column("case_steps", sa.Column("is_solved", sa.Boolean(), nullable=True))
    op.add_column("case_steps", sa.Column("satisfaction", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_case_steps_satisfaction"), "case_steps", "satisfaction in ('SATISFIED', 'NEUTRAL', 'DISSATISFIED')"
    )
    called = op.get_bind().scalar(sa.text("select count(*) from cases where called_back_at is not null"))
    filled = op.get_bind().execute(sa.text(_LAST)).rowcount
    if filled < called:
        message = f"{called} cases were called back, and {filled} steps say so"
        raise RuntimeError(message)


def downgrade() -> None:
    """Forget them."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_column("case_steps", "satisfaction")
    op.drop_column("case_steps", "is_solved")
    op.drop_column("case_steps", "is_contacted")
    op.drop_column("case_details", "call_back_reason")
