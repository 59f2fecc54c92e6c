"""How is a file's content sealed, chunk by chunk, so that none can be changed, moved, dropped or added?

Each file has a key of its own, and its thumbnail another, both derived from the tenant's data key; a chunk's nonce is
its place in the file and whether it is the last one.
"""

from __future__ import annotations

import uuid

from cryptography.exceptions import InvalidTag

from tenants.sealing.algorithms import SealBroken
from tenants.sealing.values import DataKey, TenantSealer

CHUNK = 256 * 1024


class FileSeal:
    """Seals and opens the chunks of one file."""

    def __init__(self, sealer: TenantSealer, *, file_id: uuid.UUID, key: DataKey, of: str = "file") -> None:
        """Derive the key of the file, or of its thumbnail."""
        self._box = sealer.box_for(f"{of} {file_id}", key=key)
        self._binding = sealer.tenant_id.to_bytes(8) + file_id.bytes

    def close(self, chunk: bytes, *, ordinal: int, is_last: bool) -> bytes:
        """Seal a chunk."""
        return self._box.encrypt(_nonce(ordinal, is_last=is_last), chunk, self._binding)

    def open(self, sealed: bytes, *, ordinal: int, is_last: bool) -> bytes:
        """Open a chunk. Raises SealBroken."""
        try:
            return self._box.decrypt(_nonce(ordinal, is_last=is_last), sealed, self._binding)
        except InvalidTag as error:
            raise SealBroken("a chunk of a file does not open") from error


def _nonce(ordinal: int, *, is_last: bool) -> bytes:
    return ordinal.to_bytes(11) + bytes((is_last,))
