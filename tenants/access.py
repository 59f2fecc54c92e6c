"""How is somebody let in where no headers can be sent, as by an image tag? By a signed note of who asked, and where.

The note says nothing of what may be read: whoever brings it is asked for present grants, like any caller.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tenants.errors import Unauthenticated

LIFETIME = timedelta(minutes=15)
_ACCOUNT, _TENANT, _INSTANT = 16, 4, 6
_LENGTH = _ACCOUNT + _TENANT + _INSTANT
_MAC_LENGTH = 32


@dataclass(frozen=True, slots=True)
class AccessNote:
    """An account, and the tenant in which it acted."""

    account_id: UUID
    tenant_id: int


class AccessKey:
    """Signs notes and reads them, the same on every process of a deployment."""

    def __init__(self, secret: bytes) -> None:
        """Take a secret of the deployment."""
        self._secret = secret

    def sign(self, note: AccessNote, *, at: datetime) -> str:
        """Write a note that is good for fifteen minutes from an instant, to go into an address."""
        until = int((at + LIFETIME).timestamp())
        told = note.account_id.bytes + note.tenant_id.to_bytes(_TENANT) + until.to_bytes(_INSTANT)
        return base64.urlsafe_b64encode(told + self._mac(told)).rstrip(b"=").decode()

    def read(self, text: str, *, now: datetime) -> AccessNote:
        """Read a note. Raises Unauthenticated, the same for whatever is wrong with it."""
        try:
            signed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise Unauthenticated from error
        told, mac = signed[:_LENGTH], signed[_LENGTH:]
        if len(mac) != _MAC_LENGTH or not hmac.compare_digest(mac, self._mac(told)):
            raise Unauthenticated
        if now.timestamp() >= int.from_bytes(told[_ACCOUNT + _TENANT :]):
            raise Unauthenticated
        return AccessNote(UUID(bytes=told[:_ACCOUNT]), int.from_bytes(told[_ACCOUNT : _ACCOUNT + _TENANT]))

    def _mac(self, told: bytes) -> bytes:
        return hmac.new(self._secret, told, hashlib.sha256).digest()
