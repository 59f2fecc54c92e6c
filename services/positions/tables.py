"""What is stored about posts and those who hold them?"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import OfficeTable

# The board rank of a post that is not on the duty board.
OFF_THE_BOARD = 9999


class PositionKind(OfficeTable):
    """A kind of post that a tenant knows. `grants_as` names the row of the policy table it takes its grants from."""

    __tablename__ = "position_kinds"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    grants_as: Mapped[str]
    duties: Mapped[str | None]
    # Comma-separated kinds of place and of body that such a post may hang on.
    place_kinds: Mapped[str]
    body_kinds: Mapped[str]
    # Where the post stands on the duty board; null keeps it off.
    board_rank: Mapped[int | None]
    is_party_post: Mapped[bool] = mapped_column(server_default=text("false"))


class Position(OfficeTable):
    """A person, perhaps with an account, in a post at one place, both days included."""

    __tablename__ = "positions"
    __table_args__ = (
        # A post that was given by mistake ends the day before its first: it was never held.
        CheckConstraint("until >= since - 1", name="dates"),
        # A phone in plain text is published or it is not there.
        CheckConstraint(f"duty_phone is null or board_rank < {OFF_THE_BOARD}", name="duty_phone"),
        ForeignKeyConstraint(["tenant_id", "kind_code"], ["position_kinds.tenant_id", "position_kinds.code"]),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(["tenant_id", "place_id"], ["places.tenant_id", "places.id"]),
        Index("ix_positions_place", "tenant_id", "place_id", "board_rank", "id"),
        Index("ix_positions_account", "account_id", "tenant_id"),
        Index("ix_positions_board", "tenant_id", "board_rank", "id"),
        Index("ix_positions_person", "tenant_id", "person_id"),
        Index("ix_positions_kind", "tenant_id", "kind_code"),
    )

    kind_code: Mapped[str]
    person_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    body_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bodies.id"), index=True)
    place_id: Mapped[uuid.UUID]
    since: Mapped[date]
    until: Mapped[date | None]
    public_name: Mapped[str]
    duty_phone: Mapped[str | None]
    # The kind's board_rank, copied so that the board is one index; 9999 is off the board.
    board_rank: Mapped[int] = mapped_column(server_default=text("9999"))
