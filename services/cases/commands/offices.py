"""How does a case go up to the street and the district, and come back?"""

from __future__ import annotations

import uuid

from services.cases.errors import NoOfficeAbove
from services.cases.opening import OpenedCase, open_case
from services.cases.queries import office_of
from services.cases.recording import Step, record_step
from services.cases.rules import DISPATCH, LONGEST_TEXT, LONGEST_TITLE, check_text
from services.cases.sharing import Receiver, end_shares, share_case
from services.cases.tables import CaseShare
from tenants.errors import NotFound
from tenants.work import TenantWork


async def escalate_case(work: TenantWork, *, case_id: uuid.UUID, summary: str) -> uuid.UUID:
    """Hand a case up to the office above whoever coordinates it, which sees the summary and coordinates from now on.

    Raises NoOfficeAbove, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="ESCALATE")
    told = check_text(summary, limit=LONGEST_TITLE * 5, field="summary")
    receiver = await office_above(work, opened)
    await share_case(work, opened, receiver, reason="HANDED_UP", title=told)
    _coordinate(opened, receiver.body_id)
    await record_step(work, opened, Step("ESCALATE", DISPATCH, note=told))
    return case_id


async def hand_back_case(work: TenantWork, *, case_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Give a case that was handed up back to whoever handed it up, and no longer see it.

    Raises NotFound, CaseTextInvalid and what open_case raises.
    """
    opened = await open_case(work, case_id=case_id, action="HAND_BACK")
    told = check_text(reason, limit=LONGEST_TEXT, field="reason")
    handed = [share for share in opened.shares if share.reason == "HANDED_UP"]
    if not handed or handed[-1].receiver_body_id != opened.case.coordinator_body_id:
        raise NotFound(field="caseId")
    below = _below(work, handed)
    await end_shares(work, opened, but=below if len(handed) > 1 else None)
    _coordinate(opened, below)
    await record_step(work, opened, Step("HAND_BACK", DISPATCH, note=told))
    return case_id


async def office_above(work: TenantWork, opened: OpenedCase) -> Receiver:
    """Find the next office: the street above the community, else the district. Raises NoOfficeAbove."""
    case, acting = opened.case, work.grants.deciding.tenant
    above = [case.street_id, case.district_id]
    # Whoever hands it up is below what is looked for: the community, or the street that coordinates it.
    if acting is not None and acting.id in above:
        above = above[above.index(acting.id) + 1 :]
    for tenant_id in above:
        office = None if tenant_id is None else (await work.session.execute(office_of(tenant_id))).first()
        if office is not None:
            return Receiver(office.id, office.body_id)
    raise NoOfficeAbove


def _below(work: TenantWork, handed: list[CaseShare]) -> uuid.UUID:
    if len(handed) > 1:
        return handed[-2].receiver_body_id
    if work.tenant.body_id is None:
        raise NotFound(field="caseId")
    return work.tenant.body_id


def _coordinate(opened: OpenedCase, body_id: uuid.UUID) -> None:
    opened.case.coordinator_body_id = opened.case.accountable_body_id = body_id
    opened.case.accountable_position_id = None
