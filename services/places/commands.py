"""What may be done with places? Recounting them is the last step of whatever changes what is in them."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.places.queries import building_counts, buildings, is_one_of
from services.places.tables import GridBuilding, Place
from tenants.work import TenantWork

_COLUMNS = (
    "tenant_id",
    "id",
    "street_id",
    "district_id",
    "grid_id",
    "estate_id",
    "sort_key",
    "unit_count",
    "dwelling_count",
    "household_count",
)


async def recount_buildings(work: TenantWork, *, building_ids: Collection[uuid.UUID]) -> None:
    """Recount which grids the buildings have units in, with their units, dwellings and present households.

    To be called last in the transaction that changed them.
    """
    if not building_ids:
        return
    tenant_id = work.tenant.id
    # Two changes of one building wait here for each other, so that the later counts what both have done. A
    # stronger lock would wait for the key shares that the foreign keys of both hold, and so for ever.
    lock = buildings(tenant_id=tenant_id, building_ids=building_ids).with_for_update(key_share=True)
    locked = (await work.session.scalars(lock)).all()
    await work.session.execute(
        delete(GridBuilding).where(GridBuilding.tenant_id == tenant_id, is_one_of(GridBuilding.id.expression, locked)),
        execution_options={"synchronize_session": False},
    )
    which = (Place.tenant_id == tenant_id, is_one_of(Place.id.expression, locked))
    await work.session.execute(insert(GridBuilding).from_select(_COLUMNS, building_counts(*which)))


async def recount_tenants(connection: AsyncConnection, *, tenant_ids: Collection[int]) -> None:
    """Recount every building of whole tenants, as the owner does after a bulk load."""
    await connection.execute(delete(GridBuilding).where(GridBuilding.tenant_id.in_(tenant_ids)))
    which: ColumnElement[bool] = Place.tenant_id.in_(tenant_ids)
    await connection.execute(insert(GridBuilding).from_select(_COLUMNS, building_counts(which)))
