"""Does a data key come out only with the right master key and context?"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tenants.sealing.algorithms import SealBroken
from tenants.sealing.master_key import (
    LocalKeyService,
    MasterKeyError,
    MasterKeyUnknown,
    WrappedKey,
    ensure_master_key_file,
    read_master_keys,
)

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def encoded(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


async def test_unwraps_what_it_wrapped_and_names_the_master_key() -> None:
    wrapped = await read_master_keys(encoded(OLD)).wrap(b"secret", context=b"tenant 1")

    assert await read_master_keys(encoded(OLD)).unwrap(wrapped, context=b"tenant 1") == b"secret"
    assert wrapped.master_key_id.startswith("local:")
    assert b"secret" not in wrapped.wrapped


async def test_goes_on_unwrapping_with_the_old_master_key_beside_the_new() -> None:
    wrapped = await LocalKeyService([OLD]).wrap(b"secret", context=b"")

    both = read_master_keys(encoded(NEW, OLD))

    assert await both.unwrap(wrapped, context=b"") == b"secret"
    assert (await both.wrap(b"secret", context=b"")).master_key_id != wrapped.master_key_id


async def test_refuses_another_master_key_by_name() -> None:
    wrapped = await LocalKeyService([OLD]).wrap(b"secret", context=b"")

    with pytest.raises(MasterKeyUnknown, match=r"JINLIN_MASTER_KEY"):
        await LocalKeyService([NEW]).unwrap(wrapped, context=b"")


async def test_refuses_another_context_and_changed_bytes() -> None:
    service = LocalKeyService([OLD])
    wrapped = await service.wrap(b"secret", context=b"tenant 1")
    changed = WrappedKey(wrapped.master_key_id, wrapped.wrapped[:-1] + b"\0")

    with pytest.raises(SealBroken):
        await service.unwrap(wrapped, context=b"tenant 2")
    with pytest.raises(SealBroken):
        await service.unwrap(changed, context=b"tenant 1")


@pytest.mark.parametrize("text", ["", "short", encoded(bytes(16)), "密钥", encoded(OLD) + ",", "AAAA"])
def test_refuses_a_master_key_of_another_shape_without_repeating_it(text: str) -> None:
    with pytest.raises(MasterKeyError) as error:
        read_master_keys(text)

    assert not text or text not in str(error.value)


async def test_makes_the_file_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    wrapped = await ensure_master_key_file(path).wrap(b"secret", context=b"")

    assert path.stat().st_mode & 0o777 == 0o600
    assert await ensure_master_key_file(path).unwrap(wrapped, context=b"") == b"secret"


def test_refuses_a_file_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    ensure_master_key_file(path)
    path.chmod(0o644)

    with pytest.raises(MasterKeyError, match="chmod 600"):
        ensure_master_key_file(path)
