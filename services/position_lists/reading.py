"""What does a list of posts say, row by row, and what is missing in it?

The file itself is opened by services.roster.reading, in bounds and with nothing evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.position_lists.errors import PositionsWithoutHeader
from services.roster.cells import filled, text_of
from services.roster.reading import Cell, Sheet
from tenants.sealing.normal_forms import normalize_text

NAME, PHONE, DUTY_PHONE, POST, PLACE, BODY, ACCOUNT = (
    "name",
    "phone",
    "duty_phone",
    "post",
    "place",
    "body",
    "account",
)
# Titles as people write them, blanks, brackets and signs left out.
_TITLES: Mapping[str, tuple[str, ...]] = {
    NAME: ("姓名", "名字", "任职人", "name"),
    PHONE: ("电话", "手机", "手机号", "手机号码", "电话号码", "联系电话", "联系方式", "phone"),
    DUTY_PHONE: ("公示电话", "值班电话", "值守电话", "对外电话", "dutyphone"),
    POST: ("岗位", "职务", "岗位类型", "担任职务", "任职岗位", "post", "position"),
    PLACE: ("地点", "位置", "区域", "负责区域", "管辖范围", "网格", "楼栋", "网格楼栋", "小区", "place"),
    BODY: ("单位", "组织", "所属单位", "所属组织", "公司", "body", "organization"),
    ACCOUNT: ("账号", "帐号", "登录账号", "account", "subject"),
}
_FIELDS = {title: field for field, titles in _TITLES.items() for title in titles}
_NOT_LETTERS = re.compile(r"[\W_]+|(?:必填|选填)")
_BETWEEN_PLACES = re.compile(r"[、,，;；\n]+")
_HEADER_ROWS = 20


@dataclass(frozen=True, slots=True)
class ListedPost:
    """One post of a list, as written; empty texts where a column or a cell is missing."""

    sheet: str
    # As a spreadsheet counts.
    row: int
    name: str
    phone: str
    duty_phone: str
    post: str
    place: str
    body: str
    account: str


def read_posts(sheets: Sequence[Sheet]) -> tuple[ListedPost, ...]:
    """List the posts of all visible sheets that have the columns; several places in a cell are several posts.

    Raises PositionsWithoutHeader.
    """
    found = [(sheet, header) for sheet in sheets if not sheet.is_hidden and (header := _header(sheet))]
    if not found:
        raise PositionsWithoutHeader
    return tuple(post for sheet, header in found for post in _posts(sheet, header))


@dataclass(frozen=True, slots=True)
class _Header:
    row: int
    columns: Mapping[str, int]


def _header(sheet: Sheet) -> _Header | None:
    for number, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            field = _FIELDS.get(_NOT_LETTERS.sub("", normalize_text(text_of(cell))).casefold())
            if field is not None:
                columns.setdefault(field, column)
        if NAME in columns and POST in columns:
            return _Header(number, columns)
    return None


def _posts(sheet: Sheet, header: _Header) -> Iterator[ListedPost]:
    for number, row in enumerate(sheet.rows[header.row + 1 :], start=header.row + 2):
        cells = {field: _text(row, header.columns.get(field)) for field in _TITLES}
        # Blank rows, and notes below the table.
        if not cells[POST] and not (cells[NAME] and cells[PLACE]):
            continue
        for place in _BETWEEN_PLACES.split(cells[PLACE]):
            yield ListedPost(sheet.name, number, **{**cells, PLACE: place.strip()})


def _text(row: Sequence[Cell], column: int | None) -> str:
    if column is None or column >= len(row):
        return ""
    return filled(text_of(row[column]).strip())
