"""How are places named, ordered and found by their address? Pure rules, no storage."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NUMBER = re.compile(r"第?(?P<digits>\d+)")
# A Chinese numeral counts as a number only where one numbers something: 第三网格, 十二栋. One is read from its first
# sign or not at all and is never long, so that the time it takes grows with the text and not with its square.
_ORDINAL = re.compile(
    r"第?(?<![〇零一二两三四五六七八九十百])([〇零一二两三四五六七八九十百]{1,9}+)"
    r"(?=网格|号|栋|幢|楼|单元|层|室|座|期|区(?!别)|组)"
)
_WIDTH = 6
_LONGEST_REMEMBERED = 100


def chinese_number(numeral: str) -> int:
    """Read a Chinese numeral below one thousand: 十二 is 12, 一百零三 is 103, 二〇三 is 203."""
    if not any(mark in numeral for mark in "十百"):
        return int("".join(str(_DIGITS[digit]) for digit in numeral))
    total, pending = 0, 0
    for digit in numeral:
        if digit in "十百":
            total += (pending or 1) * (10 if digit == "十" else 100)
            pending = 0
        else:
            pending = _DIGITS[digit]
    return total + pending


def address_key(address: str) -> str:
    """Make the text by which addresses sort and are searched: numbers zero-padded, so that 2号楼 is before 10号楼.

    A search text made the same way matches whole numbers only: 3号楼 is not found in 13号楼.
    """
    # What clients search for may be of any length; only what can be an address is remembered.
    return _remembered_key(address) if len(address) <= _LONGEST_REMEMBERED else _key(address)


def _key(address: str) -> str:
    text = unicodedata.normalize("NFKC", address).casefold()
    text = "".join(text.split())
    text = _ORDINAL.sub(lambda found: str(chinese_number(found[1])), text)
    return _NUMBER.sub(lambda found: found["digits"].lstrip("0").rjust(_WIDTH, "0"), text)


_remembered_key = lru_cache(maxsize=65536)(_key)
