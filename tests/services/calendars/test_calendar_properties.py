"""What holds of every due time, whatever the calendar?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendars.rules import MINUTES_OF_DAY, UNITS, Span, WorkCalendar
from tests.services.calendars.test_deadlines import SHANGHAI

_FIRST, _LAST = datetime(2025, 1, 1), datetime(2027, 12, 31)  # noqa: DTZ001 - made aware by the strategy.
_WORKING_UNITS = ("WORKING_HOUR", "WORKING_DAY")
_SECOND = timedelta(seconds=1)

instants = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))
amounts = st.integers(1, 200)


@st.composite
def _spans(draw: st.DrawFn, last: int) -> tuple[Span, ...]:
    bounds = sorted(draw(st.sets(st.integers(0, last), min_size=2, max_size=6)))
    return tuple(Span(opens, closes) for opens, closes in zip(bounds[::2], bounds[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn, *, last: int = MINUTES_OF_DAY) -> WorkCalendar:
    """Some days differ from the week, and office hours change a few times."""
    days = st.dates(date(2024, 12, 1), date(2028, 3, 1))
    hours: Mapping[date, tuple[Span, ...]] = draw(st.dictionaries(days, _spans(last), min_size=1, max_size=4))
    return WorkCalendar.of(SHANGHAI, days=draw(st.dictionaries(days, st.booleans(), max_size=60)), hours=hours)


@given(calendars(), instants, instants, amounts, st.sampled_from(UNITS))
def test_never_lets_the_later_be_due_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, amount: int, unit: str
) -> None:
    earlier, later = sorted((one, other))

    assert calendar.add(earlier, amount, unit) <= calendar.add(later, amount, unit)
    assert calendar.add(earlier, amount, unit) < calendar.add(earlier, amount + 1, unit)
    assert calendar.add(earlier, amount, unit) > earlier


@given(calendars(), instants, amounts)
def test_leads_back_to_the_moment_at_which_work_began(calendar: WorkCalendar, start: datetime, amount: int) -> None:
    due = calendar.add(start, amount, "WORKING_HOUR")

    assert calendar.subtract(due, amount, "WORKING_HOUR") == calendar.next_working(start)
    assert calendar.working_left(start, due) == timedelta(hours=amount)


# Who closes at midnight, closes in the first moment of the next day, which the next count leaves out.
@given(calendars(last=MINUTES_OF_DAY - 1), instants, amounts, st.sampled_from(_WORKING_UNITS))
def test_reaches_the_same_again_from_so_long_before(
    calendar: WorkCalendar, start: datetime, amount: int, unit: str
) -> None:
    due = calendar.add(start, amount, unit)

    before = calendar.subtract(due, amount, unit)

    assert calendar.add(before, amount, unit) == due
    assert calendar.is_working_day(before.astimezone(SHANGHAI).date())
    assert calendar.next_working(before) >= before


@given(calendars(), instants, amounts, st.sampled_from(UNITS), instants, st.timedeltas(timedelta(0), timedelta(60)))
def test_leaves_after_a_standstill_what_was_left_before(
    calendar: WorkCalendar, start: datetime, amount: int, unit: str, stop: datetime, length: timedelta
) -> None:
    due = calendar.add(start, amount, unit)

    later = calendar.resume(due, unit, suspended_from=stop, suspended_until=stop + length)

    assert later >= due
    if unit in _WORKING_UNITS and stop < due:
        assert calendar.working_left(stop + length, later) == calendar.working_left(stop, due)
    elif stop < due:
        assert later - due == length
    else:
        assert later == due


@given(calendars(), instants, amounts)
def test_counts_day_by_day_what_it_finds_by_bisection(calendar: WorkCalendar, start: datetime, amount: int) -> None:
    day, worked = start.astimezone(SHANGHAI).date(), 0
    while worked < amount:
        day += timedelta(days=1)
        worked += calendar.is_working_day(day)

    due = calendar.add(start, amount, "WORKING_DAY")

    # The last moment of the day is the first of the next.
    assert (due - _SECOND).astimezone(SHANGHAI).date() == day


@pytest.mark.parametrize("unit", UNITS)
def test_ends_without_any_working_day(unit: str) -> None:
    closed = {date(2026, 1, 1) + timedelta(days=number): False for number in range(4000)}
    calendar = WorkCalendar.of(SHANGHAI, days=closed, hours={})
    start = datetime(2026, 1, 5, tzinfo=UTC)

    assert calendar.add(start, 1000, unit) > start
    assert calendar.subtract(start, 1000, unit) < start
