"""Keep no type of a row with a key: the mutation and its input tell it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Drop the column, which nothing ever wrote."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_column("idempotency_keys", "row_type")


def downgrade() -> None:
    """Add it again."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("idempotency_keys", sa.Column("row_type", sa.Text(), nullable=True))
