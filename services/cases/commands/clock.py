"""How does the clock of a case stand still? For a recorded reason, until a known instant, as its coordinator says."""

from __future__ import annotations

import uuid
from datetime import datetime

from services.calendars.loading import get_calendar
from services.cases.errors import NotSuspended, SuspensionTooShort
from services.cases.opening import OpenedCase, open_case
from services.cases.queries import limit_unit_of
from services.cases.recording import Step, record_step
from services.cases.rules import DISPATCH, LONGEST_TITLE, check_text
from services.cases.tables import Case
from tenants.work import TenantWork

_STOPPED = "SUSPENDED"


async def suspend_case(work: TenantWork, *, case_id: uuid.UUID, reason: str, until: datetime) -> uuid.UUID:
    """Stop the clock of a case from now until an instant; what it is due by is later by as much.

    While it stands still already, the stop goes on until the new instant. Raises SuspensionTooShort, CaseTextInvalid
    and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="SUSPEND")
    told = check_text(reason, limit=LONGEST_TITLE, field="reason")
    if until <= work.now():
        raise SuspensionTooShort(field="until")
    case = opened.case
    if not is_stopped(work, opened) or case.due_before_stop is None:
        case.stopped_at, case.due_before_stop = work.now(), case.due_at
    # Offices read the index, which bears no words.
    case.stop_reason, case.stopped_until, opened.details.stop_reason = _STOPPED, until, told
    await _move_due(work, case, until)
    await record_step(work, opened, Step("SUSPEND", DISPATCH, note=told))
    return case_id


async def resume_case(work: TenantWork, *, case_id: uuid.UUID, note: str | None) -> uuid.UUID:
    """Let the clock of a case run again before the stop would have ended.

    Raises NotSuspended, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="RESUME")
    told = None if note is None else check_text(note, limit=LONGEST_TITLE, field="note")
    if not is_stopped(work, opened):
        raise NotSuspended(field="caseId")
    await start_clock(work, opened)
    await record_step(work, opened, Step("RESUME", DISPATCH, note=told))
    return case_id


def is_stopped(work: TenantWork, opened: OpenedCase) -> bool:
    """Tell whether the clock of a case stands still now: a stop ends by itself."""
    until = opened.case.stopped_until
    return until is not None and until > work.now()


async def start_clock(work: TenantWork, opened: OpenedCase) -> None:
    """Let the clock run from now on, if it stands still: what the case is due by is later by as long as it stood."""
    case = opened.case
    if is_stopped(work, opened):
        await _move_due(work, case, work.now())
    case.stop_reason = case.stopped_at = case.stopped_until = case.due_before_stop = None
    opened.details.stop_reason = None


async def _move_due(work: TenantWork, case: Case, until: datetime) -> None:
    """Leave as much of the time limit, in its own unit, as was left when the clock stopped."""
    due_at, stopped_at = case.due_before_stop, case.stopped_at
    if due_at is None or stopped_at is None:
        return
    unit = await work.session.scalar(limit_unit_of(case.tenant_id, case.category_id))
    calendar = await get_calendar(work)
    case.due_at = calendar.resume(due_at, unit or "HOUR", suspended_from=stopped_at, suspended_until=until)
