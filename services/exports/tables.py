"""What is stored of an export? What was asked for, sealed; how far it is; and which file it became."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

EXPORT_FORMATS = ("CSV", "XLSX")
EXPORT_STATUSES = ("REQUESTED", "REFUSED", "APPROVED", "RUNNING", "DONE", "FAILED")
_WAITS = "status in ('APPROVED', 'RUNNING')"


class Export(TenantTable):
    """A list or sums that an account wants as a file. Who made it and what it was stay known; the file expires."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(one_of("format", EXPORT_FORMATS), name="format"),
        CheckConstraint(one_of("language", ("zh", "en")), name="language"),
        CheckConstraint(one_of("status", EXPORT_STATUSES), name="status"),
        CheckConstraint("row_count >= 0 and total_count >= 0 and attempts >= 0", name="counts"),
        # Personal data does not leave before somebody else has agreed.
        CheckConstraint(
            "not is_personal or status in ('REQUESTED', 'REFUSED') or coalesce(decided_by_id <> account_id, false)",
            name="decided",
        ),
        CheckConstraint("status <> 'DONE' or (file_id is not null and expires_at is not null)", name="made"),
        ForeignKeyConstraint(["tenant_id", "position_id"], ["positions.tenant_id", "positions.id"]),
        Index("ix_exports_requested", "tenant_id", "requested_at", "id"),
        Index("ix_exports_account", "tenant_id", "account_id"),
        Index("ix_exports_file", "tenant_id", "file_id"),
        Index("ix_exports_position", "tenant_id", "position_id"),
        Index("ix_exports_waiting", "requested_at", postgresql_where=text(_WAITS)),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    # Names as they were at the time.
    account_name: Mapped[str | None]
    position_id: Mapped[uuid.UUID | None]
    position_name: Mapped[str | None]
    # The root field that is read, and what the file is called.
    what: Mapped[str]
    title: Mapped[str]
    format: Mapped[str]
    language: Mapped[str]
    # The headers of its columns, one a line.
    columns: Mapped[str]
    is_personal: Mapped[bool]
    # What it is needed for, in words, for whoever decides.
    reason: Mapped[str | None]
    # The query and its variables, which may name people.
    asked_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str]
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    row_count: Mapped[int] = mapped_column(server_default=text("0"))
    # Null until it is known, and for what is no long list.
    total_count: Mapped[int | None]
    # Whoever makes it now, until when it is his, and how often it was begun.
    claim: Mapped[uuid.UUID | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    finished_at: Mapped[datetime | None]
    # The code of why it came to nothing.
    fault: Mapped[str | None]
    # No foreign key: the file is swept, and this stays.
    file_id: Mapped[uuid.UUID | None]
    expires_at: Mapped[datetime | None]
    # What the account could reach when it was made: with anything else the file is not given out.
    reach: Mapped[str | None]
