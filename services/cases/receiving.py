"""To whom can a case, or a part of it, be handed? To a post or body within the tenant, or a department above."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.cases.errors import ReceiverUnfit
from services.cases.opening import OpenedCase
from services.cases.queries import body_of, contract_in_force, post_in_force
from services.cases.rules import HANDLE
from services.cases.sharing import Receiver
from services.cases.tables import Case
from services.cases.working import driver_of
from tenants.errors import NotFound
from tenants.permissions import load_overrides
from tenants.policies.roles import grants_of
from tenants.tables import Body
from tenants.work import TenantWork

# Whose people work in the tenant that has them in its directory, or by a contract there.
_INSIDE = frozenset({"property_company", "owners_committee", "partner", "volunteer_team"})


@dataclass(frozen=True, slots=True)
class ToPosition:
    """To a post of the tenant."""

    position_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ToBody:
    """To a body: a company, a partner, a team of volunteers, a department of the offices above."""

    body_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Found:
    """A body that is to do something, perhaps a post in it, and where its people act if that is another tenant."""

    body_id: uuid.UUID
    position_id: uuid.UUID | None = None
    outside: Receiver | None = None


async def find_receiver(work: TenantWork, opened: OpenedCase, to: ToPosition | ToBody, *, field: str) -> Found:
    """Find whoever something of a case can be handed to.

    Raises NotFound, and ReceiverUnfit for those who cannot handle it or do not serve where it lies.
    """
    if isinstance(to, ToPosition):
        return Found(*await _post(work, opened, to.position_id, field))
    body = await _body(work, opened, to.body_id, field)
    is_outside = body.kind == "department"
    return Found(body.id, outside=Receiver(body.home_tenant_id, body.id) if is_outside else None)


async def _post(
    work: TenantWork, opened: OpenedCase, position_id: uuid.UUID, field: str
) -> tuple[uuid.UUID, uuid.UUID]:
    """Find the body and the post to hand a case to, in the case's own tenant."""
    if work.grants.served_from is not None or work.tenant.body_id is None:
        raise ReceiverUnfit(field=f"{field}.positionId")
    row = (await work.session.execute(post_in_force(work.tenant.id, position_id, today=work.today()))).first()
    if row is None:
        raise NotFound(field=f"{field}.positionId")
    post, grants_as, body_kind = row
    overrides = await load_overrides(await driver_of(work), tenant_id=work.tenant.id)
    granted = grants_of(post.kind_code, grants_as=grants_as, tenant_kind=work.tenant.kind, overrides=overrides)
    if not any(grant.permission == HANDLE and grant.tenants == "acting" for grant in granted):
        raise ReceiverUnfit(field=f"{field}.positionId")
    if body_kind not in _INSIDE or post.body_id is None:
        return work.tenant.body_id, post.id
    await _check_serves(work, opened, post.body_id, body_kind, field=f"{field}.positionId")
    return post.body_id, post.id


async def _body(work: TenantWork, opened: OpenedCase, body_id: uuid.UUID, field: str) -> Body:
    """Find the body to hand a case to: inside the tenant, or a department of it or of an office above."""
    body: Body | None = await work.session.scalar(body_of(body_id))
    if body is None:
        raise NotFound(field=f"{field}.bodyId")
    if body.kind == "department" and body.home_tenant_id in _offices(opened.case):
        return body
    if body.kind not in _INSIDE or work.grants.served_from is not None:
        raise ReceiverUnfit(field=f"{field}.bodyId")
    if body.kind != "property_company" and body.home_tenant_id != work.tenant.id:
        raise ReceiverUnfit(field=f"{field}.bodyId")
    await _check_serves(work, opened, body.id, body.kind, field=f"{field}.bodyId")
    return body


async def _check_serves(
    work: TenantWork, opened: OpenedCase, body_id: uuid.UUID, body_kind: str, *, field: str
) -> None:
    if body_kind != "property_company":
        return
    estate_id = opened.details.estate_id
    contract = contract_in_force(work.tenant.id, estate_id=estate_id, body_id=body_id, today=work.today())
    if await work.session.scalar(contract.limit(1)) is None:
        raise ReceiverUnfit(field=field)


def _offices(case: Case) -> set[int]:
    """List the tenants whose departments a case may be handed to: its own, its street's, its district's."""
    return {tenant_id for tenant_id in (case.tenant_id, case.street_id, case.district_id) if tenant_id is not None}
