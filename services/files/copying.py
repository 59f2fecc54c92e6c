"""How does a file go from one tenant to another, opened with the one's key and sealed with the other's?

Piece by piece, each read in a transaction of the one tenant and written in a transaction of the other, so that little
is in memory and nobody waits for the whole; see tenants/decisions/0009-files-come-along-with-the-handler.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from services.files.commands import Content, FileHead, finish_file
from services.files.sealing import FileSeal
from services.files.store import FileStore
from tenants.errors import NotFound
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork

_CHUNKS_AT_ONCE = 4
Done = TypeVar("Done")


class Run(Protocol):
    """Does something in a transaction of its own, in one tenant."""

    def __call__(self, step: Callable[[TenantWork], Awaitable[Done]], /) -> Awaitable[Done]:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tenants: its transactions and its keys."""

    run: Run
    sealer: TenantSealer


async def copy_file(head: FileHead, file_id: uuid.UUID, *, source: Side, target: Side, store: FileStore) -> None:
    """Copy what is in a file, its thumbnail with it, into one that was begun in the other tenant. Raises NotFound."""
    opening, closing = head.seal(source.sealer), _seal(target, file_id, "file")
    for start in range(0, head.chunk_count, _CHUNKS_AT_ONCE):
        ordinals = range(start, min(start + _CHUNKS_AT_ONCE, head.chunk_count))
        chunks = await _read(source, store, head, ordinals)
        last = head.chunk_count - 1
        await _write(
            target,
            store,
            file_id,
            {at: _resealed(chunk, opening, closing, at, is_last=at == last) for at, chunk in chunks.items()},
        )
    if head.thumbnail_byte_count is not None:
        at = head.chunk_count
        small = await _read(source, store, head, range(at, at + 1))
        seals = head.thumbnail_seal(source.sealer), _seal(target, file_id, "thumbnail")
        await _write(target, store, file_id, {at: _resealed(small[at], *seals, at, is_last=True)})
    content = Content(head.byte_count, head.chunk_count, head.content_type, head.thumbnail_byte_count)
    await target.run(lambda work: finish_file(work, file_id=file_id, content=content, is_copy=True))


def _seal(side: Side, file_id: uuid.UUID, of: str) -> FileSeal:
    return FileSeal(side.sealer, file_id=file_id, key=side.sealer.current, of=of)


def _resealed(chunk: bytes, opening: FileSeal, closing: FileSeal, ordinal: int, *, is_last: bool) -> bytes:
    opened = opening.open(chunk, ordinal=ordinal, is_last=is_last)
    return closing.close(opened, ordinal=ordinal, is_last=is_last)


async def _read(side: Side, store: FileStore, head: FileHead, ordinals: range) -> dict[int, bytes]:
    async def read(work: TenantWork) -> list[bytes]:
        connection = await work.session.connection()
        return await store.get(connection, tenant_id=work.tenant.id, file_id=head.id, ordinals=ordinals)

    found = await side.run(read)
    if len(found) < len(ordinals):
        raise NotFound
    return dict(zip(ordinals, found, strict=True))


async def _write(side: Side, store: FileStore, file_id: uuid.UUID, chunks: dict[int, bytes]) -> None:
    async def write(work: TenantWork) -> None:
        connection = await work.session.connection()
        await store.put(connection, tenant_id=work.tenant.id, file_id=file_id, chunks=chunks)

    await side.run(write)
