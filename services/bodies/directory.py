"""How does an organisation come into the directory that all tenants share?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from services.bodies.errors import BodyExists
from services.bodies.rules import BodyFacts, check_body
from services.places.rules import address_key
from services.places.tables import Place
from tenants.audit.recording import AuditEntry
from tenants.errors import Forbidden, NotFound
from tenants.tables import Body
from tenants.work import TenantWork

# Whoever keeps the registers meets new companies; whoever keeps the settings sets a tenant up.
PERMISSIONS = ("register:edit", "settings:edit")


@dataclass(frozen=True, slots=True)
class NewBody:
    """An organisation whose home is the tenant acted in."""

    kind: str
    name: str
    level: str | None = None
    credit_code: str | None = None
    place_id: uuid.UUID | None = None
    parent_id: uuid.UUID | None = None


async def add_body(work: TenantWork, *, new: NewBody) -> uuid.UUID:
    """Add an organisation to the directory, with the tenant as its home.

    Raises Forbidden, NotFound, BodyInvalid, BodyExists.
    """
    if not any(work.grants.covers_all(permission) for permission in PERMISSIONS):
        raise Forbidden(permission=PERMISSIONS[0])
    tenant_id = work.tenant.id
    place_kind = parent_kind = None
    if new.place_id is not None:
        place_kind = await work.session.scalar(
            select(Place.kind).where(Place.tenant_id == tenant_id, Place.id == new.place_id)
        )
        if place_kind is None:
            raise NotFound(field="placeId")
    if new.parent_id is not None:
        # The Party's tree leads past the tenant: a community's committee lies under its street's.
        parent_kind = await work.session.scalar(select(Body.kind).where(Body.id == new.parent_id))
        if parent_kind is None:
            raise NotFound(field="parentId")
    facts = BodyFacts(new.kind, new.name, new.level, new.credit_code, place_kind, parent_kind)
    check_body(facts, tenant_kind=work.tenant.kind)
    await _check_is_new(work, new)
    body = Body(
        id=work.new_id(),
        kind=new.kind,
        name=new.name.strip(),
        level=new.level,
        credit_code=new.credit_code,
        home_tenant_id=tenant_id,
        parent_id=new.parent_id,
        place_id=new.place_id,
        sort_key=address_key(new.name),
    )
    work.session.add(body)
    await work.session.flush()
    await work.record(AuditEntry("body:add", body.kind.title().replace("_", ""), body.id))
    return body.id


async def _check_is_new(work: TenantWork, new: NewBody) -> None:
    await work.take_turn(f"body {new.kind} {new.name.strip()}")
    same = (Body.home_tenant_id == work.tenant.id, Body.kind == new.kind, Body.name == new.name.strip())
    if await work.session.scalar(select(Body.id).where(*same).limit(1)) is not None:
        raise BodyExists(name=new.name.strip(), field="name")
