"""What does it take to notice that an entry was edited, removed, inserted or moved? Pure functions.

Every entry gets a keyed digest of its content, and every link the keyed digest of the link before, its own number
and its entry's digest. The key derives from the tenant's data key: who may write to the database but lacks the
master key cannot make a chain that holds.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import RowMapping

_NOTHING = bytes(32)
_FIELDS = (
    "tenant_id",
    "id",
    "at",
    "account_id",
    "account_name",
    "position_id",
    "position_name",
    "action",
    "subject_type",
    "subject_id",
    "purpose",
    "note_sealed",
    "outcome",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Digest = Callable[[bytes], bytes]


class Break(StrEnum):
    """How a chain can be broken."""

    EDITED = "EDITED"
    REMOVED = "REMOVED"
    INSERTED = "INSERTED"
    REORDERED = "REORDERED"
    # The chain ends before, or is not at all the one, of which a head was noted elsewhere.
    HEAD_LOST = "HEAD_LOST"


class Head(NamedTuple):
    """Where a chain ends. Noted outside the database, it proves later that the end was not cut off."""

    sequence: int
    chain: bytes

    def __str__(self) -> str:
        """Write it as the command line takes it, too."""
        return f"{self.sequence}:{self.chain.hex()}"


START = Head(0, _NOTHING)


def read_head(text: str) -> Head:
    """Read a head as it was written.

    Raises ValueError.
    """
    sequence, _, chain = text.partition(":")
    head = Head(int(sequence), bytes.fromhex(chain))
    if head.sequence < 0 or len(head.chain) != len(_NOTHING):
        raise ValueError(text)
    return head


def digest_entry(entry: RowMapping, *, by: Digest) -> bytes:
    """Compute the digest of an entry's content."""
    return by(b"".join(_encode(entry[name]) for name in _FIELDS))


def chain_on(head: Head, *, digest: bytes, by: Digest) -> Head:
    """Compute the link that follows a head."""
    sequence = head.sequence + 1
    return Head(sequence, by(head.chain + sequence.to_bytes(8) + digest))


def _encode(value: object) -> bytes:
    # Each value says how long it is, so that nothing can be moved from one column to the next.
    if value is None:
        return b"-"
    encoded = _bytes_of(value)
    return b"+" + len(encoded).to_bytes(4) + encoded


def _bytes_of(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, datetime):
        return str((value - _EPOCH) // timedelta(milliseconds=1)).encode()
    return str(value).encode()
