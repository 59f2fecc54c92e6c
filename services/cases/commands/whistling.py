"""How are departments called to a case's place? A community asks, its street whistles, and says what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.cases.commands.offices import office_above
from services.cases.errors import TooManyParts
from services.cases.opening import OpenedCase, check_may_ever, open_case
from services.cases.queries import body_of
from services.cases.recording import Step, record_step
from services.cases.rules import LONGEST_TEXT, LONGEST_TITLE, check_note, check_text, move_of
from services.cases.sharing import Receiver, end_shares_of_whistles, share_case
from services.whistles.calling import Call
from services.whistles.errors import CalleeUnfit, NotWhistlingOffice, WhistleNotInStatus, WhistleTimesMissing
from services.whistles.queries import case_of_whistle, times_in_force
from services.whistles.rules import check_times, check_whistle, until_when
from services.whistles.tables import Whistle, WhistleCallee
from tenants.errors import NotFound
from tenants.tables import Body
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class WhistleRequest:
    """Why departments are needed, and what the offices and departments may read of the case."""

    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class Called:
    """A department that is called, and until when it has to answer and to arrive, if not by the tenant's own times."""

    body_id: uuid.UUID
    respond_by: datetime | None = None
    arrive_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Summons:
    """Who is called, where to, and what they are told."""

    called: Sequence[Called]
    place: str | None = None
    note: str | None = None


MOST_WHISTLES = 20


async def request_whistle(work: TenantWork, *, case_id: uuid.UUID, request: WhistleRequest) -> uuid.UUID:
    """Ask the office above to call departments to a case's place; an office that coordinates the case asks itself.

    The office sees the summary. Tell the whistle's id. Raises NoOfficeAbove, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="REQUEST_WHISTLE")
    summary = check_text(request.summary, limit=LONGEST_TITLE * 5, field="input.summary")
    if len(opened.calls) >= MOST_WHISTLES:
        raise TooManyParts(limit=MOST_WHISTLES)
    office = await _office(work, opened)
    asking = work.grants.deciding.tenant
    whistle = Whistle(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        case_id=case_id,
        status="REQUESTED",
        reason=request.reason,
        summary=summary,
        requester_body_id=asking.body_id if asking and asking.body_id else office.body_id,
        office_body_id=office.body_id,
        place_text=opened.details.place_text,
        requested_at=work.now(),
    )
    call = Call(whistle)
    tell_office(opened, call, office.tenant_id)
    work.session.add(whistle)
    opened.calls.append(call)
    if office.tenant_id != work.tenant.id:
        await share_case(work, opened, office, reason="WHISTLE_ASKED", title=summary)
    await _record(work, opened, "REQUEST_WHISTLE", summary)
    return whistle.id


async def whistle(work: TenantWork, *, whistle_id: uuid.UUID, summons: Summons) -> uuid.UUID:
    """Call departments of the street or the district, as was asked; each sees the case by its summary.

    Raises CalleeUnfit, WhistleTimesInvalid, WhistleTimesMissing, CaseTextInvalid and what open_call raises.
    """
    opened, call = await open_call_of_office(work, whistle_id, "WHISTLE")
    note = check_note(summons.note, field="input.note")
    place = check_note(summons.place, field="input.place")
    asked = [one.body_id for one in summons.called]
    if not asked or len(set(asked)) < len(asked):
        raise CalleeUnfit(field="input.callees")
    called = call.whistle
    called.status, called.called_at, called.note = "CALLED", work.now(), note
    called.place_text = place or called.place_text
    await work.session.flush()
    for one in summons.called:
        await _call(work, opened, call, one)
    await _record(work, opened, "WHISTLE", note)
    return whistle_id


async def _call(work: TenantWork, opened: OpenedCase, call: Call, one: Called) -> None:
    body = await _department(work, opened, one.body_id)
    respond_by, arrive_by = await times_of_call(
        work, call.whistle.reason, one.respond_by, one.arrive_by, field="input.callees"
    )
    callee = WhistleCallee(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        whistle_id=call.whistle.id,
        case_id=opened.case.id,
        told_street_id=call.whistle.told_street_id,
        told_district_id=call.whistle.told_district_id,
        body_id=body.id,
        status="CALLED",
        respond_by=respond_by,
        arrive_by=arrive_by,
    )
    work.session.add(callee)
    call.callees.append(callee)
    tell_office(opened, call, body.home_tenant_id)
    await share_case(
        work,
        opened,
        Receiver(body.home_tenant_id, body.id),
        reason="WHISTLED",
        title=call.whistle.summary,
        description=call.whistle.note or "",
    )


async def refuse_whistle(work: TenantWork, *, whistle_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Say, as the office that was asked, why no department is called. Raises CaseTextInvalid, what open_call raises."""
    opened, call = await open_call_of_office(work, whistle_id, "REFUSE_WHISTLE")
    call.whistle.refused_reason = check_text(reason, limit=LONGEST_TEXT, field="reason")
    await _end(work, opened, call, "REFUSED")
    await _record(work, opened, "REFUSE_WHISTLE", call.whistle.refused_reason)
    return whistle_id


