"""What is kept of every audited act, and what proves that it was not changed afterwards?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

OUTCOMES = ("DONE", "REFUSED")


class AuditRecord(TenantTable):
    """One audited act. The gateway adds and reads; nobody changes or deletes."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        Index("ix_audit_entries_at", "tenant_id", "at", "id"),
    )

    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID]
    # Names as they were at the time: a post may be renamed and an account leave.
    account_name: Mapped[str | None]
    position_id: Mapped[uuid.UUID | None]
    position_name: Mapped[str | None]
    action: Mapped[str]
    # The published name of the subject's type, and its row id where there is one.
    subject_type: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    purpose: Mapped[str | None]
    # What the caller wrote may name people, so it is sealed.
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[str]


class AuditQueued(TenantTable):
    """An entry, by its id, that the worker has yet to chain, so that writers do not wait for each other."""

    __tablename__ = "audit_queue"


class AuditLink(TenantTable):
    """The place of an entry, by its id, in its tenant's chain."""

    __tablename__ = "audit_links"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sequence"),
        CheckConstraint("sequence > 0", name="sequence"),
        ForeignKeyConstraint(["tenant_id", "id"], ["audit_entries.tenant_id", "audit_entries.id"]),
        ForeignKeyConstraint(["tenant_id", "key_id"], ["data_keys.tenant_id", "data_keys.id"]),
    )

    sequence: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[uuid.UUID]
    # Keyed digest of the entry alone, and of the link before with this one.
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    linked_at: Mapped[datetime]
