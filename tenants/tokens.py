"""Is this bearer token good, who vouches for it, for whom, and until when?"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jwt

from tenants.errors import Unauthenticated
from tenants.issuers import KeySet, TrustedIssuer, Vouching

# Clocks of several machines differ by this much at most, in seconds.
LEEWAY = 30
LONGEST_TOKEN = 8192
LONGEST_SUBJECT = 255
LONGEST_PHONE = 30
# What decoding a forged token may raise: PyJWT lets faults of JSON and of numbers through.
_FAULTS = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Whom a good token is for."""

    issuer: TrustedIssuer
    subject: str
    # What the token says is shown beside the account, if anything.
    display_name: str | None
    # Seconds since 1970, leeway included.
    expires_at: float


class TokenVerifier:
    """Checks the tokens of several issuers at once, each with its own keys, audience and algorithms."""

    def __init__(
        self,
        issuers: Sequence[TrustedIssuer],
        *,
        clock: Callable[[], float] = time.time,
        capacity: int = 20_000,
    ) -> None:
        """Trust these issuers and nobody else; remember so many good tokens until they expire."""
        self._issuers: Mapping[str, TrustedIssuer] = {issuer.issuer: issuer for issuer in issuers}
        self._clock = clock
        self._capacity = capacity
        self._verified: OrderedDict[bytes, VerifiedToken] = OrderedDict()

    def verify(self, token: bytes) -> VerifiedToken:
        """Tell whom a token is for.

        Raises Unauthenticated, the same for whatever is wrong with it.
        """
        digest = hashlib.sha256(token).digest()
        known = self._verified.get(digest)
        if known is not None and self._clock() < known.expires_at:
            self._verified.move_to_end(digest)
            return known
        self._verified.pop(digest, None)
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated
        try:
            verified = self._check(token.decode("ascii"))
        except _FAULTS as error:
            raise Unauthenticated from error
        self._verified[digest] = verified
        if len(self._verified) > self._capacity:
            self._verified.popitem(last=False)
        return verified

    def phone_in(self, token: bytes) -> str | None:
        """Tell the phone number that a token's issuer vouches for, if it does for any; it is kept nowhere.

        The number stands in the issuer's claim, and beside it that it was verified (OpenID Connect Core, 5.1).
        Raises Unauthenticated.
        """
        claim = self.verify(token).issuer.phone_claim
        if claim is None:
            return None
        # The signature was checked just now, or when these very bytes came for the first time.
        claims = jwt.decode_complete(token.decode("ascii"), options={"verify_signature": False})["payload"]
        phone = claims.get(claim)
        is_verified = claims.get(f"{claim}_verified") is True
        return phone if is_verified and isinstance(phone, str) and 0 < len(phone) <= LONGEST_PHONE else None

    def vouching_of(self, issuer: str) -> Vouching | None:
        """Tell what a trusted issuer may vouch for; None for anybody else."""
        trusted = self._issuers.get(issuer)
        return None if trusted is None else trusted.vouching

    def reload_keys(self) -> bool:
        """Read key sets anew that changed on disk; tell whether any did, so that what hangs on them is dropped."""
        # Every one is asked, not only those up to the first that changed.
        changed = [issuer.keys.reload() for issuer in self._issuers.values()]
        if any(changed):
            self._verified.clear()
        return any(changed)

    def _check(self, token: str) -> VerifiedToken:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
        issuer = self._issuers[unverified["payload"]["iss"]]
        claims = jwt.decode(
            token,
            _key(issuer.keys, unverified["header"]),
            algorithms=list(issuer.algorithms),
            audience=issuer.audience,
            issuer=issuer.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        subject = claims["sub"]
        # Half of a pair of surrogates is not printable, either: no database takes it.
        if not _is_printable(subject):
            raise Unauthenticated
        shown = claims.get(issuer.display_name_claim)
        return VerifiedToken(issuer, subject, shown if _is_printable(shown) else None, float(claims["exp"]) + LEEWAY)


def _is_printable(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= LONGEST_SUBJECT and name.isprintable()


def _key(keys: KeySet, header: Mapping[str, object]) -> jwt.PyJWK:
    key_id = header.get("kid")
    if key_id is None and len(keys.by_id) == 1:
        return next(iter(keys.by_id.values()))
    return keys.by_id[str(key_id)]
