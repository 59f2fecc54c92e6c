"""What is asked of places: how many units, dwellings and households are in which building and grid?"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, any_, column, func, literal, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from services.places.tables import Place

# Households belong to people, who lean on places: named here only as far as they are counted.
_households = table("households", column("tenant_id"), column("dwelling_id"), column("until"))


def is_one_of(column: ColumnElement[uuid.UUID], ids: Collection[uuid.UUID]) -> ColumnElement[bool]:
    """Ask whether a column holds one of the ids, as one array parameter however many they are."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


def buildings(*, tenant_id: int, building_ids: Collection[uuid.UUID]) -> Select[uuid.UUID]:
    """Select the ids of the given buildings, without other tenants' ones, in the order to lock them in."""
    return (
        select(Place.id)
        .where(
            Place.tenant_id == tenant_id,
            Place.kind == "building",
            is_one_of(Place.id.expression, building_ids),
        )
        .order_by(Place.id)
    )


def building_counts(*which: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    """Count units, dwellings and present households of buildings, one row a building and grid.

    A building without units has one row under its own grid. `which` are conditions on Place that the
    buildings meet. The columns are those of GridBuilding, in its order.
    """
    chosen = select(Place).where(Place.kind == "building", *which).cte("chosen")
    units = _parts(chosen, "unit")
    dwellings = _parts(chosen, "dwelling")
    households = _present_households(chosen)
    own_grid = func.coalesce(units.c.grid_id, chosen.c.grid_id)
    return (
        select(
            chosen.c.tenant_id,
            chosen.c.id,
            chosen.c.street_id,
            chosen.c.district_id,
            own_grid.label("grid_id"),
            chosen.c.estate_id,
            chosen.c.sort_key,
            func.coalesce(units.c.total, 0).label("unit_count"),
            func.coalesce(dwellings.c.total, 0).label("dwelling_count"),
            func.coalesce(households.c.total, 0).label("household_count"),
        )
        .select_from(chosen)
        .outerjoin(units, and_(units.c.tenant_id == chosen.c.tenant_id, units.c.building_id == chosen.c.id))
        .outerjoin(dwellings, _same_part(dwellings, units))
        .outerjoin(households, _same_part(households, units))
    )


def _parts(chosen: CTE, kind: str) -> Subquery:
    return (
        select(Place.tenant_id, Place.building_id, Place.grid_id, func.count().label("total"))
        .join(chosen, _in_building(chosen))
        .where(Place.kind == kind)
        .group_by(Place.tenant_id, Place.building_id, Place.grid_id)
        .subquery(f"{kind}s")
    )


def _present_households(chosen: CTE) -> Subquery:
    return (
        select(Place.tenant_id, Place.building_id, Place.grid_id, func.count().label("total"))
        .join(chosen, _in_building(chosen))
        .join(_households, _lives_in())
        .where(Place.kind == "dwelling", _households.c.until.is_(None))
        .group_by(Place.tenant_id, Place.building_id, Place.grid_id)
        .subquery("present_households")
    )


def _lives_in() -> ColumnElement[bool]:
    return and_(_households.c.tenant_id == Place.tenant_id, _households.c.dwelling_id == Place.id)


def _in_building(chosen: CTE) -> ColumnElement[bool]:
    return and_(Place.tenant_id == chosen.c.tenant_id, Place.building_id == chosen.c.id)


def _same_part(counts: Subquery, units: Subquery) -> ColumnElement[bool]:
    return and_(
        counts.c.tenant_id == units.c.tenant_id,
        counts.c.building_id == units.c.building_id,
        counts.c.grid_id == units.c.grid_id,
    )
