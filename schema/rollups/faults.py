"""What can be wrong with the days that are asked for?"""

from __future__ import annotations

from tenants.errors import Refused


class BadPeriod(Refused):
    """A period that ends before it begins."""

    code = "BAD_PERIOD"
    zh = "起止日期有误：{first} 在 {last} 之后"
    en = "The period ends before it begins: {first} is after {last}"


class TooManyPeriods(Refused):
    """More periods than anybody looks at."""

    code = "TOO_MANY_PERIODS"
    zh = "时段过多：上限为 {limit} 个。请缩短起止日期或改用更大的单位"
    en = "There are more than {limit} periods: ask for fewer days, or for a larger unit"
