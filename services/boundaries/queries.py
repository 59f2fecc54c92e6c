"""Which grid does a point lie in, and what is known of a tenant's grids and their boundaries?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select

from services.boundaries.geometry import Outline, Rings, outline_of
from services.boundaries.tables import GridBoundary
from services.places.tables import Place
from tenants.work import TenantWork


@dataclass(frozen=True, slots=True)
class GridOutline:
    """A grid and its outline."""

    grid_id: uuid.UUID
    outline: Outline


@dataclass(frozen=True, slots=True)
class FoundGrid:
    """The grid that a point lies in; none outside all of them, or where no grid has a boundary."""

    grid_id: uuid.UUID | None
    has_boundaries: bool


async def grid_at(work: TenantWork, *, longitude: float, latitude: float) -> FoundGrid:
    """Find the grid of the tenant that a point in CGCS2000 lies in.

    Where neighbours overlap by what hands draw, it is the first in the order of lists. The outlines are remembered for
    a version of the grants, which every import of boundaries raises.
    """
    outlines = await work.remember("grid boundaries", lambda: _outlines(work))
    holding = (each.grid_id for each in outlines if each.outline.holds(longitude, latitude))
    return FoundGrid(next(holding, None), has_boundaries=bool(outlines))


async def _outlines(work: TenantWork) -> list[GridOutline]:
    asked = (
        select(GridBoundary.id, GridBoundary.outline)
        .join(Place, and_(Place.tenant_id == GridBoundary.tenant_id, Place.id == GridBoundary.id))
        .where(GridBoundary.tenant_id == work.tenant.id)
        .order_by(Place.sort_key, Place.id)
    )
    return [GridOutline(row.id, outline_of(rings_of(row.outline))) for row in await work.session.execute(asked)]


def rings_of(geometry: dict[str, Any]) -> Rings:
    """Read the rings of a stored outline."""
    held = geometry["coordinates"]
    polygons = [held] if geometry["type"] == "Polygon" else held
    return tuple(tuple((east, north) for east, north in ring) for polygon in polygons for ring in polygon)


def grids_of(tenant_id: int) -> Select[uuid.UUID, str, str, str | None]:
    """Select the tenant's grids."""
    return select(Place.id, Place.name, Place.address, Place.code).where(
        Place.tenant_id == tenant_id, Place.kind == "grid"
    )


def boundaries_of(tenant_id: int) -> Select[GridBoundary]:
    """Select the boundaries of a tenant's grids."""
    return select(GridBoundary).where(GridBoundary.tenant_id == tenant_id)
