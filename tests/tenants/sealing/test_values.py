"""Does a sealed value open for its tenant and its purpose, and for nothing else?"""

from __future__ import annotations

import uuid
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tenants.sealing.algorithms import ALGORITHMS, SealBroken, Sm4Box
from tenants.sealing.values import DataKey, Purpose, TenantSealer, UnknownDataKey

KEY_ID = uuid.UUID("01900000-0000-7000-8000-00000000000a")
SECRET = bytes(range(32))
HEADER_LENGTH = 18

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)


def sealer(algorithm: str = "AES-256-GCM", *, tenant_id: int = 12) -> TenantSealer:
    return TenantSealer(tenant_id, [DataKey(KEY_ID, algorithm, SECRET)])


@every_algorithm
@given(text=st.text(max_size=60), purpose=st.sampled_from(Purpose))
def test_opens_what_it_sealed(algorithm: str, text: str, purpose: Purpose) -> None:
    sealed = sealer(algorithm).seal(text, purpose=purpose)

    assert sealer(algorithm).open(sealed, purpose=purpose) == text


def test_names_version_algorithm_key_and_nonce() -> None:
    sealed = sealer().seal("13800000000", purpose=Purpose.PHONE)

    assert sealed[:2] == b"\x01\x01"
    assert sealed[2:18] == KEY_ID.bytes
    assert len(sealed) == HEADER_LENGTH + 12 + 11 + 16
    assert b"138" not in sealed


def test_opens_a_value_kept_from_long_ago() -> None:
    # Whatever changes in the code, values like these lie in databases.
    kept = {
        "AES-256-GCM": (
            "01010190000000007000800000000000000a5d5645e55864da3ce258ab027842fcffabb9"
            "1f9a84108ee17ee1d67f4e35be71fe7e97a70bdadf08"
        ),
        "SM4-GCM": (
            "01020190000000007000800000000000000a274e90d9892f8e02c38cd408331c8a97c2cb"
            "da98cbc7c2dd24abe072196c0a0d1521df03c9c7161d"
        ),
    }

    opened = {name: sealer(name).open(bytes.fromhex(value), purpose=Purpose.NAME) for name, value in kept.items()}

    assert opened == {"AES-256-GCM": "欧阳娜娜", "SM4-GCM": "欧阳娜娜"}


def test_finds_by_an_index_kept_from_long_ago() -> None:
    found = {name: sealer(name).index("138 0000 0000", purpose=Purpose.PHONE).hex() for name in ALGORITHMS}

    assert found == {"AES-256-GCM": "3cba8d53675e9190699ef15f0486071f", "SM4-GCM": "89b9af27e71daf3d22af384ffa4f6760"}


def test_sm4_agrees_with_the_vector_of_rfc_8998() -> None:
    box = Sm4Box(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    plain = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    nonce = bytes.fromhex("00001234567800000000abcd")

    sealed = box.encrypt(nonce, plain, bound)

    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert box.decrypt(nonce, sealed, bound) == plain


def test_aes_agrees_with_the_vector_of_the_gcm_specification() -> None:
    box = ALGORITHMS["AES-256-GCM"].box(bytes(32))

    sealed = box.encrypt(bytes(12), bytes(16), b"")

    assert isinstance(box, AESGCM)
    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


@every_algorithm
def test_refuses_a_value_in_which_any_byte_was_changed(algorithm: str) -> None:
    sealed = sealer(algorithm).seal("张三", purpose=Purpose.NAME)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            sealer(algorithm).open(bytes(changed), purpose=Purpose.NAME)


@every_algorithm
def test_refuses_a_value_cut_short_at_any_place(algorithm: str) -> None:
    sealed = sealer(algorithm).seal("张三", purpose=Purpose.NAME)

    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            sealer(algorithm).open(sealed[:length], purpose=Purpose.NAME)


@every_algorithm
def test_refuses_a_value_moved_to_another_tenant_with_the_same_key(algorithm: str) -> None:
    sealed = sealer(algorithm, tenant_id=12).seal("张三", purpose=Purpose.NAME)

    with pytest.raises(SealBroken):
        sealer(algorithm, tenant_id=13).open(sealed, purpose=Purpose.NAME)


@every_algorithm
def test_refuses_a_value_moved_to_another_column(algorithm: str) -> None:
    sealed = sealer(algorithm).seal("13800000000", purpose=Purpose.PHONE)

    with pytest.raises(SealBroken):
        sealer(algorithm).open(sealed, purpose=Purpose.NAME)


def test_refuses_a_value_whose_key_the_tenant_never_had() -> None:
    sealed = sealer().seal("张三", purpose=Purpose.NAME)
    other = TenantSealer(12, [DataKey(uuid.uuid4(), "AES-256-GCM", SECRET)])

    with pytest.raises(UnknownDataKey):
        other.open(sealed, purpose=Purpose.NAME)


def test_seals_with_the_newest_key_and_opens_with_all() -> None:
    first = DataKey(KEY_ID, "AES-256-GCM", SECRET)
    second = DataKey(uuid.uuid4(), "SM4-GCM", bytes(32))
    before = TenantSealer(12, [first])
    after = TenantSealer(12, [DataKey(KEY_ID, "AES-256-GCM", SECRET, is_retired=True), second])

    old = before.seal_text("138-0000-0000", purpose=Purpose.PHONE)
    new = after.seal_text("138-0000-0000", purpose=Purpose.PHONE)

    assert new.sealed[:18] == b"\x01\x02" + second.id.bytes
    assert [after.open(one.sealed, purpose=Purpose.PHONE) for one in (old, new)] == ["138-0000-0000"] * 2
    # What was indexed before the change is found after it.
    assert old.blind_index == new.blind_index


def test_indexes_the_same_number_alike_however_it_was_written() -> None:
    ways = [
        "13800000000",
        "138 0000 0000",
        "+86 138-0000-0000",
        "(86)13800000000",
        "１３８００００００００",
        "0086-13800000000",
    ]

    assert len({sealer().index(way, purpose=Purpose.PHONE) for way in ways}) == 1


def test_indexes_differ_between_values_purposes_and_tenants() -> None:
    indexes = [
        sealer().index("13800000000", purpose=Purpose.PHONE),
        sealer().index("13800000001", purpose=Purpose.PHONE),
        sealer().index("13800000000", purpose=Purpose.IDENTITY),
        TenantSealer(12, [DataKey(KEY_ID, "AES-256-GCM", bytes(32))]).index("13800000000", purpose=Purpose.PHONE),
    ]

    assert len(set(indexes)) == len(indexes)
    assert {len(index) for index in indexes} == {16}


def test_never_repeats_a_nonce() -> None:
    sealed = sealer().seal_all(["同"] * 20_000, purpose=Purpose.NAME)

    nonces = sorted(value[18:30] for value in sealed)
    assert all(one != another for one, another in pairwise(nonces))


def test_keeps_the_secret_out_of_what_is_printed() -> None:
    assert "secret" not in repr(DataKey(KEY_ID, "AES-256-GCM", SECRET))
