"""What is stored of a tenant's settings?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.settings.rules import NAMES
from tenants.database import SORTED_TEXT, TenantTable
from tenants.tables import one_of


class TenantSetting(TenantTable):
    """A setting that was set, for as long as it holds; what is not set is off, or at its default."""

    __tablename__ = "tenant_settings"
    __table_args__ = (
        CheckConstraint(one_of("name", NAMES), name="name"),
        CheckConstraint("value >= 0", name="value"),
        Index("uq_tenant_settings_name", "tenant_id", "name", unique=True),
        # In the order of lists, with the id behind the name.
        Index("ix_tenant_settings_name", "tenant_id", "name", "id"),
    )

    name: Mapped[str] = mapped_column(SORTED_TEXT)
    value: Mapped[int]
    # The rule that allows it, what it is good for, and its last day.
    basis: Mapped[str]
    purpose: Mapped[str]
    until: Mapped[date]
