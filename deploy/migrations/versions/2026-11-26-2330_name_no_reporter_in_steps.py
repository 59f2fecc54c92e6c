"""Take the names of posts out of the steps that reporters took: who reported may not be told to everybody."""

from alembic import op

revision = "0026"
down_revision = "0025"

_FORGET = """
    update case_step_texts t set public_name = null
    from case_steps s
    where s.tenant_id = t.tenant_id and s.id = t.id and s.action in ('REPORT', 'HANDLE_ON_SPOT')
      and t.public_name is not null
"""


def upgrade() -> None:
    """Take them out."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(_FORGET)


def downgrade() -> None:
    """Leave them out: nothing that is stored says what they were then."""
