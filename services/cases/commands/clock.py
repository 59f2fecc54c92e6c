"""How does the clock of a case stand still? For a recorded reason, until a known instant, as its coordinator says."""

from __future__ import annotations

import uuid
from datetime import datetime

from services.cases.errors import NotSuspended, SuspensionTooShort
from services.cases.opening import OpenedCase, open_case
from services.cases.recording import Step, record_step
from services.cases.rules import DISPATCH, LONGEST_TITLE, check_text, due_after_stop
from tenants.work import TenantWork


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
    case.stop_reason, case.stopped_until = told, until
    _move_due(opened, until)
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
    start_clock(work, opened)
    await record_step(work, opened, Step("RESUME", DISPATCH, note=told))
    return case_id


def is_stopped(work: TenantWork, opened: OpenedCase) -> bool:
    """Tell whether the clock of a case stands still now: a stop ends by itself."""
    until = opened.case.stopped_until
    return until is not None and until > work.now()


def start_clock(work: TenantWork, opened: OpenedCase) -> None:
    """Let the clock run from now on, if it stands still: what the case is due by is later by as long as it stood."""
    case = opened.case
    if is_stopped(work, opened):
        _move_due(opened, work.now())
    case.stop_reason = case.stopped_at = case.stopped_until = case.due_before_stop = None


def _move_due(opened: OpenedCase, until: datetime) -> None:
    case = opened.case
    if case.due_before_stop is not None and case.stopped_at is not None:
        case.due_at = due_after_stop(case.due_before_stop, stopped_at=case.stopped_at, until=until)
