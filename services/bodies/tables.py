"""What is stored about property contracts? The directory of bodies is shared: tenants.tables."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import OfficeTable


class PropertyContract(OfficeTable):
    """A property company's service contract for an estate, both days included."""

    __tablename__ = "property_contracts"
    __table_args__ = (
        CheckConstraint("until >= since", name="dates"),
        ForeignKeyConstraint(["tenant_id", "estate_id"], ["places.tenant_id", "places.id"]),
        Index("ix_property_contracts_estate", "tenant_id", "estate_id", "since"),
        Index("ix_property_contracts_body", "tenant_id", "body_id", "since"),
    )

    estate_id: Mapped[uuid.UUID]
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    service: Mapped[str | None]
    since: Mapped[date]
    until: Mapped[date | None]
