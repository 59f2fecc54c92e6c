"""Which calendar does a tenant work by? Looked up once, and remembered as long as nothing of it changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from services.calendars.queries import days_since, hours_of
from services.calendars.rules import Span, WorkCalendar
from tenants.work import TenantWork

# Deadlines are reckoned from about now on; what stood still for longer than that is not worth holding every year for.
_YEARS_BACK = 3


async def get_calendar(work: TenantWork) -> WorkCalendar:
    """Give the calendar of the tenant that the work is in: with the days of three years back, and all to come.

    Not for a transaction that changes it.
    """
    (calendar,) = await work.remember("calendar", lambda: _load(work))
    return calendar


async def _load(work: TenantWork) -> list[WorkCalendar]:
    since = date(work.today().year - _YEARS_BACK, 1, 1)
    # A tenant's own word on a day comes after the nation's.
    days = {row.day: row.is_working for row in await work.session.execute(days_since(work.tenant.id, since))}
    hours: dict[date, list[Span]] = defaultdict(list)
    for span in await work.session.scalars(hours_of(work.tenant.id)):
        hours[span.valid_from].append(Span(span.opens, span.closes))
    return [WorkCalendar.of(ZoneInfo(work.tenant.time_zone), days=days, hours=hours)]
