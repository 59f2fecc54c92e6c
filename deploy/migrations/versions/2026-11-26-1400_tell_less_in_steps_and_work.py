"""Take out what was told too freely: names of posts in the steps of reporters, titles in the work of offices."""

from alembic import op

revision = "0026"
down_revision = "0025"

_FORGET = """
    update case_step_texts t set public_name = null
    from case_steps s
    where s.tenant_id = t.tenant_id and s.id = t.id and s.action in ('REPORT', 'HANDLE_ON_SPOT')
      and t.public_name is not null
"""

_SUMMARIZE = """
    update work_items w set title = s.title
    from case_shares s
    where s.tenant_id = w.tenant_id and s.case_id = w.case_id and s.receiver_tenant_id = w.post_tenant_id
      and w.post_tenant_id <> w.tenant_id and s.ended_at is null
"""


def upgrade() -> None:
    """Take them out."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(_FORGET)
    op.execute(_SUMMARIZE)


def downgrade() -> None:
    """Leave them out: nothing that is stored says what they were then."""
