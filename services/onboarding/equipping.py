"""What does every tenant have from its first day on, and those opened by an older version, too?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.ext.asyncio import AsyncConnection

from services.calendars.starting import give_calendar
from services.categories.starting import copy_starting_categories
from services.categories.tables import CategoryBook
from services.places.rules import address_key
from services.positions.kinds import copy_starting_kinds
from services.residents.tables import ResidencySettings
from services.supervision.starting import copy_starting_marks, mark_open_cases
from services.supervision.tables import CategoryMark
from services.whistles.starting import copy_starting_whistle_times
from tenants.database import new_id
from tenants.tables import Body, Tenant
from tenants.work import utc_now


@dataclass(frozen=True, slots=True)
class Equipped:
    """A tenant, as far as its equipment depends on it."""

    id: int
    kind: str
    name: str
    street_id: int | None
    district_id: int | None
    place_id: uuid.UUID


async def equip_tenant(connection: AsyncConnection, tenant: Equipped) -> uuid.UUID:
    """See to it that a tenant has a body that represents it, whose id is told, and all that it starts with."""
    body_id = await _represent(connection, tenant)
    await give_calendar(connection, tenant_id=tenant.id)
    has_categories = await connection.scalar(select(CategoryBook.id).where(CategoryBook.tenant_id == tenant.id))
    if has_categories is None:
        await copy_starting_categories(
            connection, tenant_id=tenant.id, street_id=tenant.street_id, district_id=tenant.district_id
        )
    await copy_starting_kinds(
        connection,
        tenant_id=tenant.id,
        tenant_kind=tenant.kind,
        street_id=tenant.street_id,
        district_id=tenant.district_id,
    )
    if tenant.kind == "community":
        settings = insert_or_keep(ResidencySettings).values(tenant_id=tenant.id, id=new_id())
        await connection.execute(settings.on_conflict_do_nothing())
    await copy_starting_whistle_times(connection, tenant_id=tenant.id)
    if await connection.scalar(select(CategoryMark.id).where(CategoryMark.tenant_id == tenant.id).limit(1)) is None:
        await copy_starting_marks(connection, tenant_id=tenant.id)
        await mark_open_cases(connection, tenant_id=tenant.id, now=utc_now())
    return body_id


async def equip_all_tenants(connection: AsyncConnection) -> int:
    """Give every tenant what it lacks, as the owner; tell how many tenants were looked at."""
    columns = (Tenant.id, Tenant.kind, Tenant.name, Tenant.street_id, Tenant.district_id, Tenant.place_id)
    found = (await connection.execute(select(*columns).order_by(Tenant.id))).all()
    for row in found:
        await equip_tenant(connection, Equipped(*row))
    return len(found)


async def _represent(connection: AsyncConnection, tenant: Equipped) -> uuid.UUID:
    found: uuid.UUID | None = await connection.scalar(select(Body.id).where(Body.represents_tenant_id == tenant.id))
    if found is not None:
        return found
    if tenant.kind == "community":
        committees = select(Body.id).where(Body.home_tenant_id == tenant.id, Body.kind == "residents_committee")
        found = await connection.scalar(committees.order_by(Body.id).limit(1))
        if found is not None:
            await connection.execute(update(Body).where(Body.id == found).values(represents_tenant_id=tenant.id))
            return found
    return await _add_body(connection, tenant)


async def _add_body(connection: AsyncConnection, tenant: Equipped) -> uuid.UUID:
    body_id = new_id()
    # An office is known by its area's name; a community's cases are its residents' committee's.
    is_office = tenant.kind != "community"
    name = tenant.name if is_office else f"{tenant.name}居民委员会"
    await connection.execute(
        insert(Body).values(
            id=body_id,
            kind="office" if is_office else "residents_committee",
            name=name,
            home_tenant_id=tenant.id,
            place_id=tenant.place_id,
            sort_key=address_key(name),
            represents_tenant_id=tenant.id,
        )
    )
    return body_id