async def conclude_whistle(work: TenantWork, *, whistle_id: uuid.UUID, outcome: str) -> uuid.UUID:
    """Say what came of a whistle, as the office that whistled or as whoever coordinates the case.

    Those who saw the case for it alone no longer do. Raises NotWhistlingOffice, CaseTextInvalid, what open_call raises.
    """
    action = "CONCLUDE_WHISTLE"
    opened, call = await open_call(work, whistle_id, action)
    acting = work.grants.deciding.tenant
    if acting is None or acting.body_id not in (call.whistle.office_body_id, opened.case.coordinator_body_id):
        raise NotWhistlingOffice(field="whistleId")
    call.whistle.outcome = check_text(outcome, limit=LONGEST_TEXT, field="outcome")
    await _end(work, opened, call, "CONCLUDED")
    await _record(work, opened, action, call.whistle.outcome)
    return whistle_id


async def open_call(
    work: TenantWork, whistle_id: uuid.UUID, action: str, *, case_id: uuid.UUID | None = None
) -> tuple[OpenedCase, Call]:
    """Open the case of a whistle, which is looked up if it is not given, to do something with the whistle.

    Raises NotFound, WhistleNotInStatus and what open_case raises.
    """
    # Asked first, or whoever may do nothing with whistles would learn which ids there are.
    check_may_ever(work, action)
    if case_id is None:
        found = (await work.session.execute(case_of_whistle(work.tenant.id, whistle_id))).first()
        if found is None:
            raise NotFound
        case_id = found.case_id
    opened = await open_case(work, case_id=case_id, action=action, field=None)
    call = next((one for one in opened.calls if one.whistle.id == whistle_id), None)
    if call is None:
        ended = await work.session.get_one(Whistle, (work.tenant.id, whistle_id))
        raise WhistleNotInStatus(status=ended.status)
    check_whistle(action, call.whistle.status)
    return opened, call


async def open_call_of_office(work: TenantWork, whistle_id: uuid.UUID, action: str) -> tuple[OpenedCase, Call]:
    """Open the case of a whistle as the office that was asked to whistle, or within a tenant that whistles itself.

    Raises NotWhistlingOffice and what open_call raises.
    """
    opened, call = await open_call(work, whistle_id, action)
    acting = work.grants.deciding.tenant
    # Whom a community lets whistle for itself is its own to say: that is a grant in its own tenant.
    is_outside = work.grants.served_from is not None
    if is_outside and (acting is None or acting.body_id != call.whistle.office_body_id):
        raise NotWhistlingOffice(field="whistleId")
    return opened, call


async def times_of_call(
    work: TenantWork, reason: str, respond_by: datetime | None, arrive_by: datetime | None, *, field: str
) -> tuple[datetime, datetime]:
    """Tell until when to answer and to arrive: as given, else as the case's tenant has it for such calls.

    Raises WhistleTimesInvalid, WhistleTimesMissing.
    """
    now = work.now()
    if respond_by is None or arrive_by is None:
        times = await work.session.scalar(times_in_force(work.tenant.id, reason=reason, today=work.today()))
        if times is None:
            raise WhistleTimesMissing(field=field)
        respond_by, arrive_by = until_when(
            respond_by,
            arrive_by,
            now=now,
            respond_minutes=times.respond_minutes,
            arrive_minutes=times.arrive_minutes,
        )
    check_times(respond_by, arrive_by, now=now, field=field)
    return respond_by, arrive_by


def tell_office(opened: OpenedCase, call: Call, tenant_id: int) -> None:
    """Let the tenant of an office or department read a whistle from now on."""
    call.tell(tenant_id, street_id=opened.case.street_id, district_id=opened.case.district_id)


async def _office(work: TenantWork, opened: OpenedCase) -> Receiver:
    acting = work.grants.deciding.tenant
    if acting is not None and acting.kind != "community" and acting.body_id is not None:
        return Receiver(acting.id, acting.body_id)
    return await office_above(work, opened)


async def _department(work: TenantWork, opened: OpenedCase, body_id: uuid.UUID) -> Body:
    body: Body | None = await work.session.scalar(body_of(body_id))
    if body is None:
        raise NotFound(field="input.callees.departmentId")
    if body.kind != "department" or body.home_tenant_id not in (opened.case.street_id, opened.case.district_id):
        raise CalleeUnfit(field="input.callees.departmentId")
    return body


async def _end(work: TenantWork, opened: OpenedCase, call: Call, status: str) -> None:
    call.whistle.status, call.whistle.ended_at = status, work.now()
    opened.calls.remove(call)
    await end_shares_of_whistles(work, opened)


async def _record(work: TenantWork, opened: OpenedCase, action: str, note: str | None) -> None:
    await record_step(work, opened, Step(action, move_of(action).permission, note=note))
