"""What is stored of a whistle (吹哨) and of those it calls?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable


class Whistle(TenantTable):
    """Departments called to a case's place."""

    __tablename__ = "whistles"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index("ix_whistles_case", "tenant_id", "case_id", "called_at"),
    )

    case_id: Mapped[uuid.UUID]
    reason: Mapped[str]
    called_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class WhistleCallee(TenantTable):
    """A department that a whistle calls."""

    __tablename__ = "whistle_callees"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "whistle_id"], ["whistles.tenant_id", "whistles.id"]),
        Index("ix_whistle_callees_whistle", "tenant_id", "whistle_id", "id"),
    )

    whistle_id: Mapped[uuid.UUID]
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    arrive_by: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    declined_reason: Mapped[str | None]
