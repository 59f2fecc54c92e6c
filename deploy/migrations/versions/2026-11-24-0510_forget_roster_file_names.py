"""Forget the names of imported files: people call files by people's names, and nobody asks for them here."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Drop the column."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_column("roster_imports", "file_name")


def downgrade() -> None:
    """Bring the column back, empty."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("roster_imports", sa.Column("file_name", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.alter_column("roster_imports", "file_name", server_default=None)
