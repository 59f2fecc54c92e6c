"""What is stored of working days and office hours?"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.calendars.rules import MINUTES_OF_DAY
from tenants.database import Table, TenantTable, new_id


class CalendarDay(Table):
    """A day on which the nation rests or makes up for it, the same for all tenants; any other follows the week."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("day"), Index("ix_calendar_days_day", "day", "id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    day: Mapped[date]
    is_working: Mapped[bool]
    name: Mapped[str]
    # Where it was announced.
    source: Mapped[str]


class WorkingCalendar(TenantTable):
    """A tenant's calendar as a whole; the version rises with every change of its own."""

    __tablename__ = "working_calendars"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    version: Mapped[int] = mapped_column(server_default=text("1"))


class TenantCalendarDay(TenantTable):
    """A day on which one tenant works or not, whatever the nation does: for example a typhoon's."""

    __tablename__ = "tenant_calendar_days"
    __table_args__ = (
        UniqueConstraint("tenant_id", "day"),
        Index("ix_tenant_calendar_days_day", "tenant_id", "day", "id"),
    )

    day: Mapped[date]
    is_working: Mapped[bool]
    name: Mapped[str]


class OfficeHours(TenantTable):
    """A span of time in which the office is open on working days; all that begin to hold on a day go together."""

    __tablename__ = "office_hours"
    __table_args__ = (
        CheckConstraint(f"opens >= 0 and opens < closes and closes <= {MINUTES_OF_DAY}", name="span"),
        UniqueConstraint("tenant_id", "valid_from", "opens"),
        Index("ix_office_hours_valid_from", "tenant_id", "valid_from", "opens", "id"),
    )

    valid_from: Mapped[date]
    # In minutes of the tenant's day.
    opens: Mapped[int]
    closes: Mapped[int]
