"""At which instants is a case marked?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.supervision.rules import Limit, Mark, marks_at


class PlainCalendar:
    """Counts calendar hours and days, every day alike."""

    def add(self, at: datetime, amount: int, unit: str) -> datetime:
        return at + (timedelta(hours=amount) if unit.endswith("HOUR") else timedelta(days=amount))

    def subtract(self, at: datetime, amount: int, unit: str) -> datetime:
        return self.add(at, -amount, unit)


NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
DUE = NOW + timedelta(hours=12)
LIMITS = (
    Limit("RED", "AFTER", 0, "HOUR"),
    Limit("URGE", "BEFORE", 3, "HOUR"),
    Limit("YELLOW", "BEFORE", 1, "HOUR"),
    Limit("URGE", "AFTER", 1, "DAY"),
)


def test_marks_before_and_after_the_due_time_in_order() -> None:
    found = marks_at(DUE, LIMITS, now=NOW, calendar=PlainCalendar())

    assert found == [
        Mark(DUE - timedelta(hours=3), "URGE"),
        Mark(DUE - timedelta(hours=1), "YELLOW"),
        Mark(DUE, "RED"),
        Mark(DUE + timedelta(days=1), "URGE"),
    ]


def test_leaves_out_what_had_passed_when_the_due_time_was_given() -> None:
    soon = NOW + timedelta(hours=1)

    found = marks_at(soon, LIMITS, now=NOW, calendar=PlainCalendar())

    assert [one.mark for one in found] == ["RED", "URGE"]


def test_keeps_all_after_it_however_late_it_is() -> None:
    found = marks_at(NOW - timedelta(days=5), LIMITS, now=NOW, calendar=PlainCalendar())

    assert [one.mark for one in found] == ["RED", "URGE"]


def test_counts_the_same_instant_once() -> None:
    twice = (Limit("RED", "AFTER", 24, "HOUR"), Limit("RED", "AFTER", 1, "DAY"))

    assert marks_at(DUE, twice, now=NOW, calendar=PlainCalendar()) == [Mark(DUE + timedelta(days=1), "RED")]
