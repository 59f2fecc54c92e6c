"""Which id does an invented row get? The same from one run to the next, and older than any real one."""

from __future__ import annotations

import hashlib
import uuid

# 2020-01-01: before any id the product has made, so that invented rows come first in every index.
_BEGIN_MILLISECONDS = 1_577_836_800_000
_COUNTER_BITS = 12
_MILLISECONDS_PER_BLOCK = 10_000


class IdSource:
    """Gives out UUIDv7 ids one after the other; the same key gives the same ids, a later block later ones."""

    def __init__(self, key: str, *, block: int = 0) -> None:
        digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
        self._low = (int.from_bytes(digest) & (2**62 - 1)) | 0x2 << 62
        self._begin = _BEGIN_MILLISECONDS + block * _MILLISECONDS_PER_BLOCK
        self._next = 0

    def next(self) -> uuid.UUID:
        """Give out the next id."""
        number = self._next
        self._next += 1
        milliseconds = self._begin + (number >> _COUNTER_BITS)
        counter = number & (2**_COUNTER_BITS - 1)
        return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | self._low)
