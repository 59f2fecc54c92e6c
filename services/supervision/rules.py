"""At which instants is a case urged, and does it turn yellow or red? Pure rules, no storage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Calendar(Protocol):
    """Counts hours and days from an instant, in working time where the unit says so."""

    def add(self, at: datetime, amount: int, unit: str) -> datetime:
        """Tell the instant so much later."""
        ...

    def subtract(self, at: datetime, amount: int, unit: str) -> datetime:
        """Tell the instant so much earlier."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a category."""

    mark: str
    side: str
    amount: int
    unit: str


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An instant that a case reaches."""

    at: datetime
    mark: str


def marks_at(due_at: datetime, limits: Iterable[Limit], *, now: datetime, calendar: Calendar) -> list[Mark]:
    """List the marks of a case that is due then, as of now.

    A limit before the due time that has passed already when the due time is given tells nothing: whoever gave so short
    a time knows it. Those after it hold always.
    """
    found = set()
    for limit in limits:
        is_before = limit.side == "BEFORE"
        reckon = calendar.subtract if is_before else calendar.add
        at = reckon(due_at, limit.amount, limit.unit)
        if not is_before or at > now:
            found.add(Mark(at, limit.mark))
    return sorted(found)
