"""What is stored about places, from the grid down to the dwelling?"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import SORTED_TEXT, OfficeTable, TenantTable
from tenants.tables import one_of

PLACE_KINDS = ("district", "street", "community", "grid", "estate", "site", "building", "unit", "dwelling")
GRID_KINDS = ("BASIC", "DEDICATED")
TENURES = ("COMMERCIAL", "REFORMED", "PUBLIC", "SELF_BUILT", "RESETTLEMENT", "OTHER")


def _part_of(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", column], ["places.tenant_id", "places.id"])


class Place(OfficeTable):
    """One place of any kind. A dwelling carries its unit's building, grid and estate: each list is one index."""

    __tablename__ = "places"
    __table_args__ = (
        CheckConstraint(one_of("kind", PLACE_KINDS), name="kind"),
        CheckConstraint(one_of("grid_kind", GRID_KINDS), name="grid_kind"),
        CheckConstraint(one_of("tenure", TENURES), name="tenure"),
        CheckConstraint("floor_area > 0 and inside_area > 0", name="areas"),
        CheckConstraint("kind <> 'unit' or (building_id is not null and grid_id is not null)", name="unit_parents"),
        CheckConstraint(
            "kind <> 'dwelling' or (unit_id is not null and building_id is not null and grid_id is not null)",
            name="dwelling_parents",
        ),
        CheckConstraint("kind <> 'building' or grid_id is not null", name="building_grid"),
        _part_of("grid_id"),
        _part_of("estate_id"),
        _part_of("building_id"),
        _part_of("unit_id"),
        Index("ix_places_kind", "tenant_id", "kind", "sort_key", "id"),
        Index("ix_places_grid", "tenant_id", "grid_id", "kind", "sort_key", "id"),
        Index("ix_places_estate", "tenant_id", "estate_id", "kind", "sort_key", "id"),
        Index("ix_places_building", "tenant_id", "building_id", "kind", "sort_key", "id"),
        Index(
            "ix_places_unit",
            "tenant_id",
            "unit_id",
            "sort_key",
            "id",
            postgresql_where=text("kind = 'dwelling'"),
        ),
        # On a sign at the door, so that residents can say where they live.
        Index("uq_places_building_code", "tenant_id", "code", unique=True, postgresql_where=text("kind = 'building'")),
        Index("ix_places_street", "street_id", "kind", "sort_key", "id"),
        Index("ix_places_district", "district_id", "kind", "sort_key", "id"),
    )

    kind: Mapped[str]
    grid_id: Mapped[uuid.UUID | None]
    estate_id: Mapped[uuid.UUID | None]
    building_id: Mapped[uuid.UUID | None]
    unit_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    # The full address within the community; for a site, where it is.
    address: Mapped[str]
    # services.places.rules.address_key of the address: its order and what a search looks in.
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT)
    code: Mapped[str | None]
    grid_kind: Mapped[str | None]
    site_kind: Mapped[str | None]
    floor_count: Mapped[int | None]
    room_number: Mapped[str | None]
    floor_area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    inside_area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    tenure: Mapped[str | None]


class GridBuilding(OfficeTable):
    """A building as one grid sees it: only the units of that grid, and their exact counts. `id` is the building's."""

    __tablename__ = "grid_buildings"
    __table_args__ = (
        _part_of("grid_id"),
        ForeignKeyConstraint(["tenant_id", "id"], ["places.tenant_id", "places.id"]),
        _part_of("estate_id"),
        Index("ix_grid_buildings_grid", "tenant_id", "grid_id", "sort_key", "id"),
        Index("ix_grid_buildings_estate", "tenant_id", "estate_id", "grid_id"),
        Index("ix_grid_buildings_street", "street_id"),
        Index("ix_grid_buildings_district", "district_id"),
    )

    grid_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    estate_id: Mapped[uuid.UUID | None]
    sort_key: Mapped[str] = mapped_column(SORTED_TEXT)
    unit_count: Mapped[int]
    dwelling_count: Mapped[int]
    household_count: Mapped[int]


class GridMove(TenantTable):
    """A building or unit that went from one grid to another."""

    __tablename__ = "grid_moves"
    __table_args__ = (
        _part_of("place_id"),
        _part_of("from_grid_id"),
        _part_of("to_grid_id"),
        Index("ix_grid_moves_place", "tenant_id", "place_id", "moved_at"),
    )

    place_id: Mapped[uuid.UUID]
    from_grid_id: Mapped[uuid.UUID]
    to_grid_id: Mapped[uuid.UUID]
    moved_at: Mapped[datetime]
    reason: Mapped[str | None]
