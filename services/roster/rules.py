"""What follows from a roster's words: addresses, units, kinds of tenure and residence? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# The permission to take rosters in.
IMPORT = "roster:import"

FLOOR_LIMIT = 200
UNIT_LIMIT = 99
HEAD_COUNT_LIMIT = 50
AREA_LIMIT = 10_000
NAME_LIMIT = 50
# One cell with more owners than these is no list of owners.
PEOPLE_LIMIT = 20
# Houses without stairwells of their own: a dwelling hangs on a unit, and theirs is the first.
DEFAULT_UNIT = "1单元"

_TENURES = {
    "COMMERCIAL": "商品房 商品 产权房 普通商品房 商品住宅 私产 私房 个人产权",
    "REFORMED": "房改房 房改 已购公房 集资房 房改成本价",
    "PUBLIC": "公房 直管公房 自管公房 公租房 廉租房 公产 承租公房 单位公房 保障房",
    "SELF_BUILT": "自建房 自建 自建住宅 宅基地 农民自建房 民房",
    "RESETTLEMENT": "安置房 拆迁安置房 回迁房 安置 拆迁房 还建房 动迁房",
    "OTHER": "其他 其它 经济适用房 经适房 限价房 共有产权房 商住 商铺 车库 小产权房",
}
_RESIDENCES = {
    "OWNER_OCCUPIED": "自住 自用 自有自住 业主自住 本人居住 常住 居住",
    "RENTED": "出租 租住 租赁 已出租 租户 租用 出租房 转租",
    "VACANT": "空置 闲置 无人居住 空房 空关 未入住 空 无人 空户",
    "OTHER": "其他 其它 借住 亲属居住 办公 商用 经营 半空置",
}
_TENURE_CODES = {word: code for code, words in _TENURES.items() for word in words.split()}
_RESIDENCE_CODES = {word: code for code, words in _RESIDENCES.items() for word in words.split()}
_LONGEST_NOTE = 200
_NOTE = re.compile(
    r"^(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总数|本[\u4e00-\u9fff]{0,4}[共合]|以上|填\s*表|制\s*表|审\s*核|复\s*核"
    r"|统计人|填报|登记人|日期|备\s*注\s*:|注\s*\d*\s*:|说\s*明|盖\s*章|打印|\*|※)|共\s*\d+\s*[户套栋]"
)
_TOTAL = re.compile(r"^(?!小).*?(\d+)\s*[户套]")
_UNIT_NUMBER = re.compile(r"(\d+)单元")


@lru_cache(maxsize=1024)
def tenure_of(text: str) -> str | None:
    """Give the code of a kind of tenure (产权性质); None for words not known."""
    return _TENURE_CODES.get("".join(text.split()))


@lru_cache(maxsize=1024)
def residence_of(text: str) -> str | None:
    """Give the code of a kind of residence (居住情况); None for words not known."""
    return _RESIDENCE_CODES.get("".join(text.split()))


@lru_cache(maxsize=4096)
def is_note(text: str) -> bool:
    """Tell whether the first text of a row makes it a total, a note or a signature line, not an entry."""
    return _NOTE.search(text) is not None


def told_total(texts: Iterable[str]) -> int | None:
    """Find the number of dwellings that a total line tells, subtotals left out."""
    found = _TOTAL.search(" ".join(texts)[:_LONGEST_NOTE])
    return int(found[1]) if found and len(found[1]) <= 7 else None  # noqa: PLR2004 - no total is longer.


def units_without_rows(named: Iterable[str], *, declared: int) -> list[str]:
    """Name the units that a building is registered with and no dwelling stands in.

    A register that says 4单元 is believed: the stairwells exist, lived in or not. Those that rows name count
    first, whatever their names; the rest get the lowest numbers not taken.
    """
    taken = set(named)
    numbers = {int(found[1]) for name in taken if (found := _UNIT_NUMBER.fullmatch(name))}
    free = (number for number in range(1, declared + len(numbers) + 1) if number not in numbers)
    return [f"{next(free)}单元" for _ in range(declared - len(taken))]


def building_address(*, estate: str | None, building: str) -> str:
    """Write a building's address within its community: 汇景家园3号楼."""
    return f"{estate or ''}{building}"


def dwelling_address(unit_address: str, *, room_number: str) -> str:
    """Write a dwelling's address: 汇景家园3号楼2单元501室."""
    ending = "室" if room_number[-1:].isascii() and room_number[-1:].isalnum() else ""
    return f"{unit_address}{room_number}{ending}"
