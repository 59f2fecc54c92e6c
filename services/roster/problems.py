"""What may be wrong with a row of a roster, how bad is it, and what should its keeper do?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps its row from being imported; a warning does not."""

    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of problem: stable code, severity, texts that may name {values}."""

    code: str
    severity: Severity
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one cell: where it is as Excel shows it, and its value with personal values masked."""

    sheet: str
    row: int
    column: str
    header: str
    code: str
    severity: Severity
    value: str
    zh: str
    en: str


_E, _W = Severity.ERROR, Severity.WARNING

MISSING_BUILDING = Trouble(
    "MISSING_BUILDING",
    _E,
    "没有楼栋。请填写楼栋，例如“3号楼”",
    "The building is missing. Fill it in, e.g. 3号楼",
)
MISSING_ROOM = Trouble(
    "MISSING_ROOM", _E, "没有房号。请填写房号，例如“501”", "The room number is missing. Fill it in, e.g. 501"
)
MISSING_GRID = Trouble(
    "MISSING_GRID",
    _E,
    "不知道{building}属于哪个网格。请加一列“网格”，或用网格名称作工作表名",
    "The grid of {building} is not known. Add a column 网格, or name the sheet after the grid",
)
GRID_NAME_MISSING = Trouble(
    "GRID_NAME_MISSING",
    _E,
    "没有网格名称。请填写网格，例如“第一网格”",
    "The name of the grid is missing. Fill it in, e.g. 第一网格",
)
AMBIGUOUS_BUILDING = Trouble(
    "AMBIGUOUS_BUILDING",
    _E,
    "有几个小区都有{building}。请填写小区",
    "More than one estate has a {building}. Fill in the estate (小区)",
)
ADDRESS_NOT_UNDERSTOOD = Trouble(
    "ADDRESS_NOT_UNDERSTOOD",
    _E,
    "看不懂这个地址。请写成“3号楼2单元501室”，或分成楼栋、单元、房号三列",
    "The address cannot be understood. Write 3号楼2单元501室, or use columns for building, unit and room",
)
LOOKS_LIKE_A_DATE = Trouble(
    "LOOKS_LIKE_A_DATE",
    _E,
    "Excel 把这一格变成了日期。请把该列设为“文本”后重新填写，例如“3-1”",
    "Excel made a date of this cell. Format the column as text and enter it again, e.g. 3-1",
)
CELL_ERROR = Trouble(
    "CELL_ERROR",
    _E,
    "这一格是公式错误。请改填实际内容",
    "The cell holds a formula error. Enter its real content",
)
TOO_LONG = Trouble("TOO_LONG", _E, "内容太长（最多 {limit} 字）", "The text is too long (at most {limit} characters)")
TOO_MANY_PEOPLE = Trouble(
    "TOO_MANY_PEOPLE",
    _E,
    "一格里超过 {limit} 个姓名。请核对",
    "More than {limit} names in one cell. Check it",
)
AREA_NOT_A_NUMBER = Trouble(
    "AREA_NOT_A_NUMBER",
    _E,
    "面积不是数字。请只填数字，例如“89.5”",
    "The area is not a number. Enter digits only, e.g. 89.5",
)
AREA_NOT_POSITIVE = Trouble(
    "AREA_NOT_POSITIVE",
    _E,
    "面积必须大于 0。不清楚时请留空",
    "The area must be above 0. Leave it empty if not known",
)
AREA_TOO_LARGE = Trouble(
    "AREA_TOO_LARGE",
    _E,
    "面积超过 {limit} 平方米，请核对（小数点？）",
    "The area is more than {limit} square metres: check it (decimal point?)",
)
COUNT_INVALID = Trouble(
    "COUNT_INVALID",
    _E,
    "应是 1 到 {limit} 之间的整数。不清楚时请留空",
    "It should be a whole number from 1 to {limit}. Leave it empty if not known",
)
DWELLING_TWICE = Trouble(
    "DWELLING_TWICE",
    _E,
    "同一套房屋在工作表“{other}”第 {first} 行已有，内容不同。请只留正确的一行",
    "Row {first} of sheet “{other}” says something else of the same dwelling. Keep the right row only",
)
BUILDING_TWICE = Trouble(
    "BUILDING_TWICE",
    _E,
    "同一栋楼在工作表“{other}”第 {first} 行已登记，内容不同。请只留正确的一行",
    "Row {first} of sheet “{other}” says something else of the same building. Keep the right row only",
)
UNIT_IN_TWO_GRIDS = Trouble(
    "UNIT_IN_TWO_GRIDS",
    _E,
    "同一单元在工作表“{other}”第 {first} 行属于另一网格。一个单元只能属于一个网格",
    "Row {first} of sheet “{other}” puts the same unit in another grid. A unit belongs to one grid",
)
REPEATED_ROW = Trouble(
    "REPEATED_ROW",
    _W,
    "与工作表“{other}”第 {first} 行完全相同，只导入一次",
    "The same as row {first} of sheet “{other}”: imported once",
)
UNIT_ASSUMED = Trouble("UNIT_ASSUMED", _W, "没有单元，按“1单元”导入", "The unit is missing; 1单元 is assumed")
PHONE_INVALID = Trouble(
    "PHONE_INVALID",
    _W,
    "不是有效的电话号码，号码未导入。请核对",
    "Not a valid phone number; the number is left out. Check it",
)
PHONES_LEFT_OVER = Trouble(
    "PHONES_LEFT_OVER",
    _W,
    "电话比姓名多，多出的号码未导入",
    "More phone numbers than names; those left over are not imported",
)
IDENTITY_INVALID = Trouble(
    "IDENTITY_INVALID",
    _W,
    "身份证号有误（位数、日期或校验码），号码未导入。请核对",
    "The identity number is wrong (length, date or check digit) and left out. Check it",
)
IDENTITY_LOST_DIGITS = Trouble(
    "IDENTITY_LOST_DIGITS",
    _W,
    "身份证号被 Excel 存成了数字，末几位已丢失，号码未导入。请把该列设为“文本”后重填",
    "Excel stored the identity number as a number and lost its last digits; it is left out. Format as text",
)
PERSON_TWO_IDENTITIES = Trouble(
    "PERSON_TWO_IDENTITIES",
    _W,
    "同名同电话的人在前面填了另一个身份证号，保留前面的",
    "The same name and phone came with another identity number before; the first one is kept",
)
NAME_DOUBTFUL = Trouble(
    "NAME_DOUBTFUL",
    _W,
    "不像姓名，仍按原文导入。请核对",
    "This does not look like a name; it is imported as it is. Check it",
)
TENURE_UNKNOWN = Trouble(
    "TENURE_UNKNOWN", _W, "不认识的产权性质，按“其他”导入", "An unknown kind of tenure; imported as “other”"
)
RESIDENCE_UNKNOWN = Trouble(
    "RESIDENCE_UNKNOWN",
    _W,
    "不认识的居住情况，按“其他”导入",
    "An unknown kind of residence; imported as “other”",
)
HEAD_COUNT_INVALID = Trouble(
    "HEAD_COUNT_INVALID", _W, "人数不是 1 到 50 的整数，未导入", "Not a whole number from 1 to 50; left out"
)
INSIDE_AREA_LARGER = Trouble(
    "INSIDE_AREA_LARGER",
    _W,
    "套内面积大于建筑面积。请核对",
    "The inside area is larger than the floor area. Check both",
)
TOTAL_DIFFERS = Trouble(
    "TOTAL_DIFFERS",
    _W,
    "合计写的是 {told} 户，表中能导入的是 {found} 户。请核对",
    "The total says {told} dwellings; {found} can be imported from this sheet. Check it",
)
UNITS_DIFFER = Trouble(
    "UNITS_DIFFER",
    _W,
    "登记为 {told} 个单元，房屋表中出现 {found} 个。请核对",
    "Registered with {told} units, but {found} appear in the list of dwellings. Check it",
)
COLUMN_LEFT_OUT = Trouble("COLUMN_LEFT_OUT", _W, "不认识或不导入这一列", "The column is not understood or not imported")
SHEET_LEFT_OUT = Trouble(
    "SHEET_LEFT_OUT",
    _W,
    "没有找到表头（或工作表被隐藏），整张表没有导入",
    "No column titles were found (or the sheet is hidden): the sheet is left out",
)
POST_NOT_IN_ROSTER = Trouble(
    "POST_NOT_IN_ROSTER",
    _W,
    "{place}原有的同类岗位仍在任，花名册中没有。如已离任请办理离任",
    "Another holder of such a post in {place} is in office but not in the roster. End the post if it is over",
)
POST_KIND_UNKNOWN = Trouble(
    "POST_KIND_UNKNOWN",
    _W,
    "本单位没有“{kind}”这种岗位，{place}的这一岗位未导入",
    "The tenant has no posts of the kind {kind}; those of {place} are left out",
)

