"""Keep phones in plain text with posts of the duty board alone: the holder's own number is stored sealed."""

from alembic import op

revision = "0011"
down_revision = "0010"

_COUNT = "select count(*) from positions where board_rank >= 9999 and duty_phone is not null"
_FORGET = "update positions set duty_phone = null where board_rank >= 9999 and duty_phone is not null"


def upgrade() -> None:
    """Forget the phones of posts off the board, and let none be stored again.

    Raises RuntimeError if not every one of them could be forgotten.
    """
    op.execute("set local lock_timeout = '3s'")
    # From here to the end nobody adds another.
    op.execute("lock table positions in share row exclusive mode")
    connection = op.get_bind()
    found = connection.exec_driver_sql(_COUNT).scalar_one()
    changed = connection.exec_driver_sql(_FORGET).rowcount
    if changed != found:
        message = f"{found} posts off the duty board have a phone, and {changed} of them were changed"
        raise RuntimeError(message)
    op.execute(
        "alter table positions add constraint ck_positions_duty_phone"
        " check (duty_phone is null or board_rank < 9999) not valid"
    )
    op.execute("alter table positions validate constraint ck_positions_duty_phone")


def downgrade() -> None:
    """Allow such phones; those forgotten do not come back."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("alter table positions drop constraint ck_positions_duty_phone")
