"""What is kept of every import of tickets: when, by whom, what became of them, what was wrong?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

# CHECKED is a dry run; REFUSED had bad rows and changed nothing.
STATUSES = ("DONE", "CHECKED", "REFUSED")


class TicketImport(TenantTable):
    """One import, or one that was only tried."""

    __tablename__ = "ticket_imports"
    __table_args__ = (CheckConstraint(one_of("status", STATUSES), name="status"),)

    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # The system whose tickets they are, for example 12345.
    system: Mapped[str]
    status: Mapped[str]
    rows_read: Mapped[int]
    # Tickets that became cases, and those that had come in before.
    created_count: Mapped[int]
    known_count: Mapped[int]
    bad_row_count: Mapped[int]


class TicketProblem(TenantTable):
    """A problem of one cell of the file; its value is masked where it is personal."""

    __tablename__ = "ticket_problems"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "import_id"], ["ticket_imports.tenant_id", "ticket_imports.id"]),
        Index("ix_ticket_problems_import", "tenant_id", "import_id", "ordinal", "id"),
    )

    import_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]
    sheet: Mapped[str]
    row_number: Mapped[int]
    column_letter: Mapped[str]
    header: Mapped[str]
    code: Mapped[str]
    value: Mapped[str]
    message_zh: Mapped[str]
    message_en: Mapped[str]
