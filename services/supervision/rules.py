"""At which instants is a case urged, and does it turn yellow or red? Pure rules, no storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.supervision.errors import LimitsInvalid


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


MOST_LIMITS = 12
# Of whichever unit: a year and more of days.
MOST_AMOUNT = 1000


def check_limits(limits: Sequence[Limit]) -> None:
    """Go on only with a few limits, each once, and before the due time by more than nothing. Raises LimitsInvalid."""
    if len(limits) > MOST_LIMITS or len(set(limits)) < len(limits):
        raise LimitsInvalid(
            reason_zh=f"最多 {MOST_LIMITS} 条，且不重复",
            reason_en=f"there are {MOST_LIMITS} at most, none of them twice",
            field="marks",
        )
    for limit in limits:
        if not (limit.side == "BEFORE") <= limit.amount <= MOST_AMOUNT:
            raise LimitsInvalid(
                reason_zh=f"数值应为到期前 1 到 {MOST_AMOUNT}、到期后 0 到 {MOST_AMOUNT}",
                reason_en=f"amounts are 1 to {MOST_AMOUNT} before the due time, and 0 to {MOST_AMOUNT} after it",
                field="marks.amount",
            )


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
