"""Of which days is a period, and what is it compared with? Days are local; the first and the last belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_DAY = timedelta(days=1)
_SHORTEST = {"DAY": 1, "WEEK": 7, "MONTH": 28, "QUARTER": 90, "YEAR": 365}


@dataclass(frozen=True, slots=True)
class Period:
    """A first and a last day; none, if the last comes before the first."""

    first: date
    last: date

    def before(self) -> Period:
        """Give the period of the same length just before."""
        length = self.last - self.first
        return Period(self.first - length - _DAY, self.first - _DAY)

    def year_before(self) -> Period:
        """Give the same days a year before; that of a leap day is the day before it."""
        return Period(_year_before(self.first), _year_before(self.last))

    def until(self, day: date) -> Period:
        """Give what of it lies no later than a day."""
        return Period(self.first, min(self.last, day))

    def through_month_of(self, day: date) -> Period:
        """Give it as far as the end of a day's month, if it goes as far as the day."""
        return self if self.last < day else Period(self.first, _next_month(day) - _DAY)

    def whole_months(self) -> tuple[date, date]:
        """Tell the first day of its first whole month, and the first day after its last one.

        Both are the day after the period when no whole month lies in it.
        """
        begin = self.first if self.first.day == 1 else _next_month(self.first)
        after = self.last + _DAY
        end = after.replace(day=1)
        return (begin, end) if begin < end else (after, after)

    def most_parts(self, unit: str) -> int:
        """Tell in how many days, weeks, months … it lies at most."""
        return (self.last - self.first).days // _SHORTEST[unit] + 2


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return (day - _DAY if is_leap_day else day).replace(year=day.year - 1)
