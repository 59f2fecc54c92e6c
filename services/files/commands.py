"""What may be done with a file? Begin, fill and finish it, open it, use it, delete it; and sweep what has expired."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from services.files.errors import TooManyFiles
from services.files.queries import complete_file, expired_files, files_waiting
from services.files.rules import KEPT_FOR, MOST_FILES, UPLOADED_WITHIN, Upload, clean_name, may_read, permission_for
from services.files.sealing import FileSeal
from services.files.store import FileStore
from services.files.tables import StoredFile
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.grants import Grants
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork

# Deleted in one transaction of the worker.
SWEPT_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class FileHead:
    """What is known of a file before its content is read."""

    id: uuid.UUID
    name: str
    purpose: str
    account_id: uuid.UUID
    key_id: uuid.UUID
    byte_count: int
    chunk_count: int

    def seal(self, sealer: TenantSealer) -> FileSeal:
        """Get what opens the file's chunks."""
        return FileSeal(sealer, file_id=self.id, key=sealer.key(self.key_id))


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's name and its whole content."""

    name: str
    content: bytes


async def begin_file(work: TenantWork, *, upload: Upload, sealer: TenantSealer) -> uuid.UUID:
    """Make room for a file that is about to be uploaded; nobody reads it before it is finished.

    Raises Forbidden, FilePurposeUnknown, FileNameInvalid, TooManyFiles.
    """
    work.require(permission_for(upload.purpose))
    name, now = clean_name(upload.name), work.now()
    await work.take_turn(f"files of {work.grants.account_id}")
    waiting = await work.session.scalar(
        files_waiting(tenant_id=work.tenant.id, account_id=work.grants.account_id, now=now)
    )
    if (waiting or 0) >= MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    file = StoredFile(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        purpose=upload.purpose,
        name_sealed=sealer.seal(name, purpose=Purpose.FILE_NAME),
        key_id=sealer.current.id,
        account_id=work.grants.account_id,
        uploaded_at=now,
        expires_at=now + UPLOADED_WITHIN,
    )
    work.session.add(file)
    await work.session.flush()
    return file.id


async def finish_file(work: TenantWork, *, file_id: uuid.UUID, byte_count: int, chunk_count: int) -> None:
    """Let a file be read and used from now on, for a week."""
    file = await work.session.get_one(StoredFile, (work.tenant.id, file_id))
    file.byte_count, file.chunk_count = byte_count, chunk_count
    file.expires_at = work.now() + KEPT_FOR
    await work.record(_entry(work.grants, "file:upload", file.id, file.purpose))


async def open_file(work: TenantWork, *, file_id: uuid.UUID, sealer: TenantSealer) -> FileHead:
    """Get a file that the caller may read, and write to the audit log that it is read.

    Raises NotFound.
    """
    head = await _find_readable(work, file_id, sealer)
    await work.record(_entry(work.grants, "file:read", head.id, head.purpose))
    return head


async def load_file(work: TenantWork, *, file_id: uuid.UUID, sealer: TenantSealer, store: FileStore) -> LoadedFile:
    """Read a whole file, to use it. Raises NotFound."""
    head = await _find_readable(work, file_id, sealer)
    connection = await work.session.connection()
    chunks = await store.get(connection, tenant_id=work.tenant.id, file_id=file_id, ordinals=range(head.chunk_count))
    seal = head.seal(sealer)
    last = head.chunk_count - 1
    opened = [seal.open(chunk, ordinal=at, is_last=at == last) for at, chunk in enumerate(chunks)]
    return LoadedFile(head.name, b"".join(opened))


async def delete_file(work: TenantWork, *, file_id: uuid.UUID) -> None:
    """Delete a file that has been used, or whose upload failed."""
    await work.session.execute(
        delete(StoredFile).where(StoredFile.tenant_id == work.tenant.id, StoredFile.id == file_id)
    )


async def sweep_files(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete files of all tenants that have expired, as the worker; tell how many, fifty at most."""
    expired = (await connection.execute(expired_files(now=now, limit=SWEPT_AT_ONCE))).all()
    for tenant_id, file_id in expired:
        await connection.execute(delete(StoredFile).where(StoredFile.tenant_id == tenant_id, StoredFile.id == file_id))
    return len(expired)


async def _find_readable(work: TenantWork, file_id: uuid.UUID, sealer: TenantSealer) -> FileHead:
    file = await work.session.scalar(complete_file(tenant_id=work.tenant.id, file_id=file_id, now=work.now()))
    if file is None or not may_read(work.grants, purpose=file.purpose, account_id=file.account_id):
        raise NotFound(field="fileId")
    return FileHead(
        id=file.id,
        name=sealer.open(file.name_sealed, purpose=Purpose.FILE_NAME),
        purpose=file.purpose,
        account_id=file.account_id,
        key_id=file.key_id,
        byte_count=file.byte_count or 0,
        chunk_count=file.chunk_count or 0,
    )


def _entry(grants: Grants, action: str, file_id: uuid.UUID, purpose: str) -> AuditEntry:
    post = grants.granting_posts.get(permission_for(purpose))
    return AuditEntry(action, "File", file_id, purpose=purpose, position_id=post)
