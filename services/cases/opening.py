"""How does a command get hold of a case? Locked, seen by the caller, and with a step that the caller may take."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.cases.queries import (
    DRAWING,
    handlers_of,
    locked_case,
    requests_waiting,
    shares_in_force,
    tasks_open,
    version_of,
)
from services.cases.rules import HANDLE, PERMISSION_TO_DECIDE, READ, Standing, Where, check_move, may, move_of
from services.cases.tables import WHISTLE_SHARES, Case, CaseDetails, CaseRequest, CaseShare, CaseTask
from services.whistles.calling import Call, calls_of
from services.whistles.queries import open_whistles
from services.work_items.pending import Pending
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
    # What was asked about it and is not decided.
    requests: list[CaseRequest] = field(default_factory=list)
    # Parts of it that are not done.
    tasks: list[CaseTask] = field(default_factory=list)
    # Its whistles that have not ended.
    calls: list[Call] = field(default_factory=list)

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
            is_left_out=case.is_left_out_of_rates,
            needs_verification=case.needs_verification,
            is_verified=case.verified_at is not None,
            handlers=frozenset(self.handlers),
            shared_with=frozenset(share.receiver_body_id for share in self.shares),
            asked={request.kind: request.requester_account_id for request in self.requests},
            tasked=frozenset((task.receiver_body_id, task.receiver_position_id) for task in self.tasks),
            whistled=frozenset(share.receiver_body_id for share in self.shares if share.reason in WHISTLE_SHARES),
        )

    def tenant_of(self, body_id: uuid.UUID) -> int | None:
        """Tell where a body's people act that the case is shared with; None for whoever acts in its own tenant."""
        return next((share.receiver_tenant_id for share in self.shares if share.receiver_body_id == body_id), None)

    def cancel_tasks(self, at: datetime) -> None:
        """Cancel what was still to be done about it, now that it has ended."""
        for task in self.tasks:
            task.status, task.ended_at = "CANCELLED", at
        self.tasks.clear()

    @property
    def pending(self) -> list[Pending]:
        """Tell what waits besides the next step."""
        coordinator = self.case.coordinator_body_id
        asked = [
            Pending(PERMISSION_TO_DECIDE[request.kind], "TO_DECIDE", coordinator, self._may_not_decide(request))
            for request in self.requests
        ]
        given = [
            Pending(
                HANDLE,
                "TO_HANDLE",
                task.receiver_body_id,
                due_at=task.due_at,
                is_task=True,
                position_id=task.receiver_position_id,
            )
            for task in self.tasks
        ]
        return asked + given + [pending for call in self.calls for pending in call.pending()]

    def _may_not_decide(self, request: CaseRequest) -> frozenset[uuid.UUID]:
        return frozenset({request.requester_account_id, *(self.handlers if request.kind == "RATES_EXCLUSION" else ())})


def check_may_ever(work: TenantWork, action: str) -> None:
    """Go on only if some post of the caller ever takes such a step. Raises Forbidden."""
    permission = move_of(action).permission
    if not work.grants.deciding.may(permission):
        raise Forbidden(permission=permission)


async def open_case(work: TenantWork, *, case_id: uuid.UUID, action: str, field: str | None = "caseId") -> OpenedCase:
    """Lock a case, which `field` named, to take a step with it, in the tenant acted in or by a share of it.

    Raises Forbidden, NotFound, StaleGrants and what check_move raises.
    """
    deciding, is_served = work.grants.deciding, work.grants.served_from is not None
    check_may_ever(work, action)
    await work.share_turn(DRAWING)
    if is_served:
        await check_is_fresh(work)
    opened = await lock_case(work, case_id, field=field)
    standing = opened.standing()
    if not may(deciding, READ, standing, is_served=is_served):
        raise NotFound(field=field)
    check_move(action, deciding, standing, is_served=is_served)
    return opened


async def status_of(work: TenantWork, case_id: uuid.UUID) -> str | None:
    """Lock a case and tell its status, which says by which step something is done; None for one that is not there."""
    await work.share_turn(DRAWING)
    case = await work.session.get(Case, (work.tenant.id, case_id), with_for_update=True)
    return None if case is None else case.status


async def check_is_fresh(work: TenantWork) -> None:
    """Go on only while the caller's grants in the tenant acted in hold. Raises StaleGrants."""
    # The transaction entered the case's tenant, so nobody has looked yet whether the caller's own grants still hold.
    acting = work.grants.deciding.tenant
    if acting is None or await work.session.scalar(version_of(acting.id)) != acting.grants_version:
        raise StaleGrants


async def lock_case(work: TenantWork, case_id: uuid.UUID, *, field: str | None = "caseId") -> OpenedCase:
    """Lock a case of the tenant that the work is in, whoever asks.

    Raises NotFound.
    """
    row = (await work.session.execute(locked_case(work.tenant.id, case_id))).first()
    if row is None:
        raise NotFound(field=field)
    case, details, before = row
    shares = (await work.session.scalars(shares_in_force(work.tenant.id, case_id))).all()
    handlers = (await work.session.scalars(handlers_of(work.tenant.id, case_id))).all()
    requests = (await work.session.scalars(requests_waiting(work.tenant.id, case_id))).all()
    tasks = (await work.session.scalars(tasks_open(work.tenant.id, case_id))).all()
    calls = calls_of((await work.session.execute(open_whistles(work.tenant.id, case_id))).all())
    return OpenedCase(
        case, details, before, case.status, list(shares), set(handlers), list(requests), list(tasks), calls
    )
