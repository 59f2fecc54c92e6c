"""Which ciphers may seal? AES-256-GCM with SHA-256, or SM4-GCM with SM3 where a deployment must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_LENGTH = 12
TAG_LENGTH = 16


class SealBroken(Exception):  # noqa: N818 - says the condition.
    """What is to be opened was changed, moved, cut short, or sealed with another key."""


class Box(Protocol):
    """One key, ready to encrypt and authenticate any number of messages."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Seal a message; the authentication tag is its last 16 bytes."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Open a message, or raise InvalidTag."""


class Sm4Box:
    """SM4 (GB/T 32907) in Galois/counter mode, as AESGCM does it for AES."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Seal a message; the authentication tag is its last 16 bytes."""
        encryptor = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Open a message, or raise InvalidTag."""
        if len(data) < TAG_LENGTH:
            raise InvalidTag
        mode = modes.GCM(nonce, data[-TAG_LENGTH:])
        decryptor = Cipher(self._cipher, mode).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_LENGTH]) + decryptor.finalize()


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A cipher and the digest that goes with it. The number stands in every sealed value."""

    name: str
    number: int
    key_length: int
    box: Callable[[bytes], Box]
    digest: Callable[[], HashAlgorithm]

    def derive(self, key: bytes, usage: str, length: int) -> bytes:
        """Derive a key for one usage; neither the key nor another usage's follows from it (RFC 5869)."""
        return HKDF(self.digest(), length, salt=None, info=f"jinlin {usage}".encode()).derive(key)


@dataclass(frozen=True, slots=True)
class KeyedDigest:
    """An HMAC of one key, ready for any number of messages."""

    start: HMAC

    def of(self, message: bytes) -> bytes:
        """Compute the 32 bytes of a message."""
        hmac = self.start.copy()
        hmac.update(message)
        return hmac.finalize()


AES = Algorithm("AES-256-GCM", 1, 32, AESGCM, SHA256)
SM4 = Algorithm("SM4-GCM", 2, 16, Sm4Box, SM3)
ALGORITHMS = {algorithm.name: algorithm for algorithm in (AES, SM4)}
