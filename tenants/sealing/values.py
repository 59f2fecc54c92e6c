"""What is a sealed value, and how does a tenant's key make, open and index it?

A sealed value is: version (1 byte), algorithm (1), id of the data key (16), nonce (12), ciphertext, tag (16).
Version, algorithm, key, tenant and purpose are authenticated with it, so that a value put into a row of
another tenant or into another column does not open.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hmac import HMAC

from tenants.sealing.algorithms import ALGORITHMS, NONCE_LENGTH, TAG_LENGTH, Box, KeyedDigest, SealBroken
from tenants.sealing.masks import mask_identity_number, mask_name, mask_phone
from tenants.sealing.normal_forms import (
    normalize_identity_number,
    normalize_name,
    normalize_phone,
    normalize_text,
)

_VERSION = 1
_HEADER_LENGTH = 18
_BODY = _HEADER_LENGTH + NONCE_LENGTH
# Collisions would be false hits of a search: 128 bits leave none among any number of people.
_INDEX_LENGTH = 16
_DERIVED_LENGTH = 32


class Purpose(StrEnum):
    """What a sealed value is for: a value sealed for one purpose opens for no other."""

    NAME = "name"
    PHONE = "phone"
    IDENTITY = "identity"
    NOTE = "note"
    FILE_NAME = "file name"
    EXPORT = "export"
    WEBHOOK_SECRET = "webhook secret"  # noqa: S105 - the name of a purpose.


class UnknownDataKey(SealBroken):
    """The value names a key that the tenant does not have."""


class SealedText(NamedTuple):
    """The three forms in which a text about a person is stored."""

    sealed: bytes
    masked: str
    blind_index: bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """A tenant's data key in plain form: 32 bytes, in memory only."""

    id: uuid.UUID
    algorithm: str
    secret: bytes = field(repr=False)
    is_retired: bool = False


_NORMAL_FORMS = {
    Purpose.NAME: normalize_name,
    Purpose.PHONE: normalize_phone,
    Purpose.IDENTITY: normalize_identity_number,
    Purpose.NOTE: normalize_text,
    Purpose.FILE_NAME: normalize_text,
    Purpose.EXPORT: normalize_text,
    Purpose.WEBHOOK_SECRET: normalize_text,
}
_MASKS = {
    Purpose.NAME: mask_name,
    Purpose.PHONE: mask_phone,
    Purpose.IDENTITY: mask_identity_number,
}


class TenantSealer:
    """Seals, opens and indexes for one tenant with its data keys."""

    def __init__(self, tenant_id: int, keys: Sequence[DataKey]) -> None:
        """Take the tenant's keys in the order in which they were made; one of them is not retired."""
        self.tenant_id = tenant_id
        self.current = next(key for key in reversed(keys) if not key.is_retired)
        self._keys = {key.id: key for key in keys}
        self._boxes: dict[bytes, Box] = {}
        self._bindings = {purpose: _binding(tenant_id, purpose) for purpose in Purpose}
        # Indexes are all made with the tenant's first key: with a new one, values indexed before would not be
        # found any more.
        self._first = keys[0]
        self._indexes = {purpose: self.lasting_digest(f"index {purpose}") for purpose in Purpose}

    def seal(self, text: str, *, purpose: Purpose) -> bytes:
        """Seal a text with the current key."""
        return self.seal_all([text], purpose=purpose)[0]

    def seal_all(self, texts: Sequence[str], *, purpose: Purpose) -> list[bytes]:
        """Seal many texts with the current key."""
        header = _header(self.current)
        encrypt = self._box(header).encrypt
        bound = header + self._bindings[purpose]
        return [
            b"%b%b%b" % (header, nonce, encrypt(nonce, text.encode(), bound))
            for nonce, text in zip(_nonces(len(texts)), texts, strict=True)
        ]

    def open(self, sealed: bytes, *, purpose: Purpose) -> str:
        """Open a sealed text.

        Raises SealBroken, UnknownDataKey.
        """
        if len(sealed) < _BODY + TAG_LENGTH:
            raise SealBroken("too short")
        header = sealed[:_HEADER_LENGTH]
        bound = header + self._bindings[purpose]
        try:
            plain = self._box(header).decrypt(sealed[_HEADER_LENGTH:_BODY], sealed[_BODY:], bound)
        except InvalidTag as error:
            raise SealBroken("does not open") from error
        return plain.decode()

    def index(self, text: str, *, purpose: Purpose) -> bytes:
        """Compute the blind index by which a text is found again: 16 bytes, equal for equal normal forms."""
        return self.index_all([text], purpose=purpose)[0]

    def index_all(self, texts: Sequence[str], *, purpose: Purpose) -> list[bytes]:
        """Compute the blind indexes of many texts."""
        normalize, digest = _NORMAL_FORMS[purpose], self._indexes[purpose].of
        return [digest(normalize(text).encode())[:_INDEX_LENGTH] for text in texts]

    def seal_texts(self, texts: Sequence[str], *, purpose: Purpose) -> list[SealedText]:
        """Make the stored forms of many texts: sealed, masked, and the blind index."""
        sealed, indexes = self.seal_all(texts, purpose=purpose), self.index_all(texts, purpose=purpose)
        return list(map(SealedText, sealed, map(_MASKS[purpose], texts), indexes))

    def seal_text(self, text: str, *, purpose: Purpose) -> SealedText:
        """Make the stored forms of a text: sealed, masked, and the blind index."""
        return self.seal_texts([text], purpose=purpose)[0]

    def keyed_digest(self, usage: str, *, key: DataKey | None = None) -> KeyedDigest:
        """Make a keyed digest for a usage of its own, by the given key or the current one."""
        key = key or self.current
        algorithm = ALGORITHMS[key.algorithm]
        return KeyedDigest(HMAC(algorithm.derive(key.secret, usage, _DERIVED_LENGTH), algorithm.digest()))

    def lasting_digest(self, usage: str) -> KeyedDigest:
        """Make a keyed digest for a usage of its own that stays the same when the tenant gets a new key."""
        return self.keyed_digest(usage, key=self._first)

    def box_for(self, usage: str, *, key: DataKey | None = None) -> Box:
        """Make a cipher for a usage of its own, by the given key or the current one."""
        key = key or self.current
        algorithm = ALGORITHMS[key.algorithm]
        return algorithm.box(algorithm.derive(key.secret, usage, algorithm.key_length))

    def key(self, key_id: uuid.UUID) -> DataKey:
        """Get one of the tenant's keys, retired or not.

        Raises UnknownDataKey.
        """
        if key_id not in self._keys:
            raise UnknownDataKey(str(key_id))
        return self._keys[key_id]

    def _box(self, header: bytes) -> Box:
        if header not in self._boxes:
            key = self.key(uuid.UUID(bytes=header[2:]))
            if header != _header(key):
                raise SealBroken("version or algorithm is not the key's")
            self._boxes[header] = self.box_for("values", key=key)
        return self._boxes[header]


def _header(key: DataKey) -> bytes:
    return bytes((_VERSION, ALGORITHMS[key.algorithm].number)) + key.id.bytes


def _binding(tenant_id: int, purpose: Purpose) -> bytes:
    return tenant_id.to_bytes(8) + purpose.encode()


def _nonces(count: int) -> Iterator[bytes]:
    # Random nonces of 96 bits may seal 2^32 values under one key (NIST SP 800-38D); a tenant has some 10^6.
    random = os.urandom(NONCE_LENGTH * count)
    return (random[at : at + NONCE_LENGTH] for at in range(0, len(random), NONCE_LENGTH))
