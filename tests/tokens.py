"""How do tests come by an issuer and its tokens?"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenants.issuers import EVERYTHING, KeySet, TrustedIssuer, Vouching

AUDIENCE = "jinlin-test"
_A_DAY = 86_400.0
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def make_key(algorithm: str = "EdDSA") -> PrivateKey:
    """Make a private key for an algorithm."""
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Ed25519PrivateKey.generate()


@dataclass(frozen=True)
class TestIssuer:
    """An issuer with its private key."""

    __test__ = False

    name: str = "https://issuer.test"
    algorithm: str = "EdDSA"
    key_id: str = "first"
    key: PrivateKey = field(default_factory=make_key)

    def jwks(self) -> dict[str, object]:
        """Make the document that publishes the key."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        document = json.loads(algorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**document, "kid": self.key_id, "use": "sig", "alg": self.algorithm}]}

    def trusted(
        self,
        *,
        tenants: Collection[str] = (EVERYTHING,),
        subtrees: Collection[str] = (),
        position_kinds: Collection[str] = (EVERYTHING,),
    ) -> TrustedIssuer:
        """Trust the issuer for these tenants and kinds of position."""
        vouching = Vouching(frozenset(tenants), frozenset(subtrees), frozenset(position_kinds))
        algorithms = frozenset({self.algorithm})
        keys = KeySet(self.jwks(), algorithms=algorithms)
        return TrustedIssuer(self.name, AUDIENCE, algorithms, keys, vouching)

    def token(self, subject: str = "somebody", *, lifetime: float = 600, **claims: object) -> bytes:
        """Sign a token; claims replace the usual ones."""
        now = time.time()
        usual = {"iss": self.name, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + lifetime}
        usual |= {"preferred_username": f"{subject}的账号"}
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(payload, self.key, self.algorithm, headers={"kid": self.key_id}).encode()

    @cache  # noqa: B019 - there are two issuers in a run.
    def kept_token(self, subject: str, **claims: object) -> str:
        """Give the token that an app goes on sending for the length of a run."""
        return self.token(subject, lifetime=_A_DAY, **claims).decode()
