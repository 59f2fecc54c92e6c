"""Where are places read from, and who sees which?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, cast, exists, false, func, or_, select

from schema.compiler.context import ACTING_DISTRICT, ACTING_STREET, ACTING_TENANT, ScopeBinds
from schema.compiler.declare import Arms, Row, Source, plain_table, table_of
from services.boundaries.tables import GridBoundary
from services.places.tables import GridBuilding, Place
from tenants.tables import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable

_PRESENCE = plain_table(GridBuilding)


def of_kind(kind: str) -> Callable[[Row], Any]:
    """Ask for one kind of place."""
    return lambda row: row.c.kind == kind_literal(kind)


def kind_literal(kind: str) -> Any:
    """Write one of our own kinds as a literal, so that partial indexes and plans know it."""
    from schema.compiler.json_sql import quoted  # noqa: PLC0415

    return quoted(kind)


def _inside(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(
        grid_ids=row.c.grid_id,
        building_ids=row.c.building_id,
        estate_ids=row.c.estate_id,
        dwelling_ids=row.c.id,
    )


def _building_inside(row: Row, scope: ScopeBinds) -> Any:
    in_grid = scope.holds(_PRESENCE.c.grid_id, "grid_ids")
    own = scope.holds_any(building_ids=row.c.id, estate_ids=row.c.estate_id, grid_ids=row.c.grid_id)
    if in_grid is None:
        return own
    present = exists().where(_PRESENCE.c.tenant_id == row.c.tenant_id, _PRESENCE.c.id == row.c.id, in_grid)
    return or_(own, present.correlate_except(_PRESENCE))


def _building_around(row: Row, scope: ScopeBinds) -> Any:
    return _has_dwelling(row, scope, "building_id")


def _unit_around(row: Row, scope: ScopeBinds) -> Any:
    return _has_dwelling(row, scope, "unit_id")


def _has_dwelling(row: Row, scope: ScopeBinds, column: str) -> Any:
    dwelling = plain_table(Place).alias("mine")
    mine = scope.holds(dwelling.c.id, "dwelling_ids")
    if mine is None:
        return false()
    found = exists().where(dwelling.c.tenant_id == row.c.tenant_id, dwelling.c[column] == row.c.id, mine)
    return found.correlate_except(dwelling)


def _grid_inside(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(grid_ids=row.c.id)


def _grid_around(row: Row, scope: ScopeBinds) -> Any:
    """See a grid's name when one of its buildings is mine."""
    mine = scope.holds_any(estate_ids=_PRESENCE.c.estate_id, building_ids=_PRESENCE.c.id)
    found = exists().where(_PRESENCE.c.tenant_id == row.c.tenant_id, _PRESENCE.c.grid_id == row.c.id, mine)
    return or_(found.correlate_except(_PRESENCE), _has_dwelling(row, scope, "grid_id"))


def _estate_inside(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(estate_ids=row.c.id)


def _estate_around(row: Row, scope: ScopeBinds) -> Any:
    mine = scope.holds_any(grid_ids=_PRESENCE.c.grid_id, building_ids=_PRESENCE.c.id)
    found = exists().where(_PRESENCE.c.tenant_id == row.c.tenant_id, _PRESENCE.c.estate_id == row.c.id, mine)
    return or_(found.correlate_except(_PRESENCE), _has_dwelling(row, scope, "estate_id"))


def _site_inside(row: Row, scope: ScopeBinds) -> Any:
    return scope.holds_any(grid_ids=row.c.grid_id, estate_ids=row.c.estate_id)


def _upwards_or_mine(row: Row) -> Any:
    """See the names of the acting tenant and of the offices above it."""
    return row.c.id.in_([ACTING_TENANT, ACTING_STREET, ACTING_DISTRICT])


def _place_source(kind: str, prefix: str, within: Any, touches: Any = None, permission: str = "place:read") -> Source:
    return Source(
        table=table_of(Place),
        name="places",
        prefix=prefix,
        only=of_kind(kind),
        permission=permission,
        within=within,
        touches=touches,
    )


def _tenant_source(kind: str, prefix: str) -> Source:
    return Source(
        table=table_of(Tenant),
        name="tenants",
        prefix=prefix,
        only=of_kind(kind),
        permission="place:read",
        tenant=lambda row: row.c.id,
        public=_upwards_or_mine,
        bridges={"places": lambda place, tenant: tenant.c.id == place.c.tenant_id},
        id_column="place_id",
        tie_column="id",
    )


DISTRICT = _tenant_source("district", "dst")
STREET = _tenant_source("street", "str")
COMMUNITY = _tenant_source("community", "com")
GRID = _place_source("grid", "grd", _grid_inside, _grid_around)
ESTATE = _place_source("estate", "est", _estate_inside, _estate_around)
SITE = _place_source("site", "sit", _site_inside)
BUILDING = _place_source("building", "bld", _building_inside, _building_around)
UNIT = _place_source("unit", "unt", _inside, _unit_around)
DWELLING = _place_source("dwelling", "dwl", _inside, permission="dwelling:read")

PLACE = Arms(
    kind="kind",
    types={
        "district": "District",
        "street": "Street",
        "community": "Community",
        "grid": "Grid",
        "estate": "Estate",
        "site": "Site",
        "building": "Building",
        "unit": "Unit",
        "dwelling": "Dwelling",
    },
    table=table_of(Place),
    name="places",
)


def counted(column: str, condition: Callable[[Row, Any], Any]) -> Callable[[Row], Any]:
    """Add up one of the counts that are kept for each building of a grid."""

    def total(row: Row) -> Any:
        presence = _PRESENCE.alias("counted")
        added = select(func.coalesce(func.sum(presence.c[column]), 0)).where(condition(row, presence))
        return added.correlate_except(presence).scalar_subquery()

    return total


def in_building(row: Row, presence: Any) -> Any:
    """Count a building's units: of the grid it is seen from, if it is, else all."""
    here = and_(presence.c.tenant_id == row.c.tenant_id, presence.c.id == row.c.id)
    return here if row.seen_from is None else and_(here, presence.c.grid_id == row.seen_from)


def dwellings_of_unit(row: Row) -> Any:
    """Count a unit's dwellings by their index."""
    dwelling = plain_table(Place).alias("counted")
    found = select(func.count()).where(
        dwelling.c.tenant_id == row.c.tenant_id,
        dwelling.c.unit_id == row.c.id,
        dwelling.c.kind == kind_literal("dwelling"),
    )
    return found.correlate_except(dwelling).scalar_subquery()


def outline_of_grid(row: Row) -> Any:
    """Read the outline of a grid, as it is stored."""
    boundary = plain_table(GridBoundary).alias("boundary")
    found = select(cast(boundary.c.outline, Text)).where(
        boundary.c.tenant_id == row.c.tenant_id, boundary.c.id == row.c.id
    )
    return found.correlate_except(boundary).scalar_subquery()
