"""What is asked about a case that somebody else decides? More time, another handler, to be left out of the rates."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from services.case_counts.rules import Verdict
from services.cases.counting import last_verdict
from services.cases.errors import ExtensionTooShort, NotCalledBack
from services.cases.opening import OpenedCase, check_may_ever, open_case
from services.cases.recording import Step, record_step
from services.cases.rules import LONGEST_TEXT, LONGEST_TITLE, MOVES, check_text
from services.cases.sharing import give_back
from services.cases.tables import CaseRequest
from tenants.errors import NotFound
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a receiver says that a case is not theirs, and the item of a contract, duty list or law that says so."""

    basis: str
    citation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided about a request, with the reason, which a refusal needs."""

    is_granted: bool
    reason: str | None = None


async def request_extension(work: TenantWork, *, case_id: uuid.UUID, until: datetime, reason: str) -> uuid.UUID:
    """Ask, as the receiver, for more time to handle a case; tell the request's id.

    Raises ExtensionTooShort, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="REQUEST_EXTENSION")
    told = check_text(reason, limit=LONGEST_TEXT, field="reason")
    due_at = opened.case.due_at or work.now()
    if until <= max(due_at, work.now()):
        raise ExtensionTooShort(due_at=_told(due_at), field="until")
    request = _request(work, opened, "EXTENSION")
    request.until = until
    return await _ask(work, opened, request, _step(opened, "REQUEST_EXTENSION", told))


async def decide_extension(work: TenantWork, *, request_id: uuid.UUID, decision: Decision) -> uuid.UUID:
    """Grant or refuse more time, as the coordinator.

    Raises ExtensionTooShort for one that has passed meanwhile, and what _decide raises.
    """
    opened, request = await _decide(work, request_id, "DECIDE_EXTENSION", decision)
    case, until = opened.case, request.until
    if decision.is_granted and until is not None:
        if until <= work.now():
            raise ExtensionTooShort(due_at=_told(case.due_at or work.now()), field="extensionId")
        # Nothing is ever due earlier by it. A stop of the clock no longer moves what was granted by the day.
        case.due_at, case.due_before_stop = max(until, case.due_at or until), None
    action = "EXTEND" if decision.is_granted else "REFUSE_EXTENSION"
    asker = opened.tenant_of(case.accountable_body_id)
    return await _record(work, opened, request, action, decision, told_tenant_id=asker)


async def object_to_dispatch(work: TenantWork, *, case_id: uuid.UUID, objection: Objection) -> uuid.UUID:
    """Object, as the receiver, to having been handed a case; until that is decided they go on answering for it.

    Raises CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="OBJECT")
    told = check_text(objection.reason, limit=LONGEST_TEXT, field="input.reason")
    citation = check_text(objection.citation, limit=LONGEST_TITLE * 5, field="input.citation")
    request = _request(work, opened, "OBJECTION")
    request.basis = objection.basis
    return await _ask(work, opened, request, replace(_step(opened, "OBJECT", told), citation=citation))


async def decide_objection(work: TenantWork, *, request_id: uuid.UUID, decision: Decision) -> uuid.UUID:
    """Uphold an objection, so that the case comes back to its coordinator, or refuse it. Raises what _decide raises."""
    opened, request = await _decide(work, request_id, "DECIDE_OBJECTION", decision)
    asker = opened.tenant_of(opened.case.accountable_body_id)
    if decision.is_granted:
        await give_back(work, opened)
    action = "UPHOLD_OBJECTION" if decision.is_granted else "REFUSE_OBJECTION"
    return await _record(work, opened, request, action, decision, told_tenant_id=asker)


async def request_rates_exclusion(work: TenantWork, *, case_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Ask that a call-back does not count in the rates.

    Raises NotCalledBack, CaseTextInvalid and what open_case raises.
    """
    action = "REQUEST_RATES_EXCLUSION"
    opened = await open_case(work, case_id=case_id, action=action)
    told = check_text(reason, limit=LONGEST_TEXT, field="reason")
    if opened.case.called_back_at is None:
        raise NotCalledBack(field="caseId")
    return await _ask(work, opened, _request(work, opened, "RATES_EXCLUSION"), _step(opened, action, told))


