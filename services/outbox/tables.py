"""What is stored of what has happened?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import OfficeTable


class Event(OfficeTable):
    """Something that has happened to a case. The worker gives it its place in the order that all readers follow."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_waiting", "at", "id", postgresql_where=text("sequence is null")),
        Index("ix_events_tenant", "tenant_id", "sequence"),
        Index("ix_events_street", "street_id", "sequence"),
        Index("ix_events_district", "district_id", "sequence"),
        Index("ix_events_at", "at"),
    )

    # Null until the worker has seen it; then larger than that of everything seen before.
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
    action: Mapped[str]
    case_id: Mapped[uuid.UUID]
    # That of the case's step, or of the last one before what the clock did: a case's events keep the order of its
    # steps, whatever the clocks of processes say.
    ordinal: Mapped[int]
    # The row of `cases` before and after, as JSON: who may see either of them is told. Before the first it is
    # PostgreSQL's null, not that of JSON.
    before: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, object]] = mapped_column(JSON)
