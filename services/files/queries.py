"""What is asked of files?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from services.files.rules import CASE, EXPORT
from services.files.tables import StoredFile


def complete_file(*, tenant_id: int, file_id: uuid.UUID, now: datetime) -> Select[StoredFile]:
    """Select a file whose upload is complete and which has not expired."""
    return select(StoredFile).where(
        StoredFile.tenant_id == tenant_id,
        StoredFile.id == file_id,
        StoredFile.chunk_count.is_not(None),
        (StoredFile.expires_at.is_(None)) | (StoredFile.expires_at > now),
    )


def uploads_of(
    *, tenant_id: int, account_id: uuid.UUID, file_ids: Sequence[uuid.UUID], now: datetime
) -> Select[StoredFile]:
    """Select, and lock, those of some files that an account uploaded for a case and that are with none yet."""
    return (
        select(StoredFile)
        .where(
            StoredFile.tenant_id == tenant_id,
            StoredFile.id.in_(file_ids),
            StoredFile.purpose == CASE,
            StoredFile.account_id == account_id,
            StoredFile.chunk_count.is_not(None),
            StoredFile.expires_at > now,
        )
        .order_by(StoredFile.id)
        .with_for_update()
    )


def files_waiting(*, tenant_id: int, account_id: uuid.UUID, now: datetime) -> Select[int]:
    """Count the files that an account uploaded, or is uploading, and that will expire."""
    return (
        select(func.count())
        .select_from(StoredFile)
        .where(StoredFile.tenant_id == tenant_id, StoredFile.account_id == account_id, StoredFile.expires_at > now)
        .where(StoredFile.purpose != EXPORT)
    )


def expired_files(*, now: datetime, limit: int) -> Select[*tuple[Any, ...]]:
    """Select tenant and id of files of any tenant that are to be deleted, the oldest first."""
    return (
        select(StoredFile.tenant_id, StoredFile.id)
        .where(StoredFile.expires_at <= now)
        .order_by(StoredFile.expires_at)
        .limit(limit)
    )
