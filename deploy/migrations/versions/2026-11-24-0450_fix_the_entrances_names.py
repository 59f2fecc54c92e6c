"""Let names inside `app.enter` mean what they mean to the owner, whatever search path the caller has set."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Fix the search path within the function; what it sets for the transaction lasts as before."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("alter function app.enter(integer, uuid, bigint) set search_path = pg_catalog, pg_temp")


def downgrade() -> None:
    """Leave the search path to the caller."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("alter function app.enter(integer, uuid, bigint) reset search_path")
