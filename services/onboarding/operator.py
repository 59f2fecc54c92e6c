"""As whom does the command line act in a tenant? As the operator, through the gateway's role and walls."""

from __future__ import annotations

import uuid

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.onboarding.errors import TenantNotFound
from services.onboarding.queries import tenant_of
from tenants.grants import ActingTenant, Grant, Grants
from tenants.policies.roles import permissions
from tenants.tables import Body, Tenant

# The account is the same in every deployment and is made with the first tenant. No token is good for it: no
# issuer that the gateway listens to is called `jinlin`.
OPERATOR_ID = uuid.UUID("01900000-0000-7000-8000-000000000001")
OPERATOR = {"id": OPERATOR_ID, "issuer": "jinlin", "subject": "operator", "display_name": "系统操作员"}

_ENTER = text("select app.enter(null, :account, null)")


async def operator_grants(connection: AsyncConnection, *, slug: str) -> Grants:
    """Give the operator every permission within one tenant and none outside it.

    The connection is the gateway's, at the begin of a transaction of its own. Raises TenantNotFound.
    """
    await connection.execute(_ENTER, {"account": OPERATOR_ID})
    row = (await connection.execute(tenant_of(slug))).first()
    if row is None or row.status == "closed":
        raise TenantNotFound(slug=slug)
    body_id = await connection.scalar(select(Body.id).where(Body.represents_tenant_id == row.id))
    return operator_of(row, body_id=body_id)


def operator_of(tenant: Row[Tenant], *, body_id: uuid.UUID | None = None) -> Grants:
    """Tell the operator's grants in a tenant as it is stored, which the body represents."""
    acting = ActingTenant(
        id=tenant.id,
        uid=tenant.uid,
        slug=tenant.slug,
        kind=tenant.kind,
        name=tenant.name,
        street_id=tenant.street_id,
        district_id=tenant.district_id,
        status=tenant.status,
        time_zone=tenant.time_zone,
        grants_version=tenant.grants_version,
        body_id=body_id,
    )
    grants = frozenset(Grant(permission, "acting", "all") for permission in permissions())
    return Grants(tenant=acting, account_id=OPERATOR_ID, grants=grants)
