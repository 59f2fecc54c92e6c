"""How does a file come in and go out in pieces, with bounded memory and no transaction open while a client is slow?"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from services.files.commands import FileHead, begin_file, delete_file, finish_file, open_file
from services.files.errors import FileEmpty, FileTooLarge
from services.files.rules import LARGEST_FILE, MIB, Upload, may_read
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

    async def receive(self, upload: Upload, *, sealer: TenantSealer, content: AsyncIterator[bytes]) -> uuid.UUID:
        """Store an upload's content as it comes, and tell the file's id.

        Raises Forbidden, FilePurposeUnknown, FileNameInvalid, TooManyFiles, FileTooLarge, FileEmpty.
        """
        file_id = await self._do(lambda work: begin_file(work, upload=upload, sealer=sealer))
        try:
            byte_count, chunk_count = await self._store(file_id, sealer, content)
            await self._do(
                lambda work: finish_file(work, file_id=file_id, byte_count=byte_count, chunk_count=chunk_count)
            )
        except Exception:
            await self._do(lambda work: delete_file(work, file_id=file_id))
            raise
        return file_id

    async def open(self, file_id: uuid.UUID, *, sealer: TenantSealer) -> FileHead:
        """Find a file that the caller may read. Raises NotFound."""
        return await self._do(lambda work: open_file(work, file_id=file_id, sealer=sealer))

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

    async def _store(self, file_id: uuid.UUID, sealer: TenantSealer, content: AsyncIterator[bytes]) -> tuple[int, int]:
        seal = FileSeal(sealer, file_id=file_id, key=sealer.current)
        waiting, byte_count, chunk_count = bytearray(), 0, 0
        async for part in content:
            byte_count += len(part)
            if byte_count > LARGEST_FILE:
                raise FileTooLarge(limit=LARGEST_FILE // MIB, field="file")
            waiting += part
            # The last chunk is sealed as the last, so one byte at least is held back.
            while len(waiting) > CHUNK * CHUNKS_AT_ONCE:
                await self._put(file_id, seal, bytes(waiting[: CHUNK * CHUNKS_AT_ONCE]), first=chunk_count, ends=False)
                del waiting[: CHUNK * CHUNKS_AT_ONCE]
                chunk_count += CHUNKS_AT_ONCE
        if not byte_count:
            raise FileEmpty(field="file")
        await self._put(file_id, seal, bytes(waiting), first=chunk_count, ends=True)
        return byte_count, chunk_count + -(-len(waiting) // CHUNK)

    async def _put(self, file_id: uuid.UUID, seal: FileSeal, content: bytes, *, first: int, ends: bool) -> None:
        starts = range(0, len(content), CHUNK)
        chunks = {
            first + at: seal.close(
                content[start : start + CHUNK], ordinal=first + at, is_last=ends and start == starts[-1]
            )
            for at, start in enumerate(starts)
        }

        async def put(work: TenantWork) -> None:
            connection = await work.session.connection()
            await self.store.put(connection, tenant_id=work.tenant.id, file_id=file_id, chunks=chunks)

        await self._do(put)

    async def _read(self, head: FileHead, ordinals: range) -> list[bytes]:
        async def read(grants: Grants) -> list[bytes]:
            # Who lost the right while the file was on its way gets no more of it.
            if grants.tenant is None or not may_read(grants, purpose=head.purpose, account_id=head.account_id):
                raise NotFound
            async with entered(self.workshop.engine, grants=grants) as connection:
                return await self.store.get(connection, tenant_id=grants.tenant.id, file_id=head.id, ordinals=ordinals)

        return await renewing(read, self.grants, self._renewed)

    async def _do(self, step: Callable[[TenantWork], Awaitable[Done]]) -> Done:
        async def run(grants: Grants) -> Done:
            async with self.workshop.work(grants) as work:
                return await step(work)

        return await renewing(run, self.grants, self._renewed)

    async def _renewed(self) -> Grants:
        self.grants = await self.renew()
        return self.grants
