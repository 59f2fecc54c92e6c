"""Whose contact may somebody learn because of a case? That of whoever reported what he handles or calls back about."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Exists, and_, exists, or_

from services.cases.opening import check_is_fresh
from services.cases.rules import WITH_RECEIVER
from services.cases.tables import HANDING_SHARES, Case, CaseDetails, CaseShare
from services.people.contacts import PERMISSION, RevealPurpose
from services.people.tables import Person
from tenants.grants import Grant, Scope
from tenants.work import TenantWork

FOR_CALL_BACK = "for_call_back"
WHILE_HANDED_OVER = "while_handed_over"


async def reporters_in_reach(work: TenantWork, *, purpose: RevealPurpose) -> ColumnElement[bool] | None:
    """Ask that a person reported a case that is in the caller's hands; None when his grants reach nobody so.

    Who is not to be named is reached by nobody. Raises StaleGrants.
    """
    deciding = work.grants.deciding
    if work.grants.served_from is not None:
        await check_is_fresh(work)
    scope = deciding.scopes.get(PERMISSION, Scope())
    ways = [way for grant in deciding.of(PERMISSION) for way in _ways(work, grant, scope, purpose)]
    return or_(*ways) if ways else None


def _ways(work: TenantWork, grant: Grant, scope: Scope, purpose: RevealPurpose) -> Iterator[ColumnElement[bool]]:
    if grant.condition == FOR_CALL_BACK and purpose is not RevealPurpose.CASE_CALL_BACK:
        return
    if grant.tenants == "served":
        yield _reported(work).where(
            CaseShare.tenant_id == CaseDetails.tenant_id,
            CaseShare.case_id == CaseDetails.id,
            CaseShare.ended_at.is_(None),
            # Whoever has a part, or is called to the place, does that; the reporter is for who has the case in hand.
            CaseShare.reason.in_(HANDING_SHARES),
            CaseShare.receiver_body_id.in_(scope.body_ids),
        )
    elif grant.condition == WHILE_HANDED_OVER and work.grants.served_from is None:
        handed = or_(Case.accountable_position_id.in_(scope.position_ids), Case.accountable_body_id.in_(scope.body_ids))
        yield _reported(work).where(
            and_(Case.tenant_id == CaseDetails.tenant_id, Case.id == CaseDetails.id),
            Case.status.in_(sorted(WITH_RECEIVER)),
            handed,
        )


def _reported(work: TenantWork) -> Exists:
    return exists().where(
        CaseDetails.tenant_id == work.tenant.id,
        CaseDetails.tenant_id == Person.tenant_id,
        CaseDetails.reporter_id == Person.id,
        ~CaseDetails.is_confidential,
    )
