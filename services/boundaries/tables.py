"""What is stored of where a grid lies on the map?"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Double, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import OfficeTable


class GridBoundary(OfficeTable):
    """The outline of a grid, in degrees of CGCS2000. `id` is the grid's."""

    __tablename__ = "grid_boundaries"
    __table_args__ = (
        CheckConstraint("west < east and south < north", name="box"),
        ForeignKeyConstraint(["tenant_id", "id"], ["places.tenant_id", "places.id"]),
        Index("ix_grid_boundaries_street", "street_id"),
        Index("ix_grid_boundaries_district", "district_id"),
    )

    # A GeoJSON geometry (RFC 7946): a Polygon or a MultiPolygon.
    outline: Mapped[dict[str, object]] = mapped_column(JSON)
    # The box around it.
    west: Mapped[float] = mapped_column(Double)
    south: Mapped[float] = mapped_column(Double)
    east: Mapped[float] = mapped_column(Double)
    north: Mapped[float] = mapped_column(Double)
