"""What is reported in a year of a tenant, and how does it stand now? Seeded: the same day gives the same cases."""

from __future__ import annotations

import csv
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path

from deploy.simulate.case_cast import Cast
from deploy.simulate.case_plots import Plot
from deploy.simulate.case_scene import Category
from deploy.simulate.case_story import NotYetError, Story, Told, to_millisecond

_LINES = Path(__file__).with_name("cases.csv")
_SOURCES = ("SNAPSHOT", "HOTLINE", "WINDOW", "PATROL", "VISIT", "PROPERTY", "MEETING")
_SOURCE_WEIGHTS = tuple(accumulate((45, 12, 10, 18, 8, 5, 2)))
_OF_STREETS = ("HOTLINE", "PATROL", "MEETING")
# From Monday on.
WEEKDAY_WEIGHTS = (1.15, 1.0, 1.0, 1.0, 1.05, 0.75, 0.6)
_IN_SEASON, _OFF_SEASON = 2.5, 0.6
# How many of a hundred thousand parts of a day each hour gets.
HOUR_WEIGHTS = tuple(accumulate((1, 1, 0, 0, 0, 1, 3, 7, 11, 12, 11, 7, 5, 6, 8, 9, 8, 7, 7, 8, 8, 6, 4, 2)))
_OPEN_AFTER = (1, 2, 3, 5, 3, 4, 6)
_DUPLICATES = 50
_CONFIDENTIAL = 12


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is reported, as the list of them has it."""

    code: str
    weight: int
    months: frozenset[int]
    at: str
    by: str
    kinds: tuple[str, ...]
    title: str
    description: str
    settled: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How many cases a year, and how many open ones besides."""

    per_year: int
    open_count: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """The year of cases, which ends before the first of this month; open ones are of the days before today."""

    today: date

    @property
    def end(self) -> date:
        """The day after the last one."""
        return self.today.replace(day=1)

    def days(self) -> list[date]:
        """List the days of the year."""
        begin = self.end.replace(year=self.end.year - 1)
        return [begin + timedelta(days=number) for number in range((self.end - begin).days)]


@cache
def lines() -> tuple[Line, ...]:
    """Read the list of what is reported."""
    with _LINES.open(encoding="utf-8", newline="") as file:
        return tuple(_line(row) for row in csv.DictReader(file))


def _line(row: dict[str, str]) -> Line:
    months = frozenset(int(month) for month in row["months"].split("|") if month)
    told = (row["title"], row["description"], row["settled"])
    return Line(row["code"], int(row["weight"]), months, row["at"], row["by"], tuple(row["kinds"].split("|")), *told)


@cache
def _weighted_days(calendar: Calendar, months: frozenset[int]) -> tuple[Sequence[date], Sequence[float]]:
    days = calendar.days()
    weights = [WEEKDAY_WEIGHTS[day.weekday()] * season_weight(day.month, months) for day in days]
    return days, list(accumulate(weights))


def season_weight(month: int, months: frozenset[int]) -> float:
    """Tell how often something of these months is reported in a month."""
    return 1.0 if not months else _IN_SEASON if month in months else _OFF_SEASON


@dataclass(frozen=True, slots=True)
class Year:
    """Makes a tenant's cases."""

    cast: Cast
    calendar: Calendar

    def stories(self, extent: Extent) -> list[Story]:
        """Tell all cases in the order in which they were reported."""
        told = [self._reported() for _ in range(extent.per_year)]
        told += [self._open(number) for number in range(extent.open_count)]
        found = [story for story in told if story is not None]
        for story in [one for one in found if one.told.source == "SNAPSHOT"]:
            if self.cast.random.randrange(_DUPLICATES) == 0:
                found += self._duplicates(story)
        return sorted(found, key=lambda story: story.reported_at)

    @property
    def _now(self) -> datetime:
        return datetime.combine(self.calendar.today, time.min, self.cast.scene.zone)

    def _reported(self) -> Story | None:
        line = self._choose_line()
        category = self.cast.category(line.code)
        if category is None:
            return None
        days, weights = _weighted_days(self.calendar, line.months)
        day = days[bisect(weights, self.cast.random.random() * weights[-1])]
        return self._tell(line, category, self._in_the_course_of(day))

    def _open(self, number: int) -> Story | None:
        """Report something lately that is still open: due from some days ago to some days ahead."""
        random = self.cast.random
        line = self._choose_line()
        category = self.cast.category(line.code)
        if category is None:
            return None
        # The first one is late whatever the time of day at which the demo is looked at.
        due_in = timedelta(hours=random.uniform(-20, 168 if number else -1))
        latest = self._now - timedelta(hours=random.uniform(0.5, 6))
        # Working days end with their office hours: one unit more lets the first one be late on a weekend, too.
        amount = category.limit_amount + (0 if number else 1)
        begun = self.cast.scene.calendar.subtract(self._now + due_in, amount, category.limit_unit)
        reported = min(latest, begun).astimezone(self.cast.scene.zone)
        # Every state in which a case is open gets its share.
        steps = _OPEN_AFTER[number % len(_OPEN_AFTER)]
        return self._tell(line, category, to_millisecond(reported), most_steps=steps, stays_open=True)

    def _tell(
        self, line: Line, category: Category, at: datetime, *, most_steps: int = 99, stays_open: bool = False
    ) -> Story:
        random, cast = self.cast.random, self.cast
        spot = cast.spot(line.at, wanted=stays_open)
        is_street = cast.scene.own.kind == "street"
        source = random.choice(_OF_STREETS) if is_street else self._source()
        actor, reporter = cast.reporter(source, spot)
        told = Told(
            title=line.title,
            description=line.description.format(place=spot.address),
            kind=random.choice(line.kinds),
            source=source,
            spot=spot,
            reporter=reporter,
            is_confidential=source == "SNAPSHOT" and random.randrange(_CONFIDENTIAL) == 0,
        )
        scene = cast.scene
        story = Story(
            told, category, scene.own, scene.calendar, at, self._now, stays_open=stays_open, most_steps=most_steps
        )
        Plot(cast, story, line.by, line.settled).play(actor)
        return story

    def _duplicates(self, into: Story) -> list[Story]:
        """Report the same again from next door, and merge it, as long as the first one is open."""
        begin, end = into.reported_at, into.steps[-1].at
        if into.is_open or into.duplicate_of or end - begin < timedelta(hours=8):
            return []
        at = begin + (end - begin) * self.cast.random.uniform(0.1, 0.4)
        actor, reporter = self.cast.reporter("SNAPSHOT", into.told.spot)
        told = Told(into.told.title, "同上，请尽快处理。", into.told.kind, "SNAPSHOT", into.told.spot, reporter)
        story = Story(told, into.category, into.own, into.calendar, to_millisecond(at), self._now)
        story.report(actor)
        settler = self.cast.settler(into.told.spot)
        try:
            if settler is not None:
                story.merge(at + (end - begin) * 0.2, settler, into)
        except NotYetError:
            return []
        return [story]

    def _choose_line(self) -> Line:
        found = lines()
        return self.cast.random.choices(found, [line.weight for line in found])[0]

    def _source(self) -> str:
        return self.cast.random.choices(_SOURCES, cum_weights=_SOURCE_WEIGHTS)[0]

    def _in_the_course_of(self, day: date) -> datetime:
        random = self.cast.random
        hour = random.choices(range(24), cum_weights=HOUR_WEIGHTS)[0]
        begin = datetime.combine(day, time(hour), self.cast.scene.zone)
        return begin + timedelta(milliseconds=random.randrange(3_600_000))
