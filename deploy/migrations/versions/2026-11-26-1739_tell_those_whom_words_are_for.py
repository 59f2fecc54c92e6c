"""Keep why a clock stands still out of the index, and tell words to those outside whom they are for."""

import sqlalchemy as sa
from alembic import op

from deploy.migrations.walls import GATEWAY

revision = "0039"
down_revision = "0038"

_AUTHOR = "author_tenant_id = app.tenant()"


def upgrade() -> None:
    """Add the columns, and let whoever words are told to read them."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("case_details", sa.Column("stop_reason", sa.Text(), nullable=True))
    op.add_column("case_step_texts", sa.Column("told_tenant_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_case_step_texts_told_tenant_id"), "case_step_texts", "tenants", ["told_tenant_id"], ["id"]
    )
    _let_read(f"{_AUTHOR} or told_tenant_id = app.tenant()")


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    _let_read(_AUTHOR)
    op.drop_column("case_step_texts", "told_tenant_id")
    op.drop_column("case_details", "stop_reason")


def _let_read(where: str) -> None:
    op.execute("drop policy author on case_step_texts")
    op.execute(f"create policy author on case_step_texts for select to {GATEWAY} using ({where})")
