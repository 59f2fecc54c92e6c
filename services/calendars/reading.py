"""What does a file of holidays and make-up working days say?"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from services.calendars.errors import CalendarHasBadRows, CalendarNotReadable

COLUMNS = ("day", "is_working", "name")
SHIPPED = Path(__file__).with_name("days.csv")
_WORKING = {"true": True, "false": False}
_LONGEST_NAME = 40
_FIRST_YEAR, _LAST_YEAR = 1950, 2200


class ListedDay(NamedTuple):
    """A day that the nation does not spend as the week has it."""

    day: date
    is_working: bool
    name: str


class _Fault(NamedTuple):
    row: int
    zh: str
    en: str


def read_days(content: bytes) -> list[ListedDay]:
    """Read a CSV file with the columns day, is_working (true or false) and name, sorted by day.

    Raises CalendarNotReadable, CalendarHasBadRows.
    """
    days: dict[date, ListedDay] = {}
    faults: list[_Fault] = []
    for row, cells in _cells(content):
        found = _day(row, cells)
        if isinstance(found, _Fault):
            faults.append(found)
        elif found.day in days:
            faults.append(_Fault(row, f"{found.day} 出现两次", f"{found.day} is there twice"))
        else:
            days[found.day] = found
    if faults:
        first = faults[0]
        raise CalendarHasBadRows(row_count=len(faults), row=first.row, reason_zh=first.zh, reason_en=first.en)
    if not days:
        raise CalendarNotReadable
    return sorted(days.values())


def _cells(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        lines = csv.DictReader(content.decode("utf-8-sig").splitlines(), strict=True)
        if not set(COLUMNS) <= set(lines.fieldnames or ()):
            raise CalendarNotReadable
        for line in lines:
            yield lines.line_num, {name: (line[name] or "").strip() for name in COLUMNS}
    except (UnicodeDecodeError, csv.Error) as error:
        raise CalendarNotReadable from error


def _day(row: int, cells: dict[str, str]) -> ListedDay | _Fault:
    try:
        day = date.fromisoformat(cells["day"])
    except ValueError:
        return _Fault(row, f"日期应写作 2026-01-01，而不是 {cells['day']:.20}", f"{cells['day']:.20} is no day")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return _Fault(row, f"年份 {day.year} 不正确", f"there is no calendar of {day.year}")
    if cells["is_working"] not in _WORKING:
        return _Fault(row, "is_working 应为 true 或 false", "is_working is true or false")
    if not (0 < len(cells["name"]) <= _LONGEST_NAME and cells["name"].isprintable()):
        return _Fault(row, f"名称应为 1 到 {_LONGEST_NAME} 个字", f"a name has 1 to {_LONGEST_NAME} characters")
    return ListedDay(day, _WORKING[cells["is_working"]], cells["name"])
