"""What do those do whom a whistle calls? They come, or say why not, and both sides rate each other in the end."""

from __future__ import annotations

import uuid
from datetime import datetime

from services.cases.commands.whistling import open_call, tell_office, times_of_call
from services.cases.opening import OpenedCase, check_is_fresh, check_may_ever, lock_case
from services.cases.queries import DRAWING, office_of
from services.cases.recording import Step, record_step
from services.cases.rules import LONGEST_TEXT, LONGEST_TITLE, check_note, check_text, may, move_of
from services.cases.sharing import Receiver, end_shares_of_whistles, share_case
from services.whistles.calling import Call
from services.whistles.errors import AlreadyRated, HasToCome, NotCalled, NotDecider
from services.whistles.queries import case_of_callee
from services.whistles.rules import ANSWER, REQUEST, check_callee, check_score, check_whistle
from services.whistles.tables import Whistle, WhistleCallee
from tenants.errors import Forbidden, NotFound
from tenants.grants import Scope
from tenants.work import TenantWork


async def answer_whistle(work: TenantWork, *, callee_id: uuid.UUID, is_coming: bool, reason: str | None) -> uuid.UUID:
    """Say, as a department that was called, that it comes, or why not; a decline goes to the district.

    Raises HasToCome, CaseTextInvalid for a decline without a reason, and what _open_callee raises.
    """
    opened, call, callee = await _open_called(work, callee_id, "ANSWER_WHISTLE")
    told = (
        check_note(reason, field="reason")
        if is_coming
        else check_text(reason or "", limit=LONGEST_TEXT, field="reason")
    )
    if not is_coming and callee.insisted_at is not None:
        raise HasToCome(field="isComing")
    if not is_coming:
        await _put_to_decider(work, opened, call, callee)
        callee.declined_reason = told
    callee.status, callee.answered_at = ("COMING" if is_coming else "DECLINED"), work.now()
    action = "COME_TO_WHISTLE" if is_coming else "DECLINE_WHISTLE"
    await record_step(work, opened, Step(action, ANSWER, note=told))
    return callee_id


async def arrive_at_whistle(work: TenantWork, *, callee_id: uuid.UUID, place: str | None) -> uuid.UUID:
    """Say, as a department that comes, that its people are there. Raises CaseTextInvalid, what _open_callee raises."""
    opened, _, callee = await _open_called(work, callee_id, "ARRIVE_AT_WHISTLE")
    callee.arrived_place = None if place is None else check_text(place, limit=LONGEST_TITLE * 3, field="place")
    callee.status, callee.arrived_at = "ARRIVED", work.now()
    await record_step(work, opened, Step("ARRIVE_AT_WHISTLE", ANSWER, note=callee.arrived_place, is_handling=True))
    return callee_id


async def insist_on_whistle(
    work: TenantWork,
    *,
    callee_id: uuid.UUID,
    note: str | None,
    respond_by: datetime | None = None,
    arrive_by: datetime | None = None,
) -> uuid.UUID:
    """Say, as the office that a decline went to, that the department has to come; it is called anew.

    Raises WhistleTimesInvalid, WhistleTimesMissing, CaseTextInvalid and what _open_decided raises.
    """
    action = "INSIST_ON_WHISTLE"
    opened, call, callee = await _open_decided(work, callee_id, action)
    told = check_note(note, field="note")
    times = await times_of_call(work, call.whistle.reason, respond_by, arrive_by, field="arriveBy")
    callee.respond_by, callee.arrive_by = times
    callee.status, callee.answered_at, callee.insisted_at = "CALLED", None, work.now()
    await record_step(work, opened, Step(action, move_of(action).permission, note=told))
    return callee_id


async def accept_decline(work: TenantWork, *, callee_id: uuid.UUID, note: str | None) -> uuid.UUID:
    """Say, as the office that a decline went to, that the department need not come, which no longer sees the case.

    Raises CaseTextInvalid and what _open_decided raises.
    """
    action = "ACCEPT_DECLINE"
    opened, _, callee = await _open_decided(work, callee_id, action)
    told = check_note(note, field="note")
    callee.status = "EXCUSED"
    await end_shares_of_whistles(work, opened)
    await record_step(work, opened, Step(action, move_of(action).permission, note=told))
    return callee_id


