"""By when is a case due? By the calendar of the tenant that it lies in."""

from __future__ import annotations

from datetime import datetime

from services.calendars.loading import get_calendar
from tenants.work import TenantWork


async def due_of(work: TenantWork, start: datetime, *, amount: int | None, unit: str | None) -> datetime:
    """Tell by when handling is due that began then; a category without a limit leaves a day."""
    return (await get_calendar(work)).add(start, amount or 1, unit or "DAY")
