"""Let a post that was given by mistake be taken back before its first day has passed."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Allow the day before the first as the last: a post that was never held."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("alter table positions drop constraint ck_positions_dates")
    op.execute("alter table positions add constraint ck_positions_dates check (until >= since - 1) not valid")
    op.execute("alter table positions validate constraint ck_positions_dates")


def downgrade() -> None:
    """Forget the posts that were never held; what was recorded of them in the audit log stays."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("delete from memberships where until < since")
    op.execute("delete from positions where until < since")
    op.execute("alter table positions drop constraint ck_positions_dates")
    op.execute("alter table positions add constraint ck_positions_dates check (until >= since)")
