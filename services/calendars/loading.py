"""Which calendar does a tenant work by? Looked up once, and remembered as long as nothing of it changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from services.calendars.queries import days_since, spans_of
from services.calendars.rules import Span, WorkCalendar
from tenants.work import TenantWork

# Deadlines are reckoned from about now on; what stood still for longer than that is not worth holding every year for.
_YEARS_BACK = 3


async def get_calendar(work: TenantWork) -> WorkCalendar:
    """Give the calendar of the tenant that the work is in: with the days of three years back, and all to come.

    Not for a transaction that changes it.
    """
    (calendar,) = await work.remember("calendar", lambda: _of_work(work))
    return calendar


async def _of_work(work: TenantWork) -> list[WorkCalendar]:
    connection, tenant = await work.session.connection(), work.tenant
    return [await load_calendar(connection, tenant_id=tenant.id, time_zone=tenant.time_zone, today=work.today())]


async def load_calendar(connection: AsyncConnection, *, tenant_id: int, time_zone: str, today: date) -> WorkCalendar:
    """Read a tenant's calendar, with the days of three years back and all to come."""
    since = date(today.year - _YEARS_BACK, 1, 1)
    # A tenant's own word on a day comes after the nation's.
    days = {row.day: row.is_working for row in await connection.execute(days_since(tenant_id, since))}
    hours: dict[date, list[Span]] = defaultdict(list)
    for span in await connection.execute(spans_of(tenant_id)):
        hours[span.valid_from].append(Span(span.opens, span.closes))
    return WorkCalendar.of(ZoneInfo(time_zone), days=days, hours=hours)
