"""What is stored of limits, and of the instants at which cases reach them?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import OfficeTable, TenantTable
from tenants.tables import one_of

# In the order in which they follow each other.
MARKS = ("URGE", "YELLOW", "RED")
SIDES = ("BEFORE", "AFTER")
LEVELS = ("ORDINARY", "YELLOW", "RED")
UNITS = ("HOUR", "DAY", "WORKING_HOUR", "WORKING_DAY")


class CategoryMark(TenantTable):
    """A limit of a category: so long before or after the due time a case is urged, or turns yellow or red.

    Rows without a category are the tenant's own for all categories that have none.
    """

    __tablename__ = "category_marks"
    __table_args__ = (
        CheckConstraint(one_of("mark", MARKS), name="mark"),
        CheckConstraint(one_of("side", SIDES), name="side"),
        CheckConstraint(one_of("unit", UNITS), name="unit"),
        CheckConstraint("amount >= 0", name="amount"),
        ForeignKeyConstraint(["tenant_id", "category_id"], ["case_categories.tenant_id", "case_categories.id"]),
        UniqueConstraint(
            "tenant_id", "category_id", "mark", "side", "amount", "unit", postgresql_nulls_not_distinct=True
        ),
    )

    category_id: Mapped[uuid.UUID | None]
    mark: Mapped[str]
    side: Mapped[str]
    amount: Mapped[int]
    unit: Mapped[str]
    # The rule or custom that it follows.
    basis: Mapped[str]


class CaseMark(TenantTable):
    """An instant at which a case is urged or turns yellow or red; what has fired stays as its history."""

    __tablename__ = "case_marks"
    __table_args__ = (
        CheckConstraint(one_of("mark", MARKS), name="mark"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        # The same is never fired twice for one due time, however often the clock stops and goes on.
        UniqueConstraint("tenant_id", "case_id", "due_at", "mark", "at"),
        Index("ix_case_marks_waiting", "at", "tenant_id", "case_id", postgresql_where=text("fired_at is null")),
    )

    case_id: Mapped[uuid.UUID]
    mark: Mapped[str]
    at: Mapped[datetime]
    # The due time that it was reckoned from: with another one it means nothing.
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class CaseSupervision(OfficeTable):
    """A case supervised by an office above, as a step of it. `id` is the step's, which has what was written."""

    __tablename__ = "case_supervisions"
    __table_args__ = (
        CheckConstraint(one_of("level", LEVELS), name="level"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "id"], ["case_steps.tenant_id", "case_steps.id"]),
        Index("ix_case_supervisions_case", "tenant_id", "case_id", "at"),
    )

    case_id: Mapped[uuid.UUID]
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bodies.id"))
    level: Mapped[str]
    # What the office took off then.
    points: Mapped[int]
    at: Mapped[datetime]
