"""What does a file of divisions say, and which of its rows cannot be taken?"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.divisions.errors import (
    DivisionsEmpty,
    DivisionsNotReadable,
    DivisionsTooLarge,
    DivisionsWithoutColumn,
)
from services.divisions.rules import LEVELS, DivisionRow, is_usual_code, is_usual_parent

COLUMNS = ("code", "level", "name", "parent_code")
_LIMIT_MIB = 128
_LONGEST_NAME = 100
_CODE = re.compile(r"[0-9A-Za-z]{1,40}")
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or odd in one cell: the row as a spreadsheet counts, the column, and a stable code."""

    row: int
    column: str
    code: str
    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class DivisionFile:
    """The rows that can be taken, the cells that keep others from it, and the oddities that do not."""

    rows: tuple[DivisionRow, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(slots=True)
class _Reading:
    rows: list[DivisionRow] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    first_rows: dict[str, int] = field(default_factory=dict)


def read_divisions(content: bytes) -> DivisionFile:
    """Read a CSV file with the columns code, level, name and parent_code, in any order.

    Raises DivisionsTooLarge, DivisionsNotReadable, DivisionsWithoutColumn, DivisionsEmpty.
    """
    if len(content) > _LIMIT_MIB * 2**20:
        raise DivisionsTooLarge(limit_mib=_LIMIT_MIB)
    reading = _Reading()
    for row, cells in _cells(_text(content)):
        _read_row(reading, row, cells)
    for division in reading.rows:
        _check_parent(reading, division)
    if not reading.rows and not reading.errors:
        raise DivisionsEmpty
    return DivisionFile(tuple(reading.rows), tuple(reading.errors), tuple(reading.warnings))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise DivisionsNotReadable


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = csv.reader(text.splitlines(), strict=True)
    try:
        header = [title.strip().casefold() for title in next(lines, [])]
        for column in COLUMNS:
            if column not in header:
                raise DivisionsWithoutColumn(column=column)
        places = {column: header.index(column) for column in COLUMNS}
        for values in lines:
            if any(value.strip() for value in values):
                padded = values + [""] * (len(header) - len(values))
                yield lines.line_num, {column: padded[place].strip() for column, place in places.items()}
    except csv.Error as error:
        raise DivisionsNotReadable from error


def _read_row(reading: _Reading, row: int, cells: dict[str, str]) -> None:
    errors = list(_errors(row, cells))
    code = cells["code"]
    first = reading.first_rows.setdefault(code, row)
    if first != row and not errors:
        errors.append(
            _problem(row, "code", "CODE_TWICE", code, f"第 {first} 行已有这个代码", f"Row {first} has it too")
        )
    if errors:
        reading.errors.extend(errors)
        return
    division = DivisionRow(row, code, cells["level"], cells["name"], cells["parent_code"] or None)
    reading.rows.append(division)
    if not is_usual_code(code, level=division.level):
        zh, en = "长度或号段与级别不符", "Its length or block is unusual for the level"
        reading.warnings.append(_problem(row, "code", "CODE_UNUSUAL", code, zh, en))


def _errors(row: int, cells: dict[str, str]) -> Iterator[Problem]:
    for column in ("code", "level", "name"):
        if not cells[column]:
            yield _problem(row, column, "MISSING", "", "不能为空", "Must not be empty")
    for column in ("code", "parent_code"):
        if cells[column] and not _CODE.fullmatch(cells[column]):
            zh, en = "代码只能是数字和字母", "A code is made of digits and letters"
            yield _problem(row, column, "CODE_INVALID", cells[column], zh, en)
    if cells["level"] and cells["level"] not in LEVELS:
        known = ", ".join(LEVELS)
        yield _problem(row, "level", "LEVEL_UNKNOWN", cells["level"], f"应为 {known}", f"Should be one of {known}")
    if len(cells["name"]) > _LONGEST_NAME or not cells["name"].isprintable():
        zh = f"名称最长 {_LONGEST_NAME} 字，不能有控制字符"
        en = f"A name has at most {_LONGEST_NAME} characters and no control characters"
        yield _problem(row, "name", "NAME_INVALID", cells["name"], zh, en)
    if cells["code"] and cells["code"] == cells["parent_code"]:
        zh, en = "不能是自己的上级", "A division is not its own parent"
        yield _problem(row, "parent_code", "PARENT_IS_ITSELF", cells["code"], zh, en)


def _check_parent(reading: _Reading, division: DivisionRow) -> None:
    parent = division.parent_code
    if parent is None:
        return
    if not is_usual_parent(division.code, parent_code=parent):
        zh, en = "代码不以上级代码开头", "The code does not begin with its parent's"
        reading.warnings.append(_problem(division.row, "parent_code", "PARENT_UNUSUAL", parent, zh, en))


def _problem(row: int, column: str, code: str, value: str, zh: str, en: str) -> Problem:
    return Problem(row, column, code, value[:_LONGEST_SHOWN], zh, en)
