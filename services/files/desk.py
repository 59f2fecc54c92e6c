"""How does a file come in and go out in pieces, with bounded memory and no transaction open while a client is slow?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from services.files.commands import (
    Content,
    FileDoor,
    FileHead,
    begin_file,
    delete_file,
    finish_file,
    no_door,
    open_file,
)
from services.files.contents import keep
from services.files.errors import FileEmpty, FileTooLarge
from services.files.rules import CASE, LARGEST_FILES, MIB, Upload, may_read
from services.files.sealing import CHUNK, FileSeal
from services.files.store import FileStore
from tenants.entrance import entered
from tenants.errors import NotFound
from tenants.grants import Grants
from tenants.renewing import renewing
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork, Workshop

# Sealed and stored, or read and opened, in one transaction.
CHUNKS_AT_ONCE = 4
Done = TypeVar("Done")


@dataclass(slots=True)
class FileDesk:
    """Takes in and gives out files for one caller, whose grants may change while it does."""

    workshop: Workshop
    store: FileStore
    grants: Grants
    renew: Callable[[], Awaitable[Grants]]
    door: FileDoor = no_door

    async def receive(self, upload: Upload, *, sealer: TenantSealer, content: AsyncIterator[bytes]) -> uuid.UUID:
        """Store an upload's content as it comes, and tell the file's id.

        What is for a case is read whole and cleaned first. Raises Forbidden, FilePurposeUnknown, FileNameInvalid,
        TooManyFiles, FileTooLarge, FileEmpty, FileKindRefused, PhotoBroken, PhotoTooLarge.
        """
        file_id = await self._do(lambda work: begin_file(work, upload=upload, sealer=sealer))
        try:
            bounded = _bounded(content, LARGEST_FILES[upload.purpose])
            take = self._store_cleaned if upload.purpose == CASE else self.store_content
            stored = await take(file_id, sealer, bounded)
            await self._do(lambda work: finish_file(work, file_id=file_id, content=stored))
        except Exception:
            await self._do(lambda work: delete_file(work, file_id=file_id))
            raise
        return file_id

    async def open(self, file_id: uuid.UUID, *, sealer: TenantSealer, is_of_case: bool = False) -> FileHead:
        """Find a file that the caller may read, perhaps of a case alone. Raises NotFound."""
        return await self._do(
            lambda work: open_file(work, file_id=file_id, sealer=sealer, door=self.door, is_of_case=is_of_case)
        )

    async def give(self, head: FileHead, *, sealer: TenantSealer) -> AsyncIterator[bytes]:
        """Give a file's content in parts of one MiB at most. Raises NotFound, SealBroken."""
        seal = head.seal(sealer)
        for start in range(0, head.chunk_count, CHUNKS_AT_ONCE):
            ordinals = range(start, min(start + CHUNKS_AT_ONCE, head.chunk_count))
            chunks = await self._read(head, ordinals)
            if len(chunks) < len(ordinals):
                raise NotFound
            yield b"".join(
                seal.open(chunk, ordinal=ordinal, is_last=ordinal == head.chunk_count - 1)
                for ordinal, chunk in zip(ordinals, chunks, strict=True)
            )

    async def give_thumbnail(self, head: FileHead, *, sealer: TenantSealer) -> AsyncIterator[bytes]:
        """Give a photo's thumbnail. Raises NotFound, SealBroken."""
        found = await self._read(head, range(head.chunk_count, head.chunk_count + 1))
        if head.thumbnail_byte_count is None or not found:
            raise NotFound
        yield head.thumbnail_seal(sealer).open(found[0], ordinal=head.chunk_count, is_last=True)

    async def _store_cleaned(self, file_id: uuid.UUID, sealer: TenantSealer, content: AsyncIterator[bytes]) -> Content:
        whole = b"".join([part async for part in content])
        if not whole:
            raise FileEmpty(field="file")
        kept = await keep(whole)
        stored = await self.store_content(file_id, sealer, _parts(kept.content))
        if kept.thumbnail is None:
            return replace(stored, content_type=kept.content_type)
        seal = FileSeal(sealer, file_id=file_id, key=sealer.current, of="thumbnail")
        at = stored.chunk_count
        await self._keep(file_id, {at: seal.close(kept.thumbnail, ordinal=at, is_last=True)})
        return replace(stored, content_type=kept.content_type, thumbnail_byte_count=len(kept.thumbnail))

    async def store_content(self, file_id: uuid.UUID, sealer: TenantSealer, content: AsyncIterator[bytes]) -> Content:
        """Seal and store a file's content as it comes. Raises FileEmpty."""
        seal = FileSeal(sealer, file_id=file_id, key=sealer.current)
        waiting, byte_count, chunk_count = bytearray(), 0, 0
        async for part in content:
            byte_count += len(part)
            waiting += part
            # The last chunk is sealed as the last, so one byte at least is held back.
            while len(waiting) > CHUNK * CHUNKS_AT_ONCE:
                await self._put(file_id, seal, bytes(waiting[: CHUNK * CHUNKS_AT_ONCE]), first=chunk_count, ends=False)
                del waiting[: CHUNK * CHUNKS_AT_ONCE]
                chunk_count += CHUNKS_AT_ONCE
        if not byte_count:
            raise FileEmpty(field="file")
        await self._put(file_id, seal, bytes(waiting), first=chunk_count, ends=True)
        return Content(byte_count, chunk_count + -(-len(waiting) // CHUNK))

    async def _put(self, file_id: uuid.UUID, seal: FileSeal, content: bytes, *, first: int, ends: bool) -> None:
        starts = range(0, len(content), CHUNK)
        chunks = {
            first + at: seal.close(
                content[start : start + CHUNK], ordinal=first + at, is_last=ends and start == starts[-1]
            )
            for at, start in enumerate(starts)
        }
        await self._keep(file_id, chunks)

    async def _keep(self, file_id: uuid.UUID, chunks: dict[int, bytes]) -> None:
        async def put(work: TenantWork) -> None:
            connection = await work.session.connection()
            await self.store.put(connection, tenant_id=work.tenant.id, file_id=file_id, chunks=chunks)

        await self._do(put)

    async def _read(self, head: FileHead, ordinals: range) -> list[bytes]:
        async def read(grants: Grants) -> list[bytes]:
            async with entered(self.workshop.engine, grants=grants) as connection:
                # Who lost the right while the file was on its way gets no more of it.
                if grants.tenant is None or not await self._is_open(connection, grants, head):
                    raise NotFound
                return await self.store.get(connection, tenant_id=grants.tenant.id, file_id=head.id, ordinals=ordinals)

        return await renewing(read, self.grants, self._renewed)

    async def _is_open(self, connection: AsyncConnection, grants: Grants, head: FileHead) -> bool:
        if head.is_behind_door:
            return await self.door(connection, grants, head.id) is not None
        return may_read(grants, purpose=head.purpose, account_id=head.account_id)

    async def _do(self, step: Callable[[TenantWork], Awaitable[Done]]) -> Done:
        async def run(grants: Grants) -> Done:
            async with self.workshop.work(grants) as work:
                return await step(work)

        return await renewing(run, self.grants, self._renewed)

    async def _renewed(self) -> Grants:
        self.grants = await self.renew()
        return self.grants


async def _bounded(content: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    byte_count = 0
    async for part in content:
        byte_count += len(part)
        if byte_count > limit:
            raise FileTooLarge(limit=limit // MIB, field="file")
        yield part


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
