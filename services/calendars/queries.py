"""What is looked up of working days and office hours?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Integer, Select, cast, extract, func, select

from services.calendars.tables import CalendarDay, OfficeHours, TenantCalendarDay, WorkingCalendar

YEAR = cast(extract("year", CalendarDay.day), Integer)


def days_since(tenant_id: int, since: date) -> Select[date, bool]:
    """Select the days from one on that differ from the week, with the tenant's own word on each."""
    own = (TenantCalendarDay.tenant_id == tenant_id) & (TenantCalendarDay.day >= since)
    nations = select(CalendarDay.day, CalendarDay.is_working, cast(0, Integer).label("rank"))
    tenants = select(TenantCalendarDay.day, TenantCalendarDay.is_working, cast(1, Integer).label("rank")).where(own)
    both = nations.where(CalendarDay.day >= since).union_all(tenants).subquery("both")
    return select(both.c.day, both.c.is_working).order_by(both.c.rank)


def hours_of(tenant_id: int) -> Select[OfficeHours]:
    """Select a tenant's office hours."""
    return select(OfficeHours).where(OfficeHours.tenant_id == tenant_id)


def spans_of(tenant_id: int) -> Select[date, int, int]:
    """Select a tenant's office hours, each span with the day from which it holds."""
    return select(OfficeHours.valid_from, OfficeHours.opens, OfficeHours.closes).where(
        OfficeHours.tenant_id == tenant_id
    )


def calendar_of(tenant_id: int) -> Select[WorkingCalendar]:
    """Select a tenant's calendar as a whole."""
    return select(WorkingCalendar).where(WorkingCalendar.tenant_id == tenant_id)


def tenant_day_of(tenant_id: int, day: date) -> Select[TenantCalendarDay]:
    """Select what a tenant says of a day."""
    return select(TenantCalendarDay).where(TenantCalendarDay.tenant_id == tenant_id, TenantCalendarDay.day == day)


def counts_by_year() -> Select[int, int]:
    """Count the days of each year in which the nation differs from the week."""
    return select(YEAR.label("year"), func.count().label("days")).group_by(YEAR)


def days_of_years(years: Collection[int]) -> Select[CalendarDay]:
    """Select the days of some years in which the nation differs from the week."""
    return select(CalendarDay).where(YEAR.in_(years))


def last_known_year() -> Select[int | None]:
    """Select the last year whose days are known."""
    return select(func.max(YEAR))
