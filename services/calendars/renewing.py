"""How do the nation's holidays and make-up days get in? Shared by all tenants, so this is the owner's work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.calendars.errors import CalendarWouldShrink
from services.calendars.queries import YEAR, counts_by_year, days_of_years, last_known_year
from services.calendars.reading import SHIPPED, ListedDay, read_days
from services.calendars.tables import CalendarDay
from tenants.database import new_id
from tenants.tables import Tenant

SHIPPED_SOURCE = "国务院办公厅部分节假日安排通知（chinesecalendar 1.11.0）"
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtext("calendar_days")))


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What a file changed, and through which day the calendar is now known."""

    years: tuple[int, ...]
    added: int
    changed: int
    removed: int
    known_through: date


async def import_calendar(
    connection: AsyncConnection, *, days: Sequence[ListedDay], source: str, may_shrink: bool = False
) -> CalendarChange:
    """Take in the days of whole years: a day of one of them that is not listed goes by the week from now on.

    Raises, unless it may shrink a year, CalendarWouldShrink.
    """
    await connection.execute(_ONE_AT_A_TIME)
    listed = Counter(day.day.year for day in days)
    known = {row.year: row.days for row in await connection.execute(counts_by_year())}
    for year, count in sorted(listed.items()):
        if count < known.get(year, 0) and not may_shrink:
            raise CalendarWouldShrink(year=year, known_count=known[year], count=count)
    before = await _days_of(connection, listed)
    after = {day.day: (day.is_working, day.name) for day in days}
    if before != after:
        await connection.execute(delete(CalendarDay).where(YEAR.in_(list(listed))))
        await _add(connection, days, source)
    common = before.keys() & after.keys()
    return CalendarChange(
        years=tuple(sorted(listed)),
        added=len(after.keys() - before.keys()),
        changed=sum(before[day] != after[day] for day in common),
        removed=len(before.keys() - after.keys()),
        known_through=await find_known_through(connection) or date.min,
    )


async def add_shipped_days(connection: AsyncConnection) -> int:
    """Add the years that come with the program, but those of which anything is known; tell how many days."""
    await connection.execute(_ONE_AT_A_TIME)
    known = {row.year for row in await connection.execute(counts_by_year())}
    days = [day for day in read_days(SHIPPED.read_bytes()) if day.day.year not in known]
    if days:
        await _add(connection, days, SHIPPED_SOURCE)
    return len(days)


async def find_known_through(connection: AsyncConnection) -> date | None:
    """Find the last day of the last year whose holidays are known; after it, days go by the week."""
    year = await connection.scalar(last_known_year())
    return None if year is None else date(year, 12, 31)


async def _days_of(connection: AsyncConnection, years: Collection[int]) -> dict[date, tuple[bool, str]]:
    found = await connection.execute(days_of_years(years))
    return {row.day: (row.is_working, row.name) for row in found}


async def _add(connection: AsyncConnection, days: Sequence[ListedDay], source: str) -> None:
    rows = [{"id": new_id(), **day._asdict(), "source": source} for day in days]
    await connection.execute(insert(CalendarDay), rows)
    # Every process remembers calendars under this version, and asks anew under a newer one.
    await connection.execute(update(Tenant).values(grants_version=Tenant.grants_version + 1))
