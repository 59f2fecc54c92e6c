"""Take in files for cases: what their bytes are, and a thumbnail beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the purpose and the two columns."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("files", sa.Column("content_type", sa.Text(), nullable=True))
    op.add_column("files", sa.Column("thumbnail_byte_count", sa.Integer(), nullable=True))
    _purposes("'ROSTER', 'CASE'")
    op.create_check_constraint(
        op.f("ck_files_content_type"),
        "files",
        "purpose <> 'CASE' or chunk_count is null or content_type is not null",
    )


def downgrade() -> None:
    """Take them away again, with all files of cases."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("delete from case_attachments")
    op.execute("delete from files where purpose = 'CASE'")
    op.drop_constraint(op.f("ck_files_content_type"), "files")
    _purposes("'ROSTER'")
    op.drop_column("files", "thumbnail_byte_count")
    op.drop_column("files", "content_type")


def _purposes(listed: str) -> None:
    op.drop_constraint(op.f("ck_files_purpose"), "files")
    op.create_check_constraint(op.f("ck_files_purpose"), "files", f"purpose in ({listed})")
