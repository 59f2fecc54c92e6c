"""What does a step of a case count as? Pure rules, no storage.

What only ever happens is counted on its day: a report, an acceptance, a call-back. What a case is counted as while it
stands so is taken back when it no longer does: that it falls due on a day, that it is closed.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

_OUT = frozenset({"EXCLUDED", "MERGED"})
CALL_BACKS = frozenset({"CALL_BACK", "RATE"})
_BY_ACTION: Mapping[str, str] = {
    "REPORT": "reported",
    "DISPATCH": "dispatched",
    "HANDLE_ON_SPOT": "handled_on_spot",
    "EXTEND": "extended",
    "WHISTLE": "whistled",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands after a step, as far as it counts."""

    status: str
    body_id: uuid.UUID
    accepted_at: datetime | None
    due_at: datetime | None
    # Who answers, or answered, for it as it falls due.
    due_body_id: uuid.UUID | None
    closed_at: datetime | None
    rework_count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reporter said at a call-back, when, and who answered for the case then."""

    at: datetime
    body_id: uuid.UUID
    is_contacted: bool | None
    is_solved: bool | None
    satisfaction: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of a counter, on a day, for a body."""

    counter: str
    day: date
    body_id: uuid.UUID | None
    number: int = 1


def due_body(
    before: Standing | None, *, due_at: datetime | None, body_id: uuid.UUID, now: datetime
) -> uuid.UUID | None:
    """Tell who answers for a case as it falls due: whoever has it then, whoever has it later."""
    if due_at is None:
        return None
    if before is None or before.due_at is None or before.due_at != due_at or now <= before.due_at:
        return body_id
    return before.due_body_id


def tallies(
    action: str, before: Standing | None, after: Standing, *, now: datetime, zone: ZoneInfo, verdict: Verdict | None
) -> list[Tally]:
    """Count a step: what happened, and what the case no longer counts as or counts as from now on.

    `verdict` is that of a call-back, or the one that is left out of the rates from now on.
    """
    day = now.astimezone(zone).date()
    found = [Tally(counter, day, body_id) for counter, body_id in _happened(action, before, after)]
    if verdict is not None:
        number = 1 if action in CALL_BACKS else -1
        heard = verdict.at.astimezone(zone).date()
        found += [Tally(counter, heard, verdict.body_id, number) for counter in _heard(verdict)]
    net: Counter[tuple[str, date, uuid.UUID | None]] = Counter()
    net.update(_stands(after, zone))
    net.subtract(_stands(before, zone) if before else ())
    return found + [Tally(*key, number) for key, number in net.items() if number]


def _happened(action: str, before: Standing | None, after: Standing) -> Iterator[tuple[str, uuid.UUID]]:
    if action in _BY_ACTION:
        yield _BY_ACTION[action], after.body_id
    if before is None:
        return
    if before.accepted_at is None and after.accepted_at is not None:
        yield "accepted", after.body_id
    # It goes against whoever had it when it turned out not to be settled.
    yield from [("reworked", before.body_id)] * (after.rework_count - before.rework_count)


def _heard(verdict: Verdict) -> Iterator[str]:
    yield "called_back"
    if verdict.is_contacted:
        yield "contacted"
    if verdict.is_solved:
        yield "solved"
    if verdict.satisfaction == "SATISFIED":
        yield "satisfied"


def _stands(standing: Standing, zone: ZoneInfo) -> Iterator[tuple[str, date, uuid.UUID | None]]:
    """List what a case counts as while it stands so."""
    if standing.status in _OUT:
        return
    closed_at = standing.closed_at if standing.status == "CLOSED" else None
    if closed_at is not None:
        yield "closed", closed_at.astimezone(zone).date(), standing.body_id
    if standing.due_at is None:
        return
    due = (standing.due_at.astimezone(zone).date(), standing.due_body_id)
    yield "due_to_close", *due
    if closed_at is not None:
        yield "closed_of_due", *due
        if closed_at <= standing.due_at:
            yield "closed_on_time", *due
