"""What is stored of targets?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Double, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.case_targets.rules import BOUNDS, MEASURES
from tenants.database import OfficeTable
from tenants.tables import one_of


class CaseTarget(OfficeTable):
    """What a tenant aims at in periods that lie between two days, both included."""

    __tablename__ = "case_targets"
    __table_args__ = (
        CheckConstraint(one_of("measure", MEASURES), name="measure"),
        CheckConstraint(one_of("bound", BOUNDS), name="bound"),
        CheckConstraint("value >= 0", name="value"),
        CheckConstraint("until >= since", name="dates"),
        Index("ix_case_targets_since", "tenant_id", "since", "id"),
    )

    measure: Mapped[str]
    bound: Mapped[str]
    value: Mapped[float] = mapped_column(Double)
    since: Mapped[date]
    until: Mapped[date]
    basis: Mapped[str]
