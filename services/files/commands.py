"""What may be done with a file? Begin, fill and finish it, open it, use it, delete it; and sweep what has expired."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from services.files.errors import TooManyFiles
from services.files.queries import complete_file, expired_files, files_waiting
from services.files.rules import (
    CASE,
    EXPORT,
    KEPT_FOR,
    MOST_FILES,
    PERMISSIONS,
    ROSTER,
    UPLOADED_WITHIN,
    Upload,
    check_may_upload,
    clean_name,
    may_read,
)
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
# Tells, in the transaction of the one who asks, what a file of a case, or of an export, is called for a caller who may
# read that now; None for everybody else. Cases and exports know of files, and not the other way round.
FileDoor = Callable[[AsyncConnection, Grants, uuid.UUID], Awaitable[str | None]]


async def no_door(_: AsyncConnection, __: Grants, ___: uuid.UUID) -> str | None:
    """Let nobody read what others decide about."""
    return None


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
    content_type: str | None = None
    thumbnail_byte_count: int | None = None
    # With a case: whoever may read the case now may read it, and nobody else.
    is_attached: bool = False

    @property
    def is_behind_door(self) -> bool:
        """Tell whether its case, or its export, says who reads it."""
        return self.is_attached or self.purpose == EXPORT

    def seal(self, sealer: TenantSealer) -> FileSeal:
        """Get what opens the file's chunks."""
        return FileSeal(sealer, file_id=self.id, key=sealer.key(self.key_id))

    def thumbnail_seal(self, sealer: TenantSealer) -> FileSeal:
        """Get what opens the thumbnail."""
        return FileSeal(sealer, file_id=self.id, key=sealer.key(self.key_id), of="thumbnail")


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's name and its whole content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What was stored of a file."""

    byte_count: int
    chunk_count: int
    content_type: str | None = None
    thumbnail_byte_count: int | None = None


async def begin_file(work: TenantWork, *, upload: Upload, sealer: TenantSealer) -> uuid.UUID:
    """Make room for a file that is about to be uploaded; nobody reads it before it is finished.

    Raises Forbidden, FilePurposeUnknown, FileNameInvalid, TooManyFiles.
    """
    check_may_upload(work.grants, upload.purpose)
    name = clean_name(upload.name)
    await work.take_turn(f"files of {work.grants.account_id}")
    waiting = await work.session.scalar(
        files_waiting(tenant_id=work.tenant.id, account_id=work.grants.account_id, now=work.now())
    )
    if (waiting or 0) >= MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    return await add_file(work, purpose=upload.purpose, name=name, sealer=sealer)


async def add_file(work: TenantWork, *, purpose: str, name: str, sealer: TenantSealer) -> uuid.UUID:
    """Make room for a file that the caller was let put here."""
    now = work.now()
    file = StoredFile(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        purpose=purpose,
        name_sealed=sealer.seal(name, purpose=Purpose.FILE_NAME),
        key_id=sealer.current.id,
        account_id=work.grants.account_id,
        uploaded_at=now,
        expires_at=now + UPLOADED_WITHIN,
    )
    work.session.add(file)
    await work.session.flush()
    return file.id


async def finish_file(work: TenantWork, *, file_id: uuid.UUID, content: Content, is_copy: bool = False) -> None:
    """Let a file be read and used from now on, for a week; a copy for as long as an upload may take."""
    file = await work.session.get_one(StoredFile, (work.tenant.id, file_id))
    file.byte_count, file.chunk_count = content.byte_count, content.chunk_count
    file.content_type, file.thumbnail_byte_count = content.content_type, content.thumbnail_byte_count
    if not is_copy:
        file.expires_at = work.now() + KEPT_FOR
    await work.record(_entry(work.grants, "file:upload", file.id, file.purpose))


async def finish_made_file(work: TenantWork, *, file_id: uuid.UUID, content: Content, expires_at: datetime) -> None:
    """Let a file that was made here be read from now on."""
    file = await work.session.get_one(StoredFile, (work.tenant.id, file_id))
    file.byte_count, file.chunk_count, file.expires_at = content.byte_count, content.chunk_count, expires_at


async def open_file(
    work: TenantWork,
    *,
    file_id: uuid.UUID,
    sealer: TenantSealer,
    door: FileDoor = no_door,
    is_of_case: bool = False,
) -> FileHead:
    """Get a file that the caller may read, perhaps of a case alone, and write to the audit log that it is read.

    Raises NotFound.
    """
    head = await _find_readable(work, file_id, sealer, door)
    if is_of_case and not head.is_attached:
        raise NotFound(field="fileId")
    action = "export:fetch" if head.purpose == EXPORT else "file:read"
    await work.record(_entry(work.grants, action, head.id, head.purpose))
    return head


async def load_file(
    work: TenantWork, *, file_id: uuid.UUID, sealer: TenantSealer, store: FileStore, purpose: str = ROSTER
) -> LoadedFile:
    """Read a whole workbook that was uploaded for a purpose, to use it. Raises NotFound."""
    head = await _find_readable(work, file_id, sealer, no_door)
    if head.purpose != purpose:
        raise NotFound(field="fileId")
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
        # Asked once more: it may have come to a case since.
        await connection.execute(
            delete(StoredFile).where(
                StoredFile.tenant_id == tenant_id, StoredFile.id == file_id, StoredFile.expires_at <= now
            )
        )
    return len(expired)


def head_of(file: StoredFile, *, sealer: TenantSealer, name: str | None = None) -> FileHead:
    """Tell what is known of a complete file; under the name that its case gives it, if that has one."""
    return FileHead(
        id=file.id,
        name=name or sealer.open(file.name_sealed, purpose=Purpose.FILE_NAME),
        purpose=file.purpose,
        account_id=file.account_id,
        key_id=file.key_id,
        byte_count=file.byte_count or 0,
        chunk_count=file.chunk_count or 0,
        content_type=file.content_type,
        thumbnail_byte_count=file.thumbnail_byte_count,
        is_attached=is_attached(file),
    )


def is_attached(file: StoredFile) -> bool:
    """Tell whether a file is with a case."""
    return file.purpose == CASE and file.expires_at is None


async def _find_readable(work: TenantWork, file_id: uuid.UUID, sealer: TenantSealer, door: FileDoor) -> FileHead:
    file = await work.session.scalar(complete_file(tenant_id=work.tenant.id, file_id=file_id, now=work.now()))
    if file is None:
        raise NotFound(field="fileId")
    name = None
    if is_attached(file) or file.purpose == EXPORT:
        name = await door(await work.session.connection(), work.grants, file_id)
        is_readable = name is not None
    else:
        is_readable = may_read(work.grants, purpose=file.purpose, account_id=file.account_id)
    if not is_readable:
        raise NotFound(field="fileId")
    return head_of(file, sealer=sealer, name=name)


def _entry(grants: Grants, action: str, file_id: uuid.UUID, purpose: str) -> AuditEntry:
    posts = (grants.granting_posts.get(permission) for permission in PERMISSIONS.get(purpose, ()))
    return AuditEntry(action, "File", file_id, purpose=purpose, position_id=next(filter(None, posts), None))
