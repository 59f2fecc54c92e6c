"""How does a building or a unit go to another grid, dwellings, counts and history with it?"""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, select, update

from services.places.commands import recount_buildings
from services.places.errors import AlreadyInGrid
from services.places.tables import GridMove, Place
from tenants.audit.recording import AuditEntry
from tenants.errors import NotFound
from tenants.work import TenantWork

PERMISSION = "register:edit"


async def move_building_to_grid(
    work: TenantWork, *, building_id: uuid.UUID, grid_id: uuid.UUID, reason: str | None = None
) -> uuid.UUID:
    """Make another grid a building's own; the units that lay in the former one go with it.

    Raises Forbidden, NotFound, AlreadyInGrid.
    """
    work.require(PERMISSION)
    building = await _lock(work, place_id=building_id, kind="building")
    grid = await _lock(work, place_id=grid_id, kind="grid")
    former = building.grid_id
    if former is None or former == grid.id:
        raise AlreadyInGrid(name=building.name, grid=grid.name, field="gridId")
    building.grid_id = grid.id
    mine = (Place.building_id == building.id, Place.grid_id == former)
    await _move(work, which=mine, grid_id=grid.id)
    await _remember(work, place=building, from_grid_id=former, to_grid_id=grid.id, reason=reason)
    await recount_buildings(work, building_ids=[building.id])
    return building.id


async def move_unit_to_grid(
    work: TenantWork, *, unit_id: uuid.UUID, grid_id: uuid.UUID, reason: str | None = None
) -> uuid.UUID:
    """Hang a unit with its dwellings on another grid than its building's other units.

    Raises Forbidden, NotFound, AlreadyInGrid.
    """
    work.require(PERMISSION)
    unit = await _lock(work, place_id=unit_id, kind="unit")
    grid = await _lock(work, place_id=grid_id, kind="grid")
    former = unit.grid_id
    if former is None or unit.building_id is None or former == grid.id:
        raise AlreadyInGrid(name=unit.name, grid=grid.name, field="gridId")
    unit.grid_id = grid.id
    await _move(work, which=(Place.unit_id == unit.id,), grid_id=grid.id)
    await _remember(work, place=unit, from_grid_id=former, to_grid_id=grid.id, reason=reason)
    await recount_buildings(work, building_ids=[unit.building_id])
    return unit.id


async def _lock(work: TenantWork, *, place_id: uuid.UUID, kind: str) -> Place:
    found = await work.session.scalar(
        select(Place)
        .where(Place.tenant_id == work.tenant.id, Place.id == place_id, Place.kind == kind)
        # Strong enough against another move, and not in the way of foreign keys.
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound(field=f"{kind}Id")
    return found


async def _move(work: TenantWork, *, which: tuple[ColumnElement[bool], ...], grid_id: uuid.UUID) -> None:
    await work.session.execute(
        update(Place).where(Place.tenant_id == work.tenant.id, *which).values(grid_id=grid_id),
        execution_options={"synchronize_session": False},
    )


async def _remember(
    work: TenantWork, *, place: Place, from_grid_id: uuid.UUID, to_grid_id: uuid.UUID, reason: str | None
) -> None:
    work.session.add(
        GridMove(
            tenant_id=work.tenant.id,
            id=work.new_id(),
            place_id=place.id,
            from_grid_id=from_grid_id,
            to_grid_id=to_grid_id,
            moved_at=work.now(),
            reason=reason,
        )
    )
    await work.session.flush()
    await work.record(AuditEntry("place:move", place.kind.capitalize(), place.id, purpose=None))
