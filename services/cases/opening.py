"""How does a command get hold of a case? Locked, seen by the caller, and with a step that the caller may take."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from services.cases.queries import DRAWING, handlers_of, locked_case, shares_in_force, version_of
from services.cases.rules import MOVES, READ, Standing, Where, check_move, may
from services.cases.tables import Case, CaseDetails, CaseShare
from tenants.errors import Forbidden, NotFound, StaleGrants
from tenants.work import TenantWork


@dataclass(slots=True)
class OpenedCase:
    """A case in hand: its rows, which a command changes, and how it stood before."""

    case: Case
    details: CaseDetails
    # Its row as it was; None for a case that is just being reported.
    before: dict[str, Any] | None
    status_before: str | None
    shares: list[CaseShare] = field(default_factory=list)
    handlers: set[uuid.UUID] = field(default_factory=set)

    def where(self) -> Where:
        """Tell where it lies."""
        return Where(self.case.grid_id, self.details.building_id, self.details.estate_id)

    def standing(self) -> Standing:
        """Tell how it stands now."""
        case, details = self.case, self.details
        return Standing(
            status=case.status,
            where=self.where(),
            coordinator_body_id=case.coordinator_body_id,
            accountable_body_id=case.accountable_body_id,
            accountable_position_id=case.accountable_position_id,
            reporter_account_id=details.reporter_account_id,
            needs_call_back=case.needs_call_back,
            is_called_back=case.called_back_at is not None,
            handlers=frozenset(self.handlers),
            shared_with=frozenset(share.receiver_body_id for share in self.shares),
        )


async def open_case(work: TenantWork, *, case_id: uuid.UUID, action: str) -> OpenedCase:
    """Lock a case to take a step with it, in the tenant acted in or by a share of it.

    Raises Forbidden, NotFound, StaleGrants and what check_move raises.
    """
    deciding, is_served = work.grants.deciding, work.grants.served_from is not None
    permission = MOVES[action].permission
    if not deciding.may(permission):
        raise Forbidden(permission=permission)
    await work.share_turn(DRAWING)
    if is_served:
        await check_is_fresh(work)
    opened = await lock_case(work, case_id)
    standing = opened.standing()
    if not may(deciding, READ, standing, is_served=is_served):
        raise NotFound(field="caseId")
    check_move(action, deciding, standing, is_served=is_served)
    return opened


async def check_is_fresh(work: TenantWork) -> None:
    """Go on only while the caller's grants in the tenant acted in hold. Raises StaleGrants."""
    # The transaction entered the case's tenant, so nobody has looked yet whether the caller's own grants still hold.
    acting = work.grants.deciding.tenant
    if acting is None or await work.session.scalar(version_of(acting.id)) != acting.grants_version:
        raise StaleGrants


async def lock_case(work: TenantWork, case_id: uuid.UUID, *, field: str = "caseId") -> OpenedCase:
    """Lock a case of the tenant that the work is in, whoever asks.

    Raises NotFound.
    """
    row = (await work.session.execute(locked_case(work.tenant.id, case_id))).first()
    if row is None:
        raise NotFound(field=field)
    case, details, before = row
    shares = (await work.session.scalars(shares_in_force(work.tenant.id, case_id))).all()
    handlers = (await work.session.scalars(handlers_of(work.tenant.id, case_id))).all()
    return OpenedCase(case, details, before, case.status, list(shares), set(handlers))
