"""Which way do a city's cases go, and how does a case stand after so many steps of its way? Told by ways.csv.

A step's time is a part of the time that the case takes, so that everything about a case follows from its way, its
report, and how many of its steps have been taken by now. Who answers for a case changes before it falls due alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("ways.csv")
# The due time that a case starts with, a later one that was granted, and that of a reopened case.
FIRST, EXTENDED, REOPENED = 0, 1, 2
_CLOCKS = {"EXTEND": EXTENDED, "REOPEN": REOPENED}
_MOMENTS = {"ACCEPT": "accepted", "DISPATCH": "dispatched", "CLOSE": "closed"}


class WayRow(NamedTuple):
    """A way by its number, so many of each hundred cases go it."""

    number: int
    name: str
    weight: int
    calls_back: bool


class _Moments(NamedTuple):
    """Parts at which a case was accepted, dispatched, resolved, closed and called back, as far as that holds."""

    accepted: float | None = None
    dispatched: float | None = None
    resolved: float | None = None
    closed: float | None = None
    heard: float | None = None
    heard_verdict: str | None = None


class StepRow(NamedTuple):
    """A step of a way, and how a case stands after it as long as it is the last one."""

    way: int
    ordinal: int
    part: float
    action: str
    from_status: str | None
    to_status: str
    # Who takes it: REPORTER, SETTLER, HANDLER or, of a department, RECEIVER.
    actor: str
    is_with_department: bool
    clock: int
    rework_count: int
    verdict: str | None
    is_handling: bool
    # As of `_Moments`.
    accepted: float | None
    dispatched: float | None
    resolved: float | None
    closed: float | None
    heard: float | None
    heard_verdict: str | None


class _Line(NamedTuple):
    way: str
    weight: str
    calls_back: str
    action: str
    to_status: str
    part: str
    by: str
    answering: str
    rework: str
    verdict: str


@cache
def ways() -> tuple[WayRow, ...]:
    """List the ways."""
    first = [next(iter(lines)) for _, lines in groupby(_lines(), key=lambda line: line.way)]
    return tuple(WayRow(number, one.way, int(one.weight), one.calls_back == "yes") for number, one in enumerate(first))


@cache
def steps() -> tuple[StepRow, ...]:
    """List the steps of all ways."""
    numbers = {way.name: way.number for way in ways()}
    return tuple(
        row for name, lines in groupby(_lines(), key=lambda line: line.way) for row in _steps(numbers[name], [*lines])
    )


def slots() -> list[int]:
    """List a way's number as many times as its weight, so that a slot drawn at random gives a way."""
    return [way.number for way in ways() for _ in range(way.weight)]


def parts_of(way: int) -> list[float]:
    """List the parts of a way's time at which its steps are taken."""
    return [step.part for step in steps() if step.way == way]


def numbered(name: str) -> int:
    """Tell a way's number."""
    return next(way.number for way in ways() if way.name == name)


def _lines() -> list[_Line]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return [_Line(**row) for row in csv.DictReader(file)]


def _steps(way: int, lines: Sequence[_Line]) -> Iterator[StepRow]:
    clocks = list(accumulate((_CLOCKS.get(line.action, FIRST) for line in lines), max))
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else None
        is_by_department = line.by == "handler" and before is not None and before.answering == "department"
        yield StepRow(
            way=way,
            ordinal=index + 1,
            part=float(line.part),
            action=line.action,
            from_status=before.to_status if before else None,
            to_status=line.to_status,
            actor="RECEIVER" if is_by_department else line.by.upper(),
            is_with_department=line.answering == "department",
            clock=clocks[index],
            rework_count=int(line.rework),
            verdict=line.verdict or None,
            is_handling=line.by == "handler" and line.action in ("HANDLE", "RESOLVE", "HANDLE_ON_SPOT"),
            **_moments(lines[: index + 1])._asdict(),
        )


def _moments(lines: Sequence[_Line]) -> _Moments:
    """Tell what a case remembers: the last of each step, but what was before a reopening or before it was unsolved."""
    kept = _Moments()
    for line in lines:
        part = float(line.part)
        if line.action == "REOPEN":
            kept = _Moments(accepted=kept.accepted)
        elif line.action in ("RESOLVE", "HANDLE_ON_SPOT"):
            kept = kept._replace(resolved=part, heard=None, heard_verdict=None)
        elif line.action == "CALL_BACK":
            # Unsolved, it is with whoever had it again.
            resolved = None if line.to_status == "DISPATCHED" else kept.resolved
            kept = kept._replace(resolved=resolved, heard=part, heard_verdict=line.verdict)
        elif line.action in _MOMENTS:
            kept = _Moments(**{**kept._asdict(), _MOMENTS[line.action]: part})
    return kept
