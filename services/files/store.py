"""Where do the sealed chunks lie? In PostgreSQL, behind an interface that an object store can take the place of."""

from __future__ import annotations

import uuid
from typing import Protocol

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.files.tables import FileChunk


class FileStore(Protocol):
    """Keeps sealed chunks by tenant, file and place in the file; it never sees what is in them."""

    async def put(
        self, connection: AsyncConnection, *, tenant_id: int, file_id: uuid.UUID, chunks: dict[int, bytes]
    ) -> None:
        """Keep chunks by their ordinals."""

    async def get(
        self, connection: AsyncConnection, *, tenant_id: int, file_id: uuid.UUID, ordinals: range
    ) -> list[bytes]:
        """Give the chunks of a range of ordinals, in order."""


class PostgresFileStore:
    """Keeps the chunks beside the file's row and deletes them with it."""

    async def put(
        self, connection: AsyncConnection, *, tenant_id: int, file_id: uuid.UUID, chunks: dict[int, bytes]
    ) -> None:
        """Keep chunks by their ordinals."""
        rows = [
            {"tenant_id": tenant_id, "id": file_id, "ordinal": ordinal, "content": content}
            for ordinal, content in chunks.items()
        ]
        await connection.execute(insert(FileChunk), rows)

    async def get(
        self, connection: AsyncConnection, *, tenant_id: int, file_id: uuid.UUID, ordinals: range
    ) -> list[bytes]:
        """Give the chunks of a range of ordinals, in order."""
        found = await connection.scalars(
            select(FileChunk.content)
            .where(
                FileChunk.tenant_id == tenant_id,
                FileChunk.id == file_id,
                FileChunk.ordinal >= ordinals.start,
                FileChunk.ordinal < ordinals.stop,
            )
            .order_by(FileChunk.ordinal)
        )
        return list(found.all())
