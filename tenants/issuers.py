"""Whose signatures do we trust, with which keys, and for which tenants and kinds of post?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jwt

# Each is checked with a public key: a shared secret would let everybody who checks also sign.
ALGORITHMS = ("EdDSA", "ES256", "RS256")
EVERYTHING = "*"
DISPLAY_NAME_CLAIM = "preferred_username"

_KEY_TYPES = {"EdDSA": "OKP", "ES256": "EC", "RS256": "RSA"}
_SMALLEST_RSA_BITS = 2048


class IssuersNotReadable(Exception):  # noqa: N818 - the text says what is not, and why.
    """The list of trusted issuers or one of their key sets cannot be used."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """The tenants and the kinds of post that an issuer may vouch for."""

    # Slugs of single tenants, or `*` for all.
    tenants: frozenset[str]
    # Slugs of offices that it vouches for together with everything below them.
    subtrees: frozenset[str]
    # Starting kinds of position, or `*`; a tenant's own kind counts as the one it copies.
    position_kinds: frozenset[str]

    def covers_kind(self, starting_kind: str) -> bool:
        """Tell whether posts of this kind count for those who come by this issuer."""
        return EVERYTHING in self.position_kinds or starting_kind in self.position_kinds

    def covers_tenant(self, slug: str, *, offices: Iterable[str | None]) -> bool:
        """Tell whether posts in the tenant count, given the slugs of its street and its district."""
        if EVERYTHING in self.tenants or slug in self.tenants:
            return True
        return not self.subtrees.isdisjoint({slug, *offices})


EVERYBODY = Vouching(frozenset({EVERYTHING}), frozenset(), frozenset({EVERYTHING}))


class KeySet:
    """The public keys of an issuer (RFC 7517), by key id, from a file that may be replaced while we run."""

    def __init__(self, source: Path | Mapping[str, object], *, algorithms: Iterable[str]) -> None:
        """Take a file or the document itself. Raises IssuersNotReadable."""
        self._source = source
        self._key_types = {_KEY_TYPES[algorithm] for algorithm in algorithms}
        self._stamp = self._present_stamp()
        self.by_id: Mapping[str, jwt.PyJWK] = self._read()

    def reload(self) -> bool:
        """Read the file anew if it changed, and tell whether the keys did; a broken file leaves them as they were."""
        stamp = self._present_stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self.by_id = self._read()
        except IssuersNotReadable:
            return False
        return True

    def _present_stamp(self) -> tuple[int, int] | None:
        if not isinstance(self._source, Path):
            return None
        try:
            status = self._source.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_ino)

    def _read(self) -> Mapping[str, jwt.PyJWK]:
        document = _json(self._source) if isinstance(self._source, Path) else self._source
        try:
            found = jwt.PyJWKSet.from_dict(_public(document)).keys
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise IssuersNotReadable(f"{self._name()} is not a key set (JWKS) with usable keys: {error}") from error
        usable = [key for key in found if self._is_usable(key)]
        if not usable:
            raise IssuersNotReadable(f"{self._name()} has no public key for the allowed algorithms")
        return {str(key.key_id): key for key in usable}

    def _is_usable(self, key: jwt.PyJWK) -> bool:
        if key.key_type not in self._key_types or key.public_key_use not in (None, "sig"):
            return False
        return key.key_type != "RSA" or key.key.key_size >= _SMALLEST_RSA_BITS

    def _name(self) -> str:
        return self._source.name if isinstance(self._source, Path) else "The key set"


@dataclass(frozen=True, slots=True, eq=False)
class TrustedIssuer:
    """Somebody whose signature we trust: a government sign-on, a mini-program's back end, the demo."""

    # Exactly what its tokens say in `iss`.
    issuer: str
    # What its tokens must say in `aud`: they are for us and not for another service.
    audience: str
    algorithms: frozenset[str]
    keys: KeySet
    vouching: Vouching
    # A claim that may be shown beside the account; not the legal name, since accounts are shared by tenants.
    display_name_claim: str = DISPLAY_NAME_CLAIM
    # A claim with the subject's own phone number, verified by the issuer; None for one that vouches for no phones.
    phone_claim: str | None = None


def read_issuers(path: Path) -> tuple[TrustedIssuer, ...]:
    """Read the file of trusted issuers; its form is told in tenants/README.md.

    Raises IssuersNotReadable.
    """
    document = _json(path)
    listed = document.get("issuers")
    if not isinstance(listed, list) or not listed:
        raise IssuersNotReadable(f"{path.name} has no list `issuers`")
    issuers = tuple(_issuer(entry, folder=path.parent) for entry in listed)
    if len({issuer.issuer for issuer in issuers}) < len(issuers):
        raise IssuersNotReadable(f"{path.name} lists an issuer twice")
    return issuers


def _issuer(entry: object, *, folder: Path) -> TrustedIssuer:
    if not isinstance(entry, dict):
        raise IssuersNotReadable("Each of `issuers` is an object")
    name = _text(entry, "issuer", of="an issuer")
    algorithms = _texts(entry, "algorithms", of=name)
    if not algorithms or not algorithms <= set(ALGORITHMS):
        raise IssuersNotReadable(f"{name}: `algorithms` lists some of {', '.join(ALGORITHMS)}")
    vouching = Vouching(
        _texts(entry, "tenants", of=name),
        _texts(entry, "subtrees", of=name),
        _texts(entry, "position_kinds", of=name),
    )
    if not (vouching.tenants or vouching.subtrees) or not vouching.position_kinds:
        raise IssuersNotReadable(f'{name}: say `tenants` or `subtrees`, and `position_kinds` ("*" for all)')
    keys = entry.get("keys")
    if not isinstance(keys, (str, dict)):
        raise IssuersNotReadable(f"{name}: `keys` is a key set (JWKS) or the path of one")
    source = folder / keys if isinstance(keys, str) else keys
    claim = _text(entry, "display_name_claim", of=name, default=DISPLAY_NAME_CLAIM)
    return TrustedIssuer(
        name,
        _text(entry, "audience", of=name),
        algorithms,
        KeySet(source, algorithms=algorithms),
        vouching,
        claim,
        _text(entry, "phone_claim", of=name) if "phone_claim" in entry else None,
    )


def _public(document: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is not a public key: whoever reads a private or shared one here could sign for the issuer."""
    listed = document["keys"]
    if not isinstance(listed, list):
        raise TypeError("`keys` is not a list")
    return {"keys": [key for key in listed if not {"d", "k"} & set(key)]}


def _json(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise IssuersNotReadable(f"{path.name} cannot be read as JSON: {error}") from error
    if not isinstance(document, dict):
        raise IssuersNotReadable(f"{path.name} is not a JSON object")
    return document


def _text(entry: Mapping[str, object], name: str, *, of: str, default: str | None = None) -> str:
    value = entry.get(name, default)
    if not isinstance(value, str) or not value:
        raise IssuersNotReadable(f"{of}: `{name}` is missing")
    return value


def _texts(entry: Mapping[str, object], name: str, *, of: str) -> frozenset[str]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise IssuersNotReadable(f"{of}: `{name}` is a list of texts")
    return frozenset(value)
