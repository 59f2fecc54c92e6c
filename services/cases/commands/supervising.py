"""How is whoever a case waits for urged? By the community's own posts, and by the offices above, which supervise."""

from __future__ import annotations

import uuid

from services.cases.errors import CardsOff, CaseNotInStatus
from services.cases.opening import OpenedCase, check_is_fresh, lock_case
from services.cases.queries import DRAWING
from services.cases.recording import Step, record_step
from services.cases.rules import LONGEST_TEXT, OPEN, SUPERVISE, check_note, check_text, may_supervise
from services.settings.queries import setting_of
from services.supervision.tables import CaseSupervision
from tenants.errors import Forbidden, NotFound, TenantRequired
from tenants.work import TenantWork


async def urge_case(work: TenantWork, *, case_id: uuid.UUID, note: str | None) -> uuid.UUID:
    """Urge whoever an open case waits for.

    Raises Forbidden, NotFound, CaseNotInStatus, CaseTextInvalid, StaleGrants.
    """
    opened = await _open(work, case_id, only_from_above=False)
    told = check_note(note, field="note")
    await record_step(work, opened, Step("URGE", SUPERVISE, note=told))
    return case_id


async def supervise_case(work: TenantWork, *, case_id: uuid.UUID, level: str, points: int, note: str) -> uuid.UUID:
    """Supervise an open case of a tenant below, with the points that the office takes off for it.

    Raises Forbidden, NotFound, CaseNotInStatus, CaseTextInvalid, StaleGrants.
    """
    opened = await _open(work, case_id, only_from_above=True)
    told = check_text(note, limit=LONGEST_TEXT, field="input.note")
    case, office = opened.case, work.grants.deciding.tenant
    if office is None or office.body_id is None:
        raise TenantRequired
    step_id = await record_step(work, opened, Step("SUPERVISE", SUPERVISE, note=told))
    work.session.add(
        CaseSupervision(
            tenant_id=case.tenant_id,
            id=step_id,
            street_id=case.street_id,
            district_id=case.district_id,
            case_id=case.id,
            body_id=office.body_id,
            level=level,
            points=points,
            at=work.now(),
        )
    )
    await work.session.flush()
    return case_id


async def points_of(work: TenantWork, *, level: str) -> int:
    """Tell how many points the acting office takes off with a supervision of a level.

    Raises Forbidden, and CardsOff for a card where the office has not set that there are any.
    """
    work.require_some(SUPERVISE)
    if level == "ORDINARY":
        return 0
    if not await setting_of(work, "SUPERVISION_CARDS"):
        raise CardsOff(field="input.level")
    return await setting_of(work, f"POINTS_{level}")


async def _open(work: TenantWork, case_id: uuid.UUID, *, only_from_above: bool) -> OpenedCase:
    """Lock an open case of the caller's tenant or of one below; whatever is beside these, nothing is looked at."""
    deciding = work.grants.deciding
    if not deciding.may(SUPERVISE):
        raise Forbidden(permission=SUPERVISE)
    if not may_supervise(deciding, work.tenant, only_from_above=only_from_above):
        is_own = deciding.tenant is not None and deciding.tenant.id == work.tenant.id
        raise Forbidden(permission=SUPERVISE) if is_own else NotFound(field="caseId")
    await work.share_turn(DRAWING)
    if work.grants.served_from is not None:
        await check_is_fresh(work)
    opened = await lock_case(work, case_id)
    if opened.case.status not in OPEN:
        raise CaseNotInStatus(status=opened.case.status)
    return opened