_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}[\dXx]?")
_SHOWN = 40


def masked_number(value: str) -> str:
    """Show the ends of a number only: 139****7048; a short one not at all."""
    digits = "".join(value[:_SHOWN].split())
    if len(digits) < 7:  # noqa: PLR2004 - of six signs or fewer, any end would tell too much.
        return "*" * len(digits)
    return f"{digits[:3]}{'*' * max(len(digits) - 5, 4)}{digits[-2:]}"


def masked_name(value: str) -> str:
    """Show the first sign of a name only: 张*."""
    return value[:1] + "*" * min(max(len(value) - 1, 1), 3) if value else ""


def shown_value(value: str, *, is_name: bool = False, is_number: bool = False) -> str:
    """Give a cell's text as a problem may show it: personal columns and long numbers are masked."""
    if is_name:
        return masked_name(value)
    if is_number:
        return masked_number(value)
    text = _LONG_NUMBER.sub(lambda found: masked_number(found[0]), value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def problem(
    trouble: Trouble, *, sheet: str, row: int, column: str, header: str, value: str, **values: object
) -> Problem:
    """Tell of a problem at a place of a file; `value` must be masked already if it is personal."""
    return Problem(
        sheet=sheet,
        row=row,
        column=column,
        header=header,
        code=trouble.code,
        severity=trouble.severity,
        value=value,
        zh=trouble.zh.format(**values) if values else trouble.zh,
        en=trouble.en.format(**values) if values else trouble.en,
    )
