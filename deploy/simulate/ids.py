"""Which id does an invented row get? The same from one run to the next; but for cases, older than any real one."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

# 2020-01-01: before any id the product has made, so that invented rows come first in every index.
_BEGIN_MILLISECONDS = 1_577_836_800_000
_COUNTER_BITS = 12
_MILLISECONDS_PER_BLOCK = 10_000


class IdSource:
    """Gives out UUIDv7 ids one after the other; the same key gives the same ids, a later block later ones."""

    def __init__(self, key: str, *, block: int = 0) -> None:
        self._low = _low_bits(key)
        self._begin = _BEGIN_MILLISECONDS + block * _MILLISECONDS_PER_BLOCK
        self._next = 0

    def next(self) -> uuid.UUID:
        """Give out the next id."""
        number = self._next
        self._next += 1
        return _version_7(self._begin + (number >> _COUNTER_BITS), number, self._low)


class InstantIds:
    """Gives out UUIDv7 ids of given instants, as if the rows had been made then; the same key gives the same ids."""

    def __init__(self, key: str) -> None:
        self._low = _low_bits(key)
        self._next = 0

    def at(self, instant: datetime) -> uuid.UUID:
        """Give out the next id, of an instant."""
        self._next += 1
        return _version_7(round(instant.timestamp() * 1000), self._next, self._low)


def _low_bits(key: str) -> int:
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return (int.from_bytes(digest) & (2**62 - 1)) | 0x2 << 62


def _version_7(milliseconds: int, number: int, low: int) -> uuid.UUID:
    counter = number & (2**_COUNTER_BITS - 1)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | low)