async def rate_whistle(work: TenantWork, *, callee_id: uuid.UUID, score: int, comment: str | None) -> uuid.UUID:
    """Rate, after the conclusion, the department that was called, or as that department the office that whistled.

    Each side does so once; whoever no longer sees the case still may. Raises Forbidden, NotFound, StaleGrants,
    WhistleNotInStatus, AlreadyRated, ScoreInvalid, CaseTextInvalid.
    """
    deciding = work.grants.deciding
    if not (deciding.may(ANSWER) or deciding.may(REQUEST)):
        raise Forbidden(permission=REQUEST)
    await work.share_turn(DRAWING)
    if work.grants.served_from is not None:
        await check_is_fresh(work)
    found = (await work.session.execute(case_of_callee(work.tenant.id, callee_id))).first()
    if found is None:
        raise NotFound
    opened = await lock_case(work, found.case_id, field=None)
    whistle = await work.session.get_one(Whistle, (work.tenant.id, found.whistle_id))
    callee = await work.session.get_one(WhistleCallee, (work.tenant.id, callee_id))
    is_called = _is_called(work, callee)
    if not is_called and not _called_it(work, opened, whistle):
        raise NotFound
    check_whistle("RATE_WHISTLE", whistle.status)
    check_score(score)
    told = check_note(comment, field="comment")
    _rate(work, callee, is_called=is_called, score=score, comment=told)
    await record_step(work, opened, Step("RATE_WHISTLE", ANSWER if is_called else REQUEST))
    return callee_id


def _rate(work: TenantWork, callee: WhistleCallee, *, is_called: bool, score: int, comment: str | None) -> None:
    if (callee.office_rated_at if is_called else callee.department_rated_at) is not None:
        raise AlreadyRated(field="calleeId")
    if is_called:
        callee.office_score, callee.office_comment, callee.office_rated_at = score, comment, work.now()
    else:
        callee.department_score, callee.department_comment, callee.department_rated_at = score, comment, work.now()


def _is_called(work: TenantWork, callee: WhistleCallee) -> bool:
    return callee.body_id in work.grants.deciding.scopes.get(ANSWER, Scope()).body_ids


def _called_it(work: TenantWork, opened: OpenedCase, whistle: Whistle) -> bool:
    """Tell whether the caller stands for whoever called: the office that whistled, or the case's own tenant."""
    deciding = work.grants.deciding
    if work.grants.served_from is None:
        return may(deciding, REQUEST, opened.standing())
    return whistle.office_body_id in deciding.scopes.get(REQUEST, Scope()).body_ids


async def _open_callee(work: TenantWork, callee_id: uuid.UUID, action: str) -> tuple[OpenedCase, Call, WhistleCallee]:
    """Open the case that somebody was called for. Raises NotFound and what open_call raises."""
    # Asked first, or whoever may do nothing with whistles would learn which ids there are.
    check_may_ever(work, action)
    found = (await work.session.execute(case_of_callee(work.tenant.id, callee_id))).first()
    if found is None:
        raise NotFound
    opened, call = await open_call(work, found.whistle_id, action, case_id=found.case_id)
    return opened, call, next(one for one in call.callees if one.id == callee_id)


async def _open_called(work: TenantWork, callee_id: uuid.UUID, action: str) -> tuple[OpenedCase, Call, WhistleCallee]:
    """Open it as the department that was called. Raises NotCalled, CalleeNotInStatus and what _open_callee raises."""
    opened, call, callee = await _open_callee(work, callee_id, action)
    if not _is_called(work, callee):
        raise NotCalled(field="calleeId")
    check_callee(action, callee.status)
    return opened, call, callee


async def _open_decided(work: TenantWork, callee_id: uuid.UUID, action: str) -> tuple[OpenedCase, Call, WhistleCallee]:
    """Open it as the office that a decline went to. Raises NotDecider, CalleeNotInStatus, what _open_callee raises."""
    opened, call, callee = await _open_callee(work, callee_id, action)
    check_callee(action, callee.status)
    acting = work.grants.deciding.tenant
    if acting is None or acting.body_id != callee.decider_body_id:
        raise NotDecider(field="calleeId")
    return opened, call, callee


async def _put_to_decider(work: TenantWork, opened: OpenedCase, call: Call, callee: WhistleCallee) -> None:
    """Let the district decide about a decline; where there is none, the office that whistled."""
    district_id = opened.case.district_id
    office = None if district_id is None else (await work.session.execute(office_of(district_id))).first()
    if office is None:
        callee.decider_body_id = call.whistle.office_body_id
        return
    callee.decider_body_id = office.body_id
    tell_office(opened, call, office.id)
    if office.id != work.tenant.id:
        receiver = Receiver(office.id, office.body_id)
        await share_case(work, opened, receiver, reason="WHISTLE_DECLINED", title=call.whistle.summary)
