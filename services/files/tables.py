"""What is stored of an uploaded file? Its sealed name, what it is for, and its sealed content in chunks."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import TenantTable
from tenants.tables import one_of

FILE_PURPOSES = ("ROSTER", "CASE", "TICKETS", "EXPORT")


class StoredFile(TenantTable):
    """An uploaded file, or one made here. Until its upload is complete it has no size, and nobody reads it."""

    __tablename__ = "files"
    __table_args__ = (
        CheckConstraint(one_of("purpose", FILE_PURPOSES), name="purpose"),
        CheckConstraint("byte_count >= 0 and chunk_count > 0", name="size"),
        CheckConstraint("purpose <> 'CASE' or chunk_count is null or content_type is not null", name="content_type"),
        ForeignKeyConstraint(["tenant_id", "key_id"], ["data_keys.tenant_id", "data_keys.id"]),
        Index("ix_files_account", "tenant_id", "account_id"),
        Index("ix_files_expires_at", "expires_at"),
    )

    purpose: Mapped[str]
    # File names are often people's names.
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    uploaded_at: Mapped[datetime]
    # When the sweep deletes it; null keeps it: it belongs to a case.
    expires_at: Mapped[datetime | None]
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    chunk_count: Mapped[int | None]
    # As its bytes say, of a file for a case.
    content_type: Mapped[str | None]
    # Of a photo, which has one; it lies behind the last chunk, sealed with a key of its own.
    thumbnail_byte_count: Mapped[int | None]


class FileChunk(TenantTable):
    """A part of a file's content, sealed. `id` is the file's."""

    __tablename__ = "file_chunks"
    __table_args__ = (
        CheckConstraint("ordinal >= 0", name="ordinal"),
        ForeignKeyConstraint(["tenant_id", "id"], ["files.tenant_id", "files.id"], ondelete="CASCADE"),
    )

    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
