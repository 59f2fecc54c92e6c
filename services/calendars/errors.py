"""Why may a calendar not be changed so?"""

from __future__ import annotations

from tenants.errors import Refused


class OfficeHoursInvalid(Refused):
    """Spans that are none, overlap, are too many, or of which nothing would be left."""

    code = "OFFICE_HOURS_INVALID"
    zh = "办公时间不正确：{reason_zh}"
    en = "These office hours will not do: {reason_en}"


class CalendarDayInvalid(Refused):
    """A day without a name to tell why it differs."""

    code = "CALENDAR_DAY_INVALID"
    zh = "请用 1 到 {limit} 个字说明这一天的名称或原因"
    en = "Say in 1 to {limit} characters what day it is or why"


class CalendarNotReadable(Refused):
    """The file is not a table of days."""

    code = "CALENDAR_NOT_READABLE"
    zh = "读不懂这个文件：应为 UTF-8 编码的 CSV，第一行为 day,is_working,name"
    en = "The file cannot be read: it should be CSV in UTF-8, its first row day,is_working,name"


class CalendarHasBadRows(Refused):
    """Rows cannot be taken; without them a year would be wrong, so nothing was imported."""

    code = "CALENDAR_HAS_BAD_ROWS"
    zh = "有 {row_count} 行有误（第一处：第 {row} 行，{reason_zh}），整个文件都没有导入"
    en = "{row_count} rows are wrong (the first: row {row}, {reason_en}), so nothing was imported"


class CalendarWouldShrink(Refused):
    """A file speaks for whole years; one with fewer days than are known is more often cut short than true."""

    code = "CALENDAR_WOULD_SHRINK"
    zh = "{year} 年已有 {known_count} 天，这份文件只有 {count} 天，可能不完整，没有导入。确认无误后请加 --force"
    en = (
        "{known_count} days of {year} are known, and this file has {count}: it may be cut short, so nothing was"
        " imported. If it is right, give --force"
    )
