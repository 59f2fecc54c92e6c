"""Where does a case lie that is reported at a place or at a point of the map?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Row

from services.boundaries.queries import grid_at
from services.cases.rules import LONGEST_TITLE, REPORT, Where, check_text, may_report_at
from services.places.coordinates import check_in_country, to_cgcs2000
from tenants.errors import Forbidden, NotFound
from tenants.work import TenantWork

# The place and the category of a report, as `ground_of_report` finds them.
Ground: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the map in one of the coordinate systems in use, and the place in words."""

    longitude: float
    latitude: float
    system: str
    text: str


@dataclass(frozen=True, slots=True)
class InWords:
    """A place that is known in words alone, as somebody told it."""

    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a case lies, and how that is said."""

    where: Where
    place_id: uuid.UUID | None
    text: str
    point: Point | None = None
    # The tenant's grids have boundaries, and the point lies in none of them.
    is_outside_grids: bool = False


async def find_spot(work: TenantWork, at: uuid.UUID | Point | InWords, ground: Ground) -> Spot:
    """Find where a report lies, and go on only where the caller may report.

    A point lies in the grid whose boundary is around it, or outside all grids. Raises NotFound, Forbidden,
    PointOutside, PointSwapped, CaseTextInvalid.
    """
    if isinstance(at, Point):
        spot, field = await _at_point(work, at), "at"
    elif isinstance(at, InWords):
        spot, field = Spot(Where(), None, _checked(at.text)), "at"
    elif ground.id is None:
        raise NotFound(field="at.placeId")
    else:
        spot, field = Spot(_where(ground), ground.id, _checked(ground.address or ground.name)), "at.placeId"
    if not may_report_at(work.grants, spot.where):
        raise Forbidden(permission=REPORT, field=field)
    return spot


async def _at_point(work: TenantWork, point: Point) -> Spot:
    check_in_country(point.longitude, point.latitude, field="at.point")
    longitude, latitude = to_cgcs2000(point.longitude, point.latitude, system=point.system)
    found = await grid_at(work, longitude=longitude, latitude=latitude)
    is_outside = found.has_boundaries and found.grid_id is None
    return Spot(Where(found.grid_id), None, _checked(point.text), point, is_outside)


def _where(ground: Ground) -> Where:
    """Tell where the place lies: a grid, building or estate in itself."""
    own = {ground.kind: ground.id}
    return Where(
        own.get("grid", ground.grid_id), own.get("building", ground.building_id), own.get("estate", ground.estate_id)
    )


def _checked(text: str) -> str:
    return check_text(text, limit=LONGEST_TITLE * 3, field="at")
