"""Who wraps the tenants' data keys? A key service: an outside one, or a master key of this process."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.sealing.algorithms import NONCE_LENGTH, SealBroken

MASTER_KEY_LENGTH = 32


class MasterKeyError(Exception):
    """The master key is missing or cannot be used; the text says what to do and never the key."""


class MasterKeyUnknown(SealBroken, MasterKeyError):  # noqa: N818 - says the condition.
    """A data key was wrapped by a master key that this process was not given."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as the database keeps it, and the name of the master key that opens it."""

    master_key_id: str
    wrapped: bytes


class KeyService(Protocol):
    """Wraps and unwraps data keys. An outside service (KMS, HSM) does both, and its key stays there."""

    async def wrap(self, secret: bytes, *, context: bytes) -> WrappedKey:
        """Wrap a data key, bound to a context without which it does not unwrap."""

    async def unwrap(self, wrapped: WrappedKey, *, context: bytes) -> bytes:
        """Unwrap a data key. Raises SealBroken, MasterKeyUnknown."""

    def knows(self, master_key_id: str) -> bool:
        """Tell whether it has the master key of this name."""


class LocalKeyService:
    """Wraps with master keys of this process by AES-256-GCM: the first wraps, all of them unwrap."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the master keys, the newest first."""
        if not keys or any(len(key) != MASTER_KEY_LENGTH for key in keys):
            raise MasterKeyError(f"A master key has {MASTER_KEY_LENGTH} bytes.")
        self._boxes = {_name(key): AESGCM(key) for key in keys}

    def knows(self, master_key_id: str) -> bool:
        """Tell whether the master key of this name was given."""
        return master_key_id in self._boxes

    async def wrap(self, secret: bytes, *, context: bytes) -> WrappedKey:
        """Wrap a data key with the newest master key."""
        name, box = next(iter(self._boxes.items()))
        nonce = os.urandom(NONCE_LENGTH)
        return WrappedKey(name, nonce + box.encrypt(nonce, secret, context))

    async def unwrap(self, wrapped: WrappedKey, *, context: bytes) -> bytes:
        """Unwrap a data key. Raises SealBroken, MasterKeyUnknown."""
        box = self._boxes.get(wrapped.master_key_id)
        if box is None:
            raise MasterKeyUnknown(
                f"A data key was wrapped by the master key {wrapped.master_key_id}, which is not in "
                "JINLIN_MASTER_KEY. Give it, too, after a comma."
            )
        nonce, sealed = wrapped.wrapped[:NONCE_LENGTH], wrapped.wrapped[NONCE_LENGTH:]
        try:
            return box.decrypt(nonce, sealed, context)
        except InvalidTag as error:
            raise SealBroken("a wrapped data key does not open") from error


def read_master_keys(text: str) -> LocalKeyService:
    """Take the master keys from JINLIN_MASTER_KEY: base64, the newest first, separated by commas.

    Raises MasterKeyError.
    """
    return LocalKeyService([_decode(part.strip()) for part in text.split(",")])


def ensure_master_key_file(path: Path) -> LocalKeyService:
    """Read the master keys of a file; a missing one is made with a new key, for its owner's eyes alone.

    Raises MasterKeyError.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise MasterKeyError(f"{path} can be read by others. Run: chmod 600 {path}") from None
        return read_master_keys(path.read_text(encoding="ascii"))
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_LENGTH)).decode() + "\n")
    return read_master_keys(path.read_text(encoding="ascii"))


def _name(key: bytes) -> str:
    return "local:" + hashlib.sha256(b"jinlin master key" + key).hexdigest()[:16]


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != MASTER_KEY_LENGTH:
        raise MasterKeyError("JINLIN_MASTER_KEY is not 32 bytes in base64. Make a key with: openssl rand -base64 32")
    return key
