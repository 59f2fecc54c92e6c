"""Of which days is a period, and which of its months are whole?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rollups.periods import Period

_days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def _period(text: str) -> Period:
    first, last = (date.fromisoformat(part) for part in text.split(" "))
    return Period(first, last)


@pytest.mark.parametrize(
    ("period", "begin", "end"),
    [
        ("2026-01-01 2026-12-31", "2026-01-01", "2027-01-01"),
        ("2026-01-02 2026-12-30", "2026-02-01", "2026-12-01"),
        ("2026-01-31 2026-02-28", "2026-02-01", "2026-03-01"),
        ("2024-02-01 2024-02-29", "2024-02-01", "2024-03-01"),
        # None of these has a whole month.
        ("2024-02-01 2024-02-28", "2024-02-29", "2024-02-29"),
        ("2026-05-10 2026-05-20", "2026-05-21", "2026-05-21"),
        ("2026-05-10 2026-06-09", "2026-06-10", "2026-06-10"),
        ("2026-12-31 2027-01-01", "2027-01-02", "2027-01-02"),
    ],
)
def test_finds_whole_months(period: str, begin: str, end: str) -> None:
    assert _period(period).whole_months() == (date.fromisoformat(begin), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("period", "before", "year_before"),
    [
        ("2026-05-01 2026-05-31", "2026-03-31 2026-04-30", "2025-05-01 2025-05-31"),
        ("2026-05-07 2026-05-07", "2026-05-06 2026-05-06", "2025-05-07 2025-05-07"),
        ("2024-02-29 2024-02-29", "2024-02-28 2024-02-28", "2023-02-28 2023-02-28"),
        ("2026-01-01 2026-12-31", "2025-01-01 2025-12-31", "2025-01-01 2025-12-31"),
    ],
)
def test_compares_with_what_was_before(period: str, before: str, year_before: str) -> None:
    assert _period(period).before() == _period(before)
    assert _period(period).year_before() == _period(year_before)


@pytest.mark.parametrize(
    ("period", "day", "reckoned"),
    [
        # Of the running month all is reckoned with, of one that is over what is asked for.
        ("2026-01-01 2026-12-31", "2026-11-26", "2026-01-01 2026-11-30"),
        ("2026-01-01 2026-11-26", "2026-11-26", "2026-01-01 2026-11-30"),
        ("2026-01-01 2026-11-25", "2026-11-26", "2026-01-01 2026-11-25"),
    ],
)
def test_takes_the_running_month_as_whole(period: str, day: str, reckoned: str) -> None:
    assert _period(period).through_month_of(date.fromisoformat(day)) == _period(reckoned)


@given(first=_days, length=st.integers(0, 800), day=_days)
def test_months_and_ends_are_all_of_it(first: date, length: int, day: date) -> None:
    period = Period(first, first + timedelta(length))
    begin, end = period.whole_months()

    assert begin <= end
    for whole in (begin, end):
        assert whole.day == 1 or begin == end
    if begin < end:
        assert period.first <= begin
        assert end <= period.last + timedelta(1)
    assert period.until(day).last == min(period.last, day)
