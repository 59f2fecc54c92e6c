"""Are addresses turned into what they sort and are found by, in a time that grows with them and no faster?"""

from __future__ import annotations

import time

import pytest

from services.places.rules import address_key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("3号楼1单元101室", "000003号楼000001单元000101室"),
        ("第三网格", "000003网格"),
        ("第十二网格", "000012网格"),
        ("一百零三号", "000103号"),
        ("二〇三室", "000203室"),
        ("三一里", "三一里"),
        ("一第一号楼", "一000001号楼"),
        ("一号别墅区别", "000001号别墅区别"),
    ],
)
def test_numbers_are_padded(address: str, key: str) -> None:
    assert address_key(address) == key


@pytest.mark.parametrize("sign", ["一", "第一", "第", "一号", "1", "第1"])
def test_a_long_text_takes_no_longer_for_each_sign(sign: str) -> None:
    begun = time.process_time()
    address_key(sign * 30_000)

    assert time.process_time() - begun < 1
