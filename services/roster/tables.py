"""What is kept of every import of a roster: when, by whom, what it changed, what was wrong?"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.problems import Severity
from tenants.database import TenantTable
from tenants.tables import one_of

# CHECKED is a dry run; REFUSED had bad rows and changed nothing.
STATUSES = ("DONE", "CHECKED", "REFUSED")
OUTCOMES = ("created", "changed", "unchanged")


class RosterImport(TenantTable):
    """One import, or one that was only tried."""

    __tablename__ = "roster_imports"
    __table_args__ = (
        CheckConstraint(one_of("status", STATUSES), name="status"),
        Index("ix_roster_imports_at", "tenant_id", "at", "id"),
    )

    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    status: Mapped[str]
    rows_read: Mapped[int]
    bad_row_count: Mapped[int]
    # Of all problems, also those beyond the number that is kept.
    problem_count: Mapped[int]


def _of_import() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "import_id"], ["roster_imports.tenant_id", "roster_imports.id"])


class RosterCount(TenantTable):
    """How much of each kind an import created, changed or left unchanged: one row an outcome."""

    __tablename__ = "roster_counts"
    __table_args__ = (
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        _of_import(),
        UniqueConstraint("tenant_id", "import_id", "outcome"),
    )

    import_id: Mapped[uuid.UUID]
    outcome: Mapped[str]
    estates: Mapped[int]
    grids: Mapped[int]
    buildings: Mapped[int]
    units: Mapped[int]
    dwellings: Mapped[int]
    households: Mapped[int]
    people: Mapped[int]
    positions: Mapped[int]


class RosterProblem(TenantTable):
    """A problem of one cell of the file; its value is masked where it is personal."""

    __tablename__ = "roster_problems"
    __table_args__ = (
        CheckConstraint(one_of("severity", tuple(each.value for each in Severity)), name="severity"),
        _of_import(),
        Index("ix_roster_problems_import", "tenant_id", "import_id", "ordinal", "id"),
    )

    import_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]
    sheet: Mapped[str]
    row_number: Mapped[int]
    column_letter: Mapped[str]
    header: Mapped[str]
    code: Mapped[str]
    severity: Mapped[str]
    value: Mapped[str]
    message_zh: Mapped[str]
    message_en: Mapped[str]
