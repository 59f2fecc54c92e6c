"""Keep posts off the duty board from the offices above: they read who is published, not residents and inner posts."""

from alembic import op

revision = "0010"
down_revision = "0009"

_ABOVE = "street_id = app.tenant() or district_id = app.tenant()"


def upgrade() -> None:
    """Let offices above read the duty board alone."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(f"alter policy office on positions using (({_ABOVE}) and board_rank < 9999)")


def downgrade() -> None:
    """Let offices above read all posts."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(f"alter policy office on positions using ({_ABOVE})")
