"""When does a step change by when a case is due, and with it what waits for the clock?"""

from __future__ import annotations

from datetime import datetime

from services.cases.opening import OpenedCase
from services.cases.rules import OPEN
from services.cases.tables import Case
from services.supervision.commands import Watched, renew_marks
from tenants.work import TenantWork


def watched(case: Case) -> Watched:
    """Tell a case as far as its marks ask. While its clock stands still, none is reached."""
    return Watched(case.id, case.category_id, case.due_at, case.status in OPEN, case.stopped_until)


def turn_green(opened: OpenedCase) -> None:
    """Let a case begin anew with another due time."""
    if _due_before(opened) != opened.case.due_at:
        opened.case.color = "GREEN"


async def mark_case(work: TenantWork, opened: OpenedCase) -> None:
    """Write the marks of a case anew where a step has moved its due time, or has ended it or taken it up again."""
    now = watched(opened.case)
    if (_due_before(opened), _was_open(opened)) != (now.due_at, now.is_open):
        await renew_marks(work, now)


def _due_before(opened: OpenedCase) -> datetime | None:
    told = opened.before["due_at"] if opened.before else None
    return None if told is None else datetime.fromisoformat(told)


def _was_open(opened: OpenedCase) -> bool:
    before = opened.before
    return before is not None and before["status"] in OPEN
