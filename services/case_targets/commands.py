"""How does a tenant set a target, and take it back?"""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select

from services.case_targets.errors import TargetInvalid
from services.case_targets.rules import Target, check_target
from services.case_targets.tables import CaseTarget
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.work import TenantWork

PERMISSION = "settings:edit"


async def set_case_target(work: TenantWork, *, target: Target) -> uuid.UUID:
    """Aim at something in periods between two days; of one measure and bound, one target holds on a day.

    Raises Forbidden, TargetInvalid.
    """
    work.require(PERMISSION)
    check_target(target)
    await work.take_turn("case targets")
    overlapping = select(CaseTarget.id).where(
        CaseTarget.tenant_id == work.tenant.id,
        CaseTarget.measure == target.measure,
        CaseTarget.bound == target.bound,
        CaseTarget.since <= target.until,
        CaseTarget.until >= target.since,
    )
    if await work.session.scalar(overlapping.limit(1)) is not None:
        raise TargetInvalid(
            reason_zh="该指标在此期间已有目标，请先终止",
            reason_en="the measure has a target on these days: end that one first",
            field="input.since",
        )
    row = CaseTarget(
        tenant_id=work.tenant.id,
        id=work.new_id(),
        street_id=work.tenant.street_id,
        district_id=work.tenant.district_id,
        measure=target.measure,
        bound=target.bound,
        value=target.value,
        since=target.since,
        until=target.until,
        basis=target.basis.strip(),
    )
    work.session.add(row)
    return await _written(work, row)


async def end_case_target(work: TenantWork, *, target_id: uuid.UUID) -> uuid.UUID:
    """Let a target hold no longer from today on; one that has not begun is held on no day but its first.

    Raises Forbidden, NotFound.
    """
    work.require(PERMISSION)
    row = await work.session.get(CaseTarget, (work.tenant.id, target_id), with_for_update=True)
    if row is None:
        raise NotFound(field="targetId")
    row.until = max(row.since, min(row.until, work.today() - timedelta(days=1)))
    return await _written(work, row)


async def _written(work: TenantWork, row: CaseTarget) -> uuid.UUID:
    await work.session.flush()
    await work.record(AuditEntry(PERMISSION, "CaseTarget", row.id, purpose=row.measure))
    return row.id