async def decide_rates_exclusion(work: TenantWork, *, request_id: uuid.UUID, decision: Decision) -> uuid.UUID:
    """Approve, as another person, that a call-back does not count in the rates, or not. Raises what _decide raises."""
    opened, request = await _decide(work, request_id, "DECIDE_RATES_EXCLUSION", decision)
    if decision.is_granted:
        opened.case.is_left_out_of_rates = True
    action = "LEAVE_OUT_OF_RATES" if decision.is_granted else "COUNT_IN_RATES"
    left_out = await last_verdict(work, opened) if decision.is_granted else None
    return await _record(work, opened, request, action, decision, left_out=left_out)


def _told(instant: datetime) -> str:
    return instant.isoformat(timespec="minutes")


def _permission(action: str) -> str:
    return MOVES[action].permission


def _request(work: TenantWork, opened: OpenedCase, kind: str) -> CaseRequest:
    case = opened.case
    return CaseRequest(
        tenant_id=case.tenant_id,
        id=work.new_id(),
        street_id=case.street_id,
        district_id=case.district_id,
        case_id=case.id,
        kind=kind,
        status="REQUESTED",
        step_id=work.new_id(),
        requester_account_id=work.grants.account_id,
        requested_at=work.now(),
    )


def _step(opened: OpenedCase, action: str, note: str) -> Step:
    """Make the step by which something is asked, in words that whoever decides it is told."""
    decider = opened.tenant_of(opened.case.coordinator_body_id)
    return Step(action, _permission(action), note=note, told_tenant_id=decider)


async def _ask(work: TenantWork, opened: OpenedCase, request: CaseRequest, step: Step) -> uuid.UUID:
    opened.requests.append(request)
    await record_step(work, opened, step, step_id=request.step_id)
    # After the step, which it names.
    work.session.add(request)
    await work.session.flush()
    return request.id


async def _decide(
    work: TenantWork, request_id: uuid.UUID, action: str, decision: Decision
) -> tuple[OpenedCase, CaseRequest]:
    """Open the case that a request is about, to decide it.

    Raises NotFound, CaseTextInvalid for a refusal without a reason, and what open_case raises.
    """
    # Asked first, or whoever may decide nothing would learn which ids there are.
    check_may_ever(work, action)
    named = select(CaseRequest.case_id).where(
        CaseRequest.tenant_id == work.tenant.id,
        CaseRequest.id == request_id,
        CaseRequest.kind == MOVES[action].decides,
    )
    case_id = await work.session.scalar(named)
    if case_id is None:
        raise NotFound
    opened = await open_case(work, case_id=case_id, action=action, field=None)
    if not decision.is_granted:
        check_text(decision.reason or "", limit=LONGEST_TEXT, field="reason")
    request = next((one for one in opened.requests if one.id == request_id), None)
    if request is None:
        raise NotFound
    return opened, request


async def _record(
    work: TenantWork,
    opened: OpenedCase,
    request: CaseRequest,
    action: str,
    decision: Decision,
    *,
    told_tenant_id: int | None = None,
    left_out: Verdict | None = None,
) -> uuid.UUID:
    opened.requests.remove(request)
    request.status, request.decided_at = ("GRANTED" if decision.is_granted else "REFUSED"), work.now()
    told = None if decision.reason is None else check_text(decision.reason, limit=LONGEST_TEXT, field="reason")
    permission = _permission(f"DECIDE_{request.kind}")
    request.decision_step_id = await record_step(
        work, opened, Step(action, permission, note=told, told_tenant_id=told_tenant_id, left_out=left_out)
    )
    await work.session.flush()
    return request.id
