"""Who vouches for the demo's accounts? An issuer of its own, whose key never leaves this demo."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenants.issuers import EVERYBODY, KeySet, TrustedIssuer

ISSUER = "jinlin-demo"
_AUDIENCE = "jinlin"
_ALGORITHM = "EdDSA"
_SECONDS_VALID = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class DemoIssuer:
    """The demo's signing key."""

    key: jwt.PyJWK

    def token(self, account: str, *, now: float | None = None) -> str:
        """Sign a token for one of the demo's accounts."""
        issued = int(time.time() if now is None else now)
        claims = {"iss": ISSUER, "aud": _AUDIENCE, "sub": account, "exp": issued + _SECONDS_VALID}
        return jwt.encode(claims, self.key.key, algorithm=_ALGORITHM)

    def trusted(self) -> TrustedIssuer:
        """Describe the issuer to the gateway of this demo; no other gateway knows its key."""
        public = _public_part(self.key.key)
        algorithms = frozenset({_ALGORITHM})
        keys = KeySet({"keys": [public]}, algorithms=algorithms)
        return TrustedIssuer(ISSUER, _AUDIENCE, algorithms, keys, EVERYBODY)


def ensure_demo_issuer(home: Path) -> DemoIssuer:
    """Read the demo's signing key, which is made, for its owner's eyes alone, if it is missing."""
    path = home / "demo-issuer.json"
    home.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return DemoIssuer(jwt.PyJWK(json.loads(path.read_text())))
    made = jwt.algorithms.OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file)
    return DemoIssuer(jwt.PyJWK(made))


def _public_part(key: Ed25519PrivateKey) -> dict[str, object]:
    return jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
