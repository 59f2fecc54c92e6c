"""Keep the newest day as of which a list of divisions still had each of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the day; what is stored was last listed when it began, as far as anybody can tell."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("divisions", sa.Column("confirmed_on", sa.Date(), nullable=True))
    op.execute("update divisions set confirmed_on = valid_from")
    op.alter_column("divisions", "confirmed_on", nullable=False)


def downgrade() -> None:
    """Forget the day."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_column("divisions", "confirmed_on")
