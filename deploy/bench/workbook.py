"""What does a large roster look like? A workbook as communities hand it in, the same in every run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random

from deploy.simulate.ids import IdSource
from deploy.simulate.names import invent_name, invent_phone
from deploy.simulate.neighbourhood import Extent, Ground, Neighbourhood, build_neighbourhood

TITLE = "房屋(户)信息登记表"
HEADER = ("所属网格", "小区名称", "楼栋", "单元", "房号", "产权人", "联系电话", "建筑面积(㎡)", "身份证号", "备注")
_GRIDS, _DWELLINGS_PER_ESTATE = 99, 700
# GB 11643: the weights of the digits, and the last character by their sum.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LAST = "10X98765432"

Row = tuple[str | float, ...]


def write_workbook(path: Path, *, dwellings: int) -> None:
    """Write a roster of so many dwellings, one row each, below a title and a header."""
    # Only development has it; whoever measures has that.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("房屋")
    sheet.append([TITLE])
    sheet.append(HEADER)
    for row in invent_rows(dwellings):
        sheet.append(row)
    unfinished = path.with_suffix(".part")
    book.save(unfinished)
    unfinished.rename(path)


def invent_rows(dwellings: int) -> Iterator[Row]:
    """Invent the rows: every dwelling with an owner, a telephone and an identity number."""
    key = f"roster of {dwellings}"
    random = Random(key)  # noqa: S311 - what is invented need not be secret.
    built = _build(dwellings, key, random)
    names = {place.id: place.name for place in (*built.grids, *built.estates, *built.buildings, *built.units)}
    for number, dwelling in enumerate(built.dwellings):
        within = (dwelling.grid_id, dwelling.estate_id, dwelling.building_id, dwelling.unit_id)
        yield (
            *(names[place_id] for place_id in within if place_id is not None),
            dwelling.room_number or "",
            invent_name(random),
            invent_phone(number),
            float(dwelling.floor_area or 1),
            _identity_number(random, number),
            "",
        )


def _build(dwellings: int, key: str, random: Random) -> Neighbourhood:
    ground = Ground(1, "roster", "名册社区", None, None, uuid.UUID(int=0), uuid.UUID(int=0), None)
    extent = Extent(dwellings, min(_GRIDS, max(1, dwellings // 2)), max(1, dwellings // _DWELLINGS_PER_ESTATE))
    return build_neighbourhood(ground, extent, random=random, ids=IdSource(key, block=0))


def _identity_number(random: Random, number: int) -> str:
    # No place has the code 990000: nobody's number comes out.
    digits = (
        f"990000{random.randrange(1940, 2005)}{random.randrange(1, 13):02d}{number % 28 + 1:02d}{number % 1000:03d}"
    )
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return digits + _LAST[total % 11]
