"""How is a resolved case brought to its end? The reporter is called back, it is closed, and perhaps reopened."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from services.cases.clock import due_of
from services.cases.commands.clock import start_clock
from services.cases.errors import SatisfactionUnasked
from services.cases.opening import OpenedCase, open_case
from services.cases.recording import Step, record_step
from services.cases.rules import CALL_BACK, CLOSE, LONGEST_TEXT, RATE, check_note, check_text
from services.cases.sharing import end_shares
from services.cases.tables import Case, forget_verdicts
from services.categories.tables import CaseCategory
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class CallBack:
    """What the reporter said, if reached."""

    is_contacted: bool
    is_solved: bool | None = None
    satisfaction: str | None = None
    comment: str | None = None
    # Why the reporter was not reached, or is not content.
    reason: str | None = None


async def call_back_case(work: TenantWork, *, case_id: uuid.UUID, call_back: CallBack) -> uuid.UUID:
    """Record a call-back; what the reporter says is not solved goes back to whoever handled it, as rework.

    Raises SatisfactionUnasked, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="CALL_BACK")
    comment = check_note(call_back.comment, field="input.comment")
    reason = check_note(call_back.reason, field="input.reason")
    asked = (call_back.is_solved, call_back.satisfaction)
    if call_back.is_contacted == (call_back.is_solved is None) or (not call_back.is_contacted and any(asked)):
        raise SatisfactionUnasked(field="input.isSolved")
    _take_down(work, opened, call_back)
    opened.details.call_back_reason = reason
    if call_back.is_solved is False:
        _handle_again(opened.case)
    await record_step(work, opened, Step("CALL_BACK", CALL_BACK, note=comment))
    return case_id


def _take_down(work: TenantWork, opened: OpenedCase, call_back: CallBack) -> None:
    case = opened.case
    case.called_back_at = work.now()
    case.is_contacted, case.is_solved = call_back.is_contacted, call_back.is_solved
    case.satisfaction = call_back.satisfaction
    case.is_left_out_of_rates = False
    opened.details.call_back_reason = None


def _handle_again(case: Case) -> None:
    """Send a case back to whoever handled it, as rework."""
    case.status = "DISPATCHED"
    case.rework_count += 1
    case.resolved_at = case.verified_at = None


async def rate_case(
    work: TenantWork, *, case_id: uuid.UUID, is_solved: bool, satisfaction: str, comment: str | None
) -> uuid.UUID:
    """Record what the reporter says of the own case without being called: it counts as a call-back.

    What is not solved goes back as rework, unless it is closed. Raises CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="RATE")
    told = check_note(comment, field="input.comment")
    _take_down(work, opened, CallBack(is_contacted=True, is_solved=is_solved, satisfaction=satisfaction))
    if not is_solved and opened.case.status == "RESOLVED":
        _handle_again(opened.case)
    await record_step(work, opened, Step("RATE", RATE, note=told))
    return case_id


async def verify_case(work: TenantWork, *, case_id: uuid.UUID, is_settled: bool, note: str | None) -> uuid.UUID:
    """Record that somebody who did not handle a resolved case looked at it; what is not settled goes back as rework.

    Raises CaseTextInvalid, for a refusal without a note, and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="VERIFY")
    told = check_note(note, field="note") if is_settled else check_text(note or "", limit=LONGEST_TEXT, field="note")
    opened.case.verified_at = work.now()
    if not is_settled:
        _handle_again(opened.case)
    await record_step(work, opened, Step("VERIFY", CALL_BACK, note=told))
    return case_id


async def close_case(work: TenantWork, *, case_id: uuid.UUID, note: str | None) -> uuid.UUID:
    """Close a resolved case; whoever was called from outside no longer sees it. Raises what open_case raises."""
    opened = await open_case(work, case_id=case_id, action="CLOSE")
    told = check_note(note, field="note")
    opened.case.status = "CLOSED"
    opened.case.closed_at = work.now()
    await end_shares(work, opened)
    await record_step(work, opened, Step("CLOSE", CLOSE, note=told))
    return case_id


async def reopen_case(work: TenantWork, *, case_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Take a closed case up again, as rework, with a new time limit; its own tenant coordinates it.

    Raises CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="REOPEN")
    told = check_text(reason, limit=LONGEST_TEXT, field="reason")
    case = opened.case
    case.status = "ACCEPTED"
    case.rework_count += 1
    case.closed_at = case.resolved_at = case.dispatched_at = None
    forget_verdicts(case)
    await start_clock(work, opened)
    case.coordinator_body_id = case.accountable_body_id = work.tenant.body_id or case.coordinator_body_id
    case.accountable_position_id = None
    await _limit_anew(work, case)
    await record_step(work, opened, Step("REOPEN", CLOSE, note=told))
    return case_id


async def _limit_anew(work: TenantWork, case: Case) -> None:
    limit = (
        await work.session.execute(
            select(CaseCategory.limit_amount, CaseCategory.limit_unit).where(
                CaseCategory.tenant_id == case.tenant_id, CaseCategory.id == case.category_id
            )
        )
    ).one()
    case.due_at = await due_of(work, work.now(), amount=limit.limit_amount, unit=limit.limit_unit)
