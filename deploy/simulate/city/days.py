"""On which days is how much reported, and at which time of day? By weekday, by season, and on storm days by street."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from deploy.simulate.case_year import HOUR_WEIGHTS, WEEKDAY_WEIGHTS, Line, lines, season_weight

_STORMS_A_YEAR = 4
_STORM = 10.0
# Of the streets, so many in a storm.
_FEWEST_STRUCK, _MOST_STRUCK = 0.1, 0.4
_SLOTS = 1000
_TYPHOONS = (7, 8, 9)


class DayRow(NamedTuple):
    """A day, and how much is reported on it beside other days."""

    day: date
    weight: float
    number: int


class StormRow(NamedTuple):
    """A street's day on which there is so many times as much."""

    street_id: int
    day: date
    factor: float


class LineRow(NamedTuple):
    """What a case of some month is about, by the number that was drawn."""

    month: int
    slot: int
    line: int


def days_before(today: date, *, years: int) -> list[date]:
    """List the days of whole years until the day before."""
    begin = today.replace(year=today.year - years, day=min(today.day, 28))
    return [begin + timedelta(days=number) for number in range((today - begin).days)]


def weigh(days: Sequence[date]) -> list[DayRow]:
    """Weigh the days by weekday and season."""
    found = {month: sum(line.weight * season_weight(month, line.months) for line in lines()) for month in range(1, 13)}
    mean = sum(found.values()) / len(found)
    return [
        DayRow(day, WEEKDAY_WEIGHTS[day.weekday()] * found[day.month] / mean, number) for number, day in enumerate(days)
    ]


def storms(days: Sequence[date], street_ids: Sequence[int], *, years: int, random: Random) -> list[StormRow]:
    """Let storms pass over some streets each."""
    rows: dict[tuple[int, date], StormRow] = {}
    wet = [day for day in days if day.month in _TYPHOONS] or list(days)
    for _ in range(_STORMS_A_YEAR * years):
        day = random.choice(wet)
        share = random.uniform(_FEWEST_STRUCK, _MOST_STRUCK)
        for street_id in random.sample(street_ids, max(1, round(len(street_ids) * share))):
            rows[street_id, day] = StormRow(street_id, day, _STORM)
    return list(rows.values())


def moments() -> list[int]:
    """List the seconds of a day at which each thousandth of its cases has been reported."""
    whole = HOUR_WEIGHTS[-1]
    found = []
    for slot in range(_SLOTS):
        reached = slot * whole / _SLOTS
        hour = bisect_right(HOUR_WEIGHTS, reached)
        before = HOUR_WEIGHTS[hour - 1] if hour else 0
        found.append(int((hour + (reached - before) / (HOUR_WEIGHTS[hour] - before)) * 3600))
    return [*found, 86_399]


def lines_by_month() -> Iterator[LineRow]:
    """Give each slot of each month what is reported, by weight and season."""
    for month in range(1, 13):
        weights = [_weight(line, month) for line in lines()]
        until, whole = 0.0, sum(weights)
        for number, weight in enumerate(weights):
            begin, until = until, until + weight
            first, last = round(begin / whole * _SLOTS), round(until / whole * _SLOTS)
            yield from (LineRow(month, slot, number) for slot in range(first, last))


def _weight(line: Line, month: int) -> float:
    return line.weight * season_weight(month, line.months)
