"""What may be done with a tenant as a whole? Open, suspend, resume and close it.

Tenants are shared by all, so this is the owner's work, in a transaction that the caller opens. Each change of
status raises the tenant's grants version: every running process then notices at its next request.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Row, insert, update
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.divisions.queries import divisions_in_force
from services.onboarding.equipping import Equipped, equip_tenant
from services.onboarding.errors import CodeTaken, SlugTaken, TenantHasTenantsBelow, TenantNotFound
from services.onboarding.operator import OPERATOR, operator_of
from services.onboarding.queries import (
    NEXT_TENANT_ID,
    has_divisions,
    slugs_below,
    tenant_of,
    tenant_with_code,
    tenants_with_parents,
)
from services.onboarding.rules import (
    CLOSE,
    RESUME,
    SUSPEND,
    ListedDivision,
    NewTenant,
    ParentTenant,
    StatusChange,
    check_can_change,
    check_can_open,
    district_of,
    list_oddities,
    street_of,
)
from services.places.rules import address_key
from services.places.tables import Place
from tenants.audit.recording import AuditEntry, add_entries
from tenants.database import new_id
from tenants.tables import Account, Tenant
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class OpenedTenant:
    """A tenant with the ids that were made for it."""

    id: int
    slug: str
    kind: str
    place_id: uuid.UUID
    street_id: int | None
    district_id: int | None
    # The body that represents it: its office, or its residents' committee.
    body_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ListedTenant:
    """A tenant as the operator sees it."""

    slug: str
    name: str
    kind: str
    status: str
    code_system: str | None
    code: str | None
    parent_slug: str | None


async def open_tenant(connection: AsyncConnection, *, new: NewTenant) -> OpenedTenant:
    """Open a tenant with its one place, its body, and its own copies of the kinds of position and of the categories.

    Raises SlugTaken, CodeTaken and what check_can_open raises.
    """
    parent = await find_parent(connection, new.parent_slug)
    check_can_open(new, parent=parent)
    holder = (await connection.execute(tenant_of(new.slug))).first()
    if holder is not None:
        raise SlugTaken(slug=new.slug, name=holder.name)
    await _check_code_is_free(connection, new.code_system, new.code)
    tenant_id: int = (await connection.execute(NEXT_TENANT_ID)).scalar_one()
    made = Equipped(
        tenant_id,
        new.kind,
        new.name.strip(),
        street_of(new, tenant_id=tenant_id, parent=parent),
        district_of(new, tenant_id=tenant_id, parent=parent),
        new_id(),
    )
    await connection.execute(insert(Tenant).values(_tenant_row(new, made, parent)))
    await connection.execute(insert(Place).values(_place_row(new, made)))
    body_id = await equip_tenant(connection, made)
    await connection.execute(insert_or_keep(Account).values(OPERATOR).on_conflict_do_nothing())
    return OpenedTenant(made.id, new.slug, made.kind, made.place_id, made.street_id, made.district_id, body_id)


async def suspend_tenant(connection: AsyncConnection, *, slug: str) -> None:
    """Make a tenant read-only. Raises TenantNotFound, TenantNotInStatus."""
    await change_status(connection, await lock_tenant(connection, slug), SUSPEND)


async def resume_tenant(connection: AsyncConnection, *, slug: str) -> None:
    """Let a suspended or closed tenant work again. Raises TenantNotFound, TenantNotInStatus, CodeTaken."""
    tenant = await lock_tenant(connection, slug)
    if tenant.status == "closed":
        await _check_code_is_free(connection, tenant.code_system, tenant.code)
    await change_status(connection, tenant, RESUME)


async def close_tenant(connection: AsyncConnection, *, slug: str) -> None:
    """Make a tenant unknown to everybody; nothing is deleted.

    Raises TenantNotFound, TenantNotInStatus, TenantHasTenantsBelow.
    """
    tenant = await lock_tenant(connection, slug)
    below = (await connection.scalars(slugs_below(tenant.id))).all()
    if below:
        raise TenantHasTenantsBelow(name=tenant.name, count=len(below), slugs=", ".join(below))
    await change_status(connection, tenant, CLOSE)


async def list_tenants(connection: AsyncConnection) -> list[ListedTenant]:
    """List all tenants, each office before those below it."""
    found = await connection.execute(tenants_with_parents())
    return [ListedTenant(*row) for row in found]


async def find_oddities(connection: AsyncConnection, *, new: NewTenant) -> list[str]:
    """List what is odd about a tenant that is to be opened, next to its parent and the imported divisions."""
    row = (await connection.execute(tenant_of(new.parent_slug))).first() if new.parent_slug else None
    parent_code = row.code if row and row.code_system == new.code_system else None
    division = None
    if new.code and new.code_system and await connection.scalar(has_divisions(new.code_system)):
        found = (await connection.execute(divisions_in_force(system=new.code_system, codes=[new.code]))).first()
        division = ListedDivision(found.name, found.parent_code) if found else ListedDivision(None, None)
    return list_oddities(new, parent_code=parent_code, division=division)


async def _check_code_is_free(connection: AsyncConnection, system: str | None, code: str | None) -> None:
    if code is None or system is None:
        return
    holder = (await connection.execute(tenant_with_code(system, code))).first()
    if holder is not None:
        raise CodeTaken(division_code=code, system=system, name=holder.name, slug=holder.slug)


async def find_parent(connection: AsyncConnection, slug: str | None) -> ParentTenant | None:
    """Find the tenant that another is to hang under, if there is one, and hold it."""
    if slug is None:
        return None
    # Locked, so that it is not closed while something is being hung under it.
    row = (await connection.execute(tenant_of(slug).with_for_update())).first()
    return row and ParentTenant(row.id, row.kind, row.status, row.street_id, row.district_id)


def _tenant_row(new: NewTenant, made: Equipped, parent: ParentTenant | None) -> dict[str, object]:
    return {
        "id": made.id,
        "slug": new.slug,
        "name": new.name.strip(),
        "kind": new.kind,
        "parent_id": parent.id if parent else None,
        "street_id": made.street_id,
        "district_id": made.district_id,
        "place_id": made.place_id,
        "code": new.code,
        "code_system": new.code_system if new.code else None,
        "time_zone": new.time_zone,
        "sort_key": address_key(new.name),
    }


def _place_row(new: NewTenant, made: Equipped) -> dict[str, object]:
    return {
        "tenant_id": made.id,
        "id": made.place_id,
        "street_id": made.street_id,
        "district_id": made.district_id,
        "kind": new.kind,
        "name": new.name.strip(),
        "address": new.name.strip(),
        "sort_key": address_key(new.name),
        "code": new.code,
    }


async def lock_tenant(connection: AsyncConnection, slug: str) -> Row[Tenant]:
    """Find a tenant, whatever its status, and hold it. Raises TenantNotFound."""
    row = (await connection.execute(tenant_of(slug).with_for_update())).first()
    if row is None:
        raise TenantNotFound(slug=slug)
    return row


async def change_status(connection: AsyncConnection, tenant: Row[Tenant], change: StatusChange) -> None:
    """Let the status of a tenant that is held go a way, and audit it. Raises TenantNotInStatus."""
    check_can_change(change, name=tenant.name, status=tenant.status)
    await connection.execute(
        update(Tenant)
        .where(Tenant.id == tenant.id)
        .values(status=change.target, grants_version=Tenant.grants_version + 1)
    )
    # Whoever reads the tenant's log afterwards sees when it was shut, and by whom.
    work = TenantWork(operator_of(tenant), AsyncSession(connection))
    await add_entries(work, [AuditEntry(f"tenant:{change.verb}", "Tenant", tenant.uid)])
