"""When is something due that is to be done within so much time? Pure arithmetic, no storage.

Reckoned by the tenant's own clock, with what the law says of periods where nothing else is agreed (Civil Code, articles
201 and 203): in days, the day of the beginning is not counted, and the last one ends when the office closes; in hours,
time runs from the very minute. The units are those of the cities' tables of limits for urban-management cases:

- WORKING_HOUR 工作时: time within office hours of working days alone. What begins outside them begins when the office
  next opens; what ends exactly when it closes ends then, not when it opens again.
- WORKING_DAY 工作日: ends when the office closes on the n-th working day after the day of the beginning, whether that
  was one itself or not.
- HOUR and DAY: calendar time without regard to holidays; a day later is the same time on the next day.

Working days are Monday to Friday but for the days that are known to differ. All steps are found by bisection among
these, however far ahead: nothing goes through days one by one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

UNITS = ("WORKING_HOUR", "WORKING_DAY", "HOUR", "DAY")
MINUTES_OF_DAY = 24 * 60
# Everything is reckoned in whole microseconds, the finest that a datetime tells, so that nothing is ever rounded.
_MINUTE = 60_000_000
_DAY = MINUTES_OF_DAY * _MINUTE
_HOUR = 60 * _MINUTE
_MICROSECOND = timedelta(microseconds=1)
_WORKED_OF_WEEK, _DAYS_OF_WEEK = 5, 7


class Span(NamedTuple):
    """From when to when the office is open, in minutes of the day; the second may be midnight, 1440."""

    opens: int
    closes: int


# With no hours known, a working day is the whole day.
_ROUND_THE_CLOCK = (Span(0, MINUTES_OF_DAY),)


@dataclass(frozen=True, slots=True)
class _Season:
    """Office hours from a day on, and how much was worked before it since the first of them."""

    from_ordinal: int
    spans: tuple[Span, ...]
    # Of one day, in microseconds; and how many of it are over when each span begins.
    length: int
    before_spans: tuple[int, ...]
    worked_before: int
    working_days_before: int


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """A tenant's working days and office hours in its zone; made by `of`."""

    zone: ZoneInfo
    # The days that differ from Monday to Friday, as ordinals, and how many working days they add up to, each included.
    _differing: tuple[int, ...]
    _added: tuple[int, ...]
    _seasons: tuple[_Season, ...]

    @classmethod
    def of(cls, zone: ZoneInfo, *, days: Mapping[date, bool], hours: Mapping[date, Iterable[Span]]) -> WorkCalendar:
        """Make a calendar of the days known to be worked or not, and of the office hours by the day they begin to hold.

        Before the first of these, the first hold already. Without any, a working day is the whole day.
        """
        differing = sorted(
            (day.toordinal(), 1 if is_working else -1)
            for day, is_working in days.items()
            if is_working != _is_weekday(day.toordinal())
        )
        bare = cls(zone, tuple(day for day, _ in differing), tuple(accumulate(by for _, by in differing)), ())
        seasons = sorted((day.toordinal(), tuple(sorted(spans))) for day, spans in hours.items())
        return bare._with([season for season in seasons if season[1]] or [(1, _ROUND_THE_CLOCK)])

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return self._works(day.toordinal())

    def add(self, start: datetime, amount: int, unit: str) -> datetime:
        """Tell when something is due that began then and may take so many units."""
        if unit == "HOUR":
            return start.astimezone(UTC) + timedelta(hours=amount)
        if unit == "DAY":
            return self._shifted(start, amount)
        local = self._local(start)
        if unit == "WORKING_DAY":
            return self._instant(self._closing(self._nth_day(self._count(local.toordinal()) + amount)))
        return self._instant(self._end_of(self._worked(local) + amount * _HOUR))

    def subtract(self, at: datetime, amount: int, unit: str) -> datetime:
        """Tell when so many units are left until then: in working units, a moment at which the office is open.

        A working day before is the same time of the working day before, moved into its office hours.
        """
        if unit == "HOUR":
            return at.astimezone(UTC) - timedelta(hours=amount)
        if unit == "DAY":
            return self._shifted(at, -amount)
        local = self._local(at)
        if unit == "WORKING_DAY":
            ordinal = self._nth_day(self._count(local.toordinal() - 1) - amount + 1)
            return self._instant(self._into_hours(ordinal, _time_of(local)))
        return self._instant(self._begin_of(self._worked(local) - amount * _HOUR))

    def working_left(self, at: datetime, due: datetime) -> timedelta:
        """Tell how much office time lies between now and then; none when it is past."""
        return max(self._worked(self._local(due)) - self._worked(self._local(at)), 0) * _MICROSECOND

    def next_working(self, at: datetime) -> datetime:
        """Tell the first moment from then on at which the office is open."""
        return self._instant(self._begin_of(self._worked(self._local(at))))

    def resume(self, due: datetime, unit: str, *, suspended_from: datetime, suspended_until: datetime) -> datetime:
        """Tell when something is due whose clock stood still meanwhile: as much is left as was left then.

        In working units that is office time, in others the time that was suspended is added. What was past due when it
        was suspended stays so, and nothing ever becomes due earlier.
        """
        was_due, stopped, goes_on = (each.astimezone(UTC) for each in (due, suspended_from, suspended_until))
        if stopped >= was_due or goes_on <= stopped:
            return was_due
        if unit in {"HOUR", "DAY"}:
            return was_due + (goes_on - stopped)
        left = self.working_left(stopped, was_due) // _MICROSECOND
        return max(was_due, goes_on, self._instant(self._end_of(self._worked(self._local(goes_on)) + left)))

    # --- days, by their ordinals -------------------------------------------------------------------------------------

    def _works(self, ordinal: int) -> bool:
        return self._count(ordinal) != self._count(ordinal - 1)

    def _count(self, ordinal: int) -> int:
        """Count the working days from the first of all days up to this one."""
        place = bisect_right(self._differing, ordinal)
        weeks, rest = divmod(ordinal, _DAYS_OF_WEEK)
        return weeks * _WORKED_OF_WEEK + min(rest, _WORKED_OF_WEEK) + (self._added[place - 1] if place else 0)

    def _nth_day(self, number: int) -> int:
        """Find the working day up to which so many are counted."""
        # No more days than are known to differ can be in the way.
        spread = len(self._differing) // _WORKED_OF_WEEK + 2
        weeks = number // _WORKED_OF_WEEK
        first, last = ((weeks + aside) * _DAYS_OF_WEEK for aside in (-spread, spread))
        near = range(max(first, 1), max(min(last, date.max.toordinal()), 1) + 1)
        return near[min(bisect_left(near, number, key=self._count), len(near) - 1)]

    # --- office hours ------------------------------------------------------------------------------------------------

    def _with(self, given: list[tuple[int, tuple[Span, ...]]]) -> WorkCalendar:
        seasons: list[_Season] = []
        for ordinal, spans in given:
            lengths = [(span.closes - span.opens) * _MINUTE for span in spans]
            counted = self._count(ordinal - 1)
            worked = 0
            if seasons:
                last = seasons[-1]
                worked = last.worked_before + (counted - last.working_days_before) * last.length
            before = tuple(accumulate(lengths, initial=0))
            seasons.append(_Season(ordinal, spans, before[-1], before[:-1], worked, counted))
        return replace(self, _seasons=tuple(seasons))

    def _season(self, ordinal: int) -> _Season:
        place = bisect_right(self._seasons, ordinal, key=lambda season: season.from_ordinal)
        return self._seasons[max(place - 1, 0)]

    def _worked(self, local: datetime) -> int:
        """Tell how much office time has passed since the first office hours; before them, less than none."""
        ordinal = local.toordinal()
        season = self._season(ordinal)
        days = self._count(ordinal - 1) - season.working_days_before
        return season.worked_before + days * season.length + (_within(season, local) if self._works(ordinal) else 0)

    def _end_of(self, worked: int) -> datetime:
        """Find the first moment at which so much office time has passed."""
        season = self._seasons[max(bisect_left(self._seasons, worked, key=_worked_before) - 1, 0)]
        days, rest = divmod(worked - season.worked_before - 1, season.length)
        return self._at(season, days + 1, rest + 1, bisect_left(season.before_spans, rest + 1))

    def _begin_of(self, worked: int) -> datetime:
        """Find the last moment at which no more office time has passed: work goes on then."""
        season = self._seasons[max(bisect_right(self._seasons, worked, key=_worked_before) - 1, 0)]
        days, rest = divmod(worked - season.worked_before, season.length)
        return self._at(season, days + 1, rest, bisect_right(season.before_spans, rest))

    def _at(self, season: _Season, working_day: int, worked: int, nth_span: int) -> datetime:
        """Find a moment of a season's n-th working day, by the office time of the day that has passed."""
        ordinal = self._nth_day(season.working_days_before + working_day)
        opens, before = season.spans[nth_span - 1].opens, season.before_spans[nth_span - 1]
        return _moment(ordinal, opens * _MINUTE + worked - before)

    def _closing(self, ordinal: int) -> datetime:
        return _moment(ordinal, self._season(ordinal).spans[-1].closes * _MINUTE)

    def _into_hours(self, ordinal: int, time_of_day: int) -> datetime:
        spans = self._season(ordinal).spans
        for span in spans:
            if time_of_day <= span.closes * _MINUTE:
                return _moment(ordinal, max(time_of_day, span.opens * _MINUTE))
        return self._closing(ordinal)

    # --- the tenant's clock ------------------------------------------------------------------------------------------

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def _instant(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def _shifted(self, instant: datetime, days: int) -> datetime:
        return self._instant(self._local(instant) + timedelta(days=days))


def _worked_before(season: _Season) -> int:
    return season.worked_before


def _is_weekday(ordinal: int) -> bool:
    # The first of all days was a Monday.
    return (ordinal - 1) % _DAYS_OF_WEEK < _WORKED_OF_WEEK


def _time_of(local: datetime) -> int:
    return (local - datetime.combine(local, time.min)) // _MICROSECOND


def _within(season: _Season, local: datetime) -> int:
    """Tell how much office time of a working day has passed by then."""
    now = _time_of(local)
    return sum(min(max(now - opens * _MINUTE, 0), (closes - opens) * _MINUTE) for opens, closes in season.spans)


def _moment(ordinal: int, time_of_day: int) -> datetime:
    return datetime.combine(date.fromordinal(ordinal), time.min) + time_of_day * _MICROSECOND
