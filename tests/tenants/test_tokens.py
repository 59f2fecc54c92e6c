"""Which tokens are good, and is every other refused in the same way?"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.errors import Unauthenticated
from tenants.issuers import ALGORITHMS, IssuersNotReadable, KeySet, read_issuers
from tenants.tokens import LEEWAY, LONGEST_TOKEN, TokenVerifier
from tests.tokens import AUDIENCE, TestIssuer, make_key

SIGN_ON = TestIssuer()
STRANGER = TestIssuer(name="https://stranger.test")
_PHONED = replace(SIGN_ON.trusted(), phone_claim="phone_number")


def forged(header: object, payload: object, signature: bytes = b"") -> bytes:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def usual_payload() -> dict[str, object]:
    return {"iss": SIGN_ON.name, "aud": AUDIENCE, "sub": "somebody", "exp": time.time() + 600}


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier([SIGN_ON.trusted()])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_takes_a_good_token_of_each_algorithm(algorithm: str) -> None:
    issuer = TestIssuer(algorithm=algorithm, key=make_key(algorithm))
    verifier = TokenVerifier([TestIssuer(name="b").trusted(), issuer.trusted()])

    verified = verifier.verify(issuer.token("张三-001"))

    assert verified.issuer.issuer == issuer.name
    assert (verified.subject, verified.display_name) == ("张三-001", "张三-001的账号")
    assert verified.expires_at == pytest.approx(time.time() + 600 + LEEWAY, abs=5)


def test_keeps_issuers_apart() -> None:
    sign_on, mini_program = TestIssuer(name="https://a.test"), TestIssuer(name="https://b.test")
    verifier = TokenVerifier([sign_on.trusted(), mini_program.trusted()])

    found = [verifier.verify(issuer.token("7")).issuer.issuer for issuer in (sign_on, mini_program)]
    with pytest.raises(Unauthenticated):
        verifier.verify(sign_on.token("7", iss=mini_program.name))

    assert found == ["https://a.test", "https://b.test"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"x",
        lambda: b"\xff\xfe",
        "令牌".encode,
        lambda: SIGN_ON.token(lifetime=-LEEWAY - 1),
        lambda: SIGN_ON.token(nbf=time.time() + LEEWAY + 60),
        lambda: SIGN_ON.token(aud="another-service"),
        lambda: SIGN_ON.token(aud=None),
        lambda: SIGN_ON.token(exp=None),
        lambda: SIGN_ON.token(exp="tomorrow"),
        lambda: SIGN_ON.token(exp=10**400),
        lambda: SIGN_ON.token(sub=None),
        lambda: SIGN_ON.token(sub="a\ud800"),
        lambda: SIGN_ON.token(sub="a\tb"),
        lambda: SIGN_ON.token(sub="a" * 256),
        lambda: SIGN_ON.token(""),
        lambda: SIGN_ON.token("a\0b"),
        lambda: SIGN_ON.token("x" * 256),
        lambda: SIGN_ON.token(iss=None),
        lambda: SIGN_ON.token(padding="x" * LONGEST_TOKEN),
        STRANGER.token,
        lambda: TestIssuer().token(),
        lambda: TestIssuer(key_id="second", key=SIGN_ON.key).token(),
        lambda: SIGN_ON.token()[:-4] + b"AAAA",
        lambda: forged({"alg": "none"}, usual_payload()),
        lambda: forged({"alg": "None", "kid": "first"}, usual_payload()),
        lambda: forged({"alg": "EdDSA", "kid": "first"}, usual_payload()),
        lambda: forged({"alg": "HS256", "kid": "first"}, usual_payload(), b"x" * 32),
        lambda: forged({"alg": "EdDSA", "kid": ["first"]}, usual_payload()),
        lambda: forged({"alg": "EdDSA", "kid": "first"}, {**usual_payload(), "iss": ["a"]}),
        lambda: forged({"alg": "EdDSA", "kid": "first"}, ["iss"]),
        lambda: forged(["alg"], usual_payload()),
        lambda: base64.urlsafe_b64encode(b"[" * 5000) + b".e30.",
        lambda: b"e30." + base64.urlsafe_b64encode(b'{"iss":' * 700) + b".",
    ],
)
def test_refuses_every_other_token_alike(make: Callable[[], bytes], verifier: TokenVerifier) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verifier.verify(make())

    assert (refusal.value.code, refusal.value.values, refusal.value.field) == ("UNAUTHENTICATED", {}, None)


def test_refuses_a_secret_made_of_the_public_key() -> None:
    # The old confusion of algorithms: the published key taken for a shared secret.
    secret = str(SIGN_ON.jwks()["keys"]).encode().hex().encode()
    token = jwt.encode(usual_payload(), secret, "HS256", headers={"kid": "first"})

    with pytest.raises(Unauthenticated):
        TokenVerifier([SIGN_ON.trusted()]).verify(token.encode())


@given(st.binary(max_size=200), st.integers(0, 3))
def test_refuses_noise(noise: bytes, dots: int) -> None:
    parts = [base64.urlsafe_b64encode(noise)] * dots + [noise]

    with pytest.raises(Unauthenticated):
        TokenVerifier([SIGN_ON.trusted()]).verify(b".".join(parts))


def test_allows_clocks_to_differ_a_little(verifier: TokenVerifier) -> None:
    verifier.verify(SIGN_ON.token(lifetime=-LEEWAY + 10))
    verifier.verify(SIGN_ON.token(nbf=time.time() + LEEWAY - 10))


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"phone_number": "13800000001", "phone_number_verified": True}, "13800000001"),
        ({"phone_number": "13800000001"}, None),
        ({"phone_number": "13800000001", "phone_number_verified": False}, None),
        ({"phone_number": "13800000001", "phone_number_verified": "true"}, None),
        ({"phone_number": "13800000001", "phone_number_verified": 1}, None),
        ({"phone_number": 13800000001, "phone_number_verified": True}, None),
        ({"phone_number": "", "phone_number_verified": True}, None),
        ({"phone_number": "1" * 31, "phone_number_verified": True}, None),
        ({"mobile": "13800000001", "mobile_verified": True}, None),
        ({"phone_number_verified": True}, None),
    ],
)
def test_tells_a_phone_that_the_issuer_has_verified(claims: dict[str, Any], told: str | None) -> None:
    token = SIGN_ON.token("7", **claims)

    assert TokenVerifier([_PHONED]).phone_in(token) == told
    # Off, unless the issuer is trusted to vouch for phones.
    assert TokenVerifier([SIGN_ON.trusted()]).phone_in(token) is None


def test_tells_no_phone_of_a_bad_token_and_keeps_none() -> None:
    claims: dict[str, Any] = {"phone_number": "13800000001", "phone_number_verified": True}
    verifier = TokenVerifier([_PHONED])
    forgery = TestIssuer(key=make_key()).token("7", **claims)

    for bad in (forgery, SIGN_ON.token("7", lifetime=-600, **claims), b"x", "é".encode()):
        with pytest.raises(Unauthenticated):
            verifier.phone_in(bad)

    assert verifier.phone_in(SIGN_ON.token("7", **claims)) == "13800000001"
    assert "13800000001" not in repr(verifier.__dict__)


@pytest.mark.parametrize("shown", [None, ["a"], "", "\x1b[2J", "x" * 256])
def test_shows_no_name_that_will_not_do(shown: object, verifier: TokenVerifier) -> None:
    assert verifier.verify(SIGN_ON.token("7", preferred_username=shown)).display_name is None


def test_a_remembered_token_is_cheap() -> None:
    verifier = TokenVerifier([SIGN_ON.trusted()])
    token = SIGN_ON.token()
    verifier.verify(token)

    began = time.perf_counter()
    for _ in range(1000):
        verifier.verify(token)

    assert (time.perf_counter() - began) / 1000 < 50e-6


def test_a_remembered_token_is_forgotten_when_it_expires() -> None:
    verifier = TokenVerifier([SIGN_ON.trusted()], clock=lambda: now[0])
    now = [time.time()]
    token = SIGN_ON.token(lifetime=-LEEWAY + 2)
    verifier.verify(token)

    now[0] += 5
    time.sleep(2.1)

    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_remembers_no_more_than_it_may() -> None:
    verifier = TokenVerifier([SIGN_ON.trusted()], capacity=2)

    for number in range(5):
        verifier.verify(SIGN_ON.token(str(number)))

    assert len(verifier._verified) == 2  # noqa: SLF001 - how much is kept shows nowhere else.


def write_issuers(folder: Path, **changed: object) -> Path:
    (folder / "keys.json").write_text(json.dumps(SIGN_ON.jwks()))
    entry = {
        "issuer": SIGN_ON.name,
        "audience": AUDIENCE,
        "algorithms": ["EdDSA"],
        "keys": "keys.json",
        "subtrees": ["gulou"],
        "position_kinds": ["worker", "grid-worker"],
    }
    kept = {name: value for name, value in {**entry, **changed}.items() if value is not None}
    path = folder / "issuers.json"
    path.write_text(json.dumps({"issuers": [kept]}))
    return path


def test_reads_issuers_from_a_file(tmp_path: Path) -> None:
    (issuer,) = read_issuers(write_issuers(tmp_path))

    assert TokenVerifier([issuer]).verify(SIGN_ON.token("7")).subject == "7"
    assert issuer.vouching.covers_kind("worker")
    assert not issuer.vouching.covers_kind("resident")
    assert issuer.vouching.covers_tenant("qingcheng", offices=("gudong", "gulou"))
    assert issuer.vouching.covers_tenant("gulou", offices=(None, "gulou"))
    assert not issuer.vouching.covers_tenant("jiezilu", offices=("xueyuanlu", "xifeng"))


def test_reads_which_claim_an_issuer_vouches_for_as_the_phone(tmp_path: Path) -> None:
    (silent,), (told,) = (
        read_issuers(write_issuers(tmp_path, **changed)) for changed in ({}, {"phone_claim": "mobile"})
    )
    token = SIGN_ON.token("7", mobile="13800000001", mobile_verified=True)

    assert (silent.phone_claim, told.phone_claim) == (None, "mobile")
    assert TokenVerifier([told]).phone_in(token) == "13800000001"


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": None},
        {"audience": ""},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"keys": "missing.json"},
        {"keys": {"keys": []}},
        {"keys": {}},
        {"keys": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"algorithms": ["RS256"]},
        {"subtrees": []},
        {"subtrees": "gulou"},
        {"position_kinds": None},
        {"phone_claim": ""},
        {"phone_claim": True},
    ],
)
def test_refuses_a_file_that_trusts_too_much_or_too_little(changed: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(IssuersNotReadable):
        read_issuers(write_issuers(tmp_path, **changed))


def test_refuses_an_issuer_listed_twice(tmp_path: Path) -> None:
    path = write_issuers(tmp_path)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({"issuers": document["issuers"] * 2}))

    with pytest.raises(IssuersNotReadable):
        read_issuers(path)


def test_takes_no_private_key_for_a_public_one() -> None:
    algorithm = jwt.get_algorithm_by_name("EdDSA")
    private = json.loads(algorithm.to_jwk(SIGN_ON.key))

    with pytest.raises(IssuersNotReadable):
        KeySet({"keys": [private]}, algorithms=["EdDSA"])


def test_a_replaced_key_set_ends_what_the_old_one_signed(tmp_path: Path) -> None:
    verifier = TokenVerifier(read_issuers(write_issuers(tmp_path)))
    token = SIGN_ON.token()
    verifier.verify(token)
    unchanged = verifier.reload_keys()
    successor = TestIssuer(key_id="second")
    (tmp_path / "keys.json").unlink()
    (tmp_path / "keys.json").write_text(json.dumps(successor.jwks()) + "\n")

    assert not unchanged
    assert verifier.reload_keys()
    assert verifier.verify(successor.token("8")).subject == "8"
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_a_broken_key_set_leaves_the_old_keys(tmp_path: Path) -> None:
    verifier = TokenVerifier(read_issuers(write_issuers(tmp_path)))
    (tmp_path / "keys.json").write_text("{")

    assert not verifier.reload_keys()
    assert verifier.verify(SIGN_ON.token("7")).subject == "7"
